/** Who takes a trap, and by which bit of which CSR. Privileged Spec §3.1.8, §18.2.2. */
import { csrByName } from '../../engine/isa/csrs.ts';
import { M, S, virtualBit } from '../../engine/isa/privilege.ts';

export interface Delegated {
  readonly cause: number;
  readonly interrupt: boolean;
  readonly from: number;
  readonly to: number;
}

/** Why a trap came to the mode that took it; the bits follow from who that was. */
export function delegationOf({ cause, interrupt, from, to }: Delegated): string {
  const virtual = (from & virtualBit) !== 0;
  // A guest is shown its interrupts one below the number by which they are delegated.
  const bit = interrupt && (to & virtualBit) !== 0 ? cause + 1 : cause;
  const [machines, hypervisors] = interrupt ? ['mideleg', 'hideleg'] : ['medeleg', 'hedeleg'];
  if (from === M) return 'what happens in M-mode stays there';
  if (to === M) return `${machines} bit ${bit} is ${clearText(machines, bit)}, so that it is not delegated`;
  if (!virtual) return `${machines} bit ${bit} delegates it`;
  if (to === S)
    return `${machines} bit ${bit} delegates it, and ${hypervisors} bit ${bit} is ${clearText(hypervisors, bit)}`;
  return `${machines} and ${hypervisors} bit ${bit} delegate it to the guest`;
}

function clearText(csr: string, bit: number): string {
  const fields = csrByName(csr)?.fields ?? [];
  return fields.some(({ high, low, legal }) => low <= bit && bit <= high && legal !== 'fixed')
    ? 'clear'
    : 'always clear';
}
