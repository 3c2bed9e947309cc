/**
 * What a crossing changes in CSRs. All that a trap writes follows from the event; what it only moves (an interrupt enable
 * into its previous-enable) follows from the state before, where that is known. Privileged Spec §3.1.6, §18.6.2, §18.6.3.
 */
import { bitsMask, csrByName } from '../../engine/isa/csrs.ts';
import { M, S, U, virtualBit } from '../../engine/isa/privilege.ts';
import type { HartState } from '../../engine/state.ts';
import type { Crossing } from './crossings.ts';

export interface CsrChange {
  readonly csr: string;
  /** Empty: all of the CSR. */
  readonly field: string;
  /** Undefined where the state before is not known. */
  readonly before: bigint | undefined;
  readonly after: bigint | undefined;
  readonly because: string;
}

/** Before the state before is looked up: `after` may be another field of the same CSR, as it was. */
interface Rule {
  readonly csr: string;
  readonly field: string;
  readonly after: bigint | { readonly field: string };
  readonly because: string;
}

const rule = (csr: string, field: string, after: Rule['after'], because: string): Rule => ({
  csr,
  field,
  after,
  because,
});

export function changesOf(crossing: Crossing, before: HartState | undefined): CsrChange[] {
  const rules = crossing.kind === 'trap' ? rulesOfTrap(crossing) : rulesOfReturn(crossing);
  return rules.map(({ csr, field, after, because }) => ({
    csr,
    field,
    because,
    before: partOf(before, csr, field),
    after: typeof after === 'bigint' ? after : partOf(before, csr, after.field),
  }));
}

/** The prefix of the CSRs by which a mode handles traps: `m`, `s` or `vs`. */
const prefixOf = (mode: number): string => (mode === M ? 'm' : (mode & virtualBit) !== 0 ? 'vs' : 's');

const bit = (value: boolean): bigint => (value ? 1n : 0n);

function rulesOfTrap({ from, to, pc, cause, interrupt, tval, tval2 }: Crossing): Rule[] {
  const prefix = prefixOf(to);
  const [status, letter] = [`${prefix}status`, to === M ? 'M' : 'S'];
  const virtual = (from & virtualBit) !== 0;
  const previous = to === M ? BigInt(from & 3) : bit((from & 3) !== U);
  return [
    rule(`${prefix}epc`, '', pc, 'where it happened, and where the return will go'),
    rule(`${prefix}cause`, '', (bit(interrupt) << 63n) | BigInt(cause), 'why'),
    rule(`${prefix}tval`, '', tval, 'what it was about'),
    ...(to === M ? [rule('mtval2', '', tval2, 'guest physical address, shifted right by two')] : []),
    ...(to === S ? [rule('htval', '', tval2, 'guest physical address, shifted right by two')] : []),
    rule(status, `${letter}PP`, previous, 'the mode before'),
    ...(to === M ? [rule('mstatus', 'MPV', bit(virtual), 'V before')] : []),
    ...(to === S ? [rule('hstatus', 'SPV', bit(virtual), 'V before')] : []),
    ...(to === S && virtual ? [rule('hstatus', 'SPVP', bit((from & 3) === S), 'the guest’s mode before')] : []),
    rule(status, `${letter}PIE`, { field: `${letter}IE` }, `${letter}IE before`),
    rule(status, `${letter}IE`, 0n, 'the handler is not interrupted'),
  ];
}

function rulesOfReturn({ from }: Crossing): Rule[] {
  const status = `${prefixOf(from)}status`;
  const letter = from === M ? 'M' : 'S';
  return [
    rule(status, `${letter}IE`, { field: `${letter}PIE` }, `${letter}PIE comes back`),
    rule(status, `${letter}PIE`, 1n, 'always set by a return'),
    rule(status, `${letter}PP`, 0n, 'U, until the next trap'),
    ...(from === M ? [rule('mstatus', 'MPV', 0n, 'until the next trap')] : []),
    ...(from === S ? [rule('hstatus', 'SPV', 0n, 'until the next trap')] : []),
  ];
}

function partOf(state: HartState | undefined, csr: string, field: string): bigint | undefined {
  const whole = state?.csrs[csr];
  if (whole === undefined || field === '') return whole;
  const row = csrByName(csr)?.fields.find(({ name }) => name === field);
  return row === undefined ? undefined : (whole & bitsMask(row.high, row.low)) >> BigInt(row.low);
}
