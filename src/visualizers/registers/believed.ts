/** The registers that a guest believes to have, beside those of the machine that go by the same names. */
import type { Belief } from '../../engine/belief.ts';
import { type CsrRow, csrPrivilege, csrRows, guestCsrs } from '../../engine/isa/csrs.ts';
import { abiNames, registerRole } from '../../engine/isa/registers.ts';
import type { HartState } from '../../engine/state.ts';
import { type CsrCell, groupOf, trapCsrs } from './csr-list.ts';
import type { Cell } from './model.ts';

/** A belief now, and at the stop before. */
export interface BeliefMoment {
  readonly belief: Belief;
  readonly old: Belief | undefined;
}

export interface BelievedCsr extends CsrCell {
  /** What the machine's register of that name holds, where that is something else. */
  readonly machine: bigint | undefined;
  /** Physical address at which its hypervisor keeps it. */
  readonly kept: bigint | undefined;
}

export function believedRegisters({ belief, old }: BeliefMoment): Cell[] {
  return abiNames.map((name, number) => {
    const value = belief.registers[number];
    const before = old?.registers[number] ?? value;
    const changed = before !== value && value !== undefined;
    return {
      name,
      number,
      known: value !== undefined,
      value: value ?? 0n,
      old: before ?? 0n,
      changed,
      role: registerRole(number),
    };
  });
}

const ownNames = new Map(guestCsrs);
const namesInGuest = new Map(guestCsrs.map(([asked, own]) => [own, asked]));
const nameInGuest = ({ name }: CsrRow, { kind }: Belief): string =>
  kind === 'virtual' ? (namesInGuest.get(name) ?? name) : name;

/** What a VS-mode guest can name without a trap: its own CSRs and the unprivileged ones. */
const belongsToGuest = ({ name, number }: CsrRow): boolean =>
  namesInGuest.has(name) ||
  (csrPrivilege(number) === 0 && !ownNames.has(name)) ||
  ['scounteren', 'senvcfg'].includes(name);

const isNothing = ({ storage }: CsrRow): boolean => storage.kind === 'constant' && storage.value === 0n;

function listed(belief: Belief): CsrRow[] {
  const rows = csrRows.filter((row) =>
    belief.kind === 'virtual' ? belongsToGuest(row) && !isNothing(row) : row.name in belief.csrs,
  );
  const rank = (row: CsrRow): number => {
    const at = trapCsrs.indexOf(nameInGuest(row, belief));
    return at < 0 ? trapCsrs.length : at;
  };
  return rows.sort((a, b) => rank(a) - rank(b));
}

/** `text`: part of a name or of a summary. */
export function believedCsrs(
  { belief, old }: BeliefMoment,
  hart: Pick<HartState, 'csrs'>,
  { text, changedOnly }: { readonly text: string; readonly changedOnly: boolean },
): BelievedCsr[] {
  const wanted = text.toLowerCase();
  return listed(belief)
    .map((row): BelievedCsr => {
      const shown = nameInGuest(row, belief);
      const value = belief.csrs[shown] ?? hart.csrs[row.name] ?? 0n;
      const before = old?.csrs[shown] ?? value;
      const machine = hart.csrs[shown];
      return {
        name: row.name,
        shown,
        group: groupOf(row),
        summary: row.summary,
        value,
        old: before,
        changed: before !== value,
        alias: shown === row.name ? '' : `it is ${row.name}`,
        traceable: belief.kept[shown] !== undefined || shown !== row.name,
        machine: machine === value ? undefined : machine,
        kept: belief.kept[shown],
      };
    })
    .filter(({ shown, summary }) => shown.includes(wanted) || summary.toLowerCase().includes(wanted))
    .filter(({ changed }) => changed || !changedOnly);
}

/** Why the integer registers are as they are shown. */
export function registersText({ runs, registers }: Belief): string {
  if (runs) return 'The guest’s integer registers are the machine’s: it runs on the hart itself.';
  const known = registers.filter((value) => value !== undefined).length - 1;
  if (known <= 0) return 'The registers are its hypervisor’s now; where those of the guest are kept is not told.';
  return `The registers are its hypervisor’s now; ${known === 31 ? 'those' : `${known}`} of the guest are shown as its hypervisor has saved them.`;
}

/** What a CSR of the guest's is. */
export const csrsText = ({ kind }: Belief): string =>
  kind === 'virtual'
    ? 'The hart has a second set for its guest: while V is 1, sepc means vsepc.'
    : 'In U-mode every access to these traps, and the hypervisor reads or writes its own copy.';
