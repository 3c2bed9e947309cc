/** The ledger: traps by cause and by who trapped into whom, with the time that their handling took. Exact for every run. */
import { exceptionCode } from '../../engine/isa/causes.ts';
import { virtualBit } from '../../engine/isa/privilege.ts';

/** Kinds of traps that pictures tell apart, in the order in which a density counts them. */
export const trapClasses = ['exception', 'interrupt', 'hypercall'] as const;
export type TrapClass = (typeof trapClasses)[number];

export interface LedgerRow {
  /** Its place in the order of appearance. */
  readonly index: number;
  readonly cause: number;
  readonly interrupt: boolean;
  readonly from: number;
  readonly to: number;
  /** Number of the virtual machine, where one of the modes is a guest's. */
  readonly guest: number | undefined;
  readonly count: number;
  /** In the handlers' own mode, without what they returned to or were interrupted by. */
  readonly steps: number;
  readonly cycles: number;
  readonly first: number;
  readonly last: number;
}

type Row = { -readonly [K in keyof LedgerRow]: LedgerRow[K] };

export interface Ledger {
  /** Counted in place. */
  readonly rows: readonly LedgerRow[];
  readonly byKey: ReadonlyMap<number, number>;
}

export const emptyLedger = (): Ledger => ({ rows: [], byKey: new Map() });

/** Counts a trap; gives its row's index. `key`: a number that tells rows apart; `fresh` describes one that is new. */
export function countTrap(ledger: Ledger, key: number, position: number, fresh: () => NewRow): number {
  const known = ledger.byKey.get(key);
  const row = ledger.rows[known ?? -1] as Row | undefined;
  if (row !== undefined) {
    row.count++;
    row.last = position;
    return row.index;
  }
  const index = ledger.rows.length;
  (ledger.byKey as Map<number, number>).set(key, index);
  (ledger.rows as LedgerRow[]).push({
    ...fresh(),
    index,
    count: 1,
    steps: 0,
    cycles: 0,
    first: position,
    last: position,
  });
  return index;
}

type NewRow = Pick<LedgerRow, 'cause' | 'interrupt' | 'from' | 'to' | 'guest'>;

export function charge({ rows }: Ledger, index: number, steps: number, cycles: number): void {
  const row = rows[index] as Row | undefined;
  if (row === undefined) return;
  row.steps += steps;
  row.cycles += cycles;
}

/** As it stands now, the most frequent first: copies, as the rows go on counting. */
export const ledgerRows = ({ rows }: Ledger): LedgerRow[] =>
  rows.map((row) => ({ ...row })).sort((a, b) => b.count - a.count || a.first - b.first);

const environmentCalls = [exceptionCode('ecall-u'), exceptionCode('ecall-vs')];

type Classified = Pick<LedgerRow, 'cause' | 'interrupt' | 'from' | 'to'> & { readonly innerCall?: boolean };

/** A hypercall is an environment call by which a guest leaves itself. */
export function classOf(trap: Classified): TrapClass {
  if (trap.interrupt) return 'interrupt';
  if (trap.innerCall) return 'exception';
  const leaves = (trap.from & virtualBit) !== 0 && (trap.to & virtualBit) === 0;
  return leaves && environmentCalls.includes(trap.cause) ? 'hypercall' : 'exception';
}
