/**
 * CSRs that are nothing but words, so that translated code reads and writes them in place: whether the mode may access
 * them follows from their number, every bit is kept or fixed, and nothing else changes with them.
 */
import {
  type CsrRow,
  csrByName,
  csrIsHypervisor,
  csrIsReadOnly,
  csrPrivilege,
  csrRows,
  writeMask,
} from '../../isa/csrs.ts';
import { M, U, virtualBit } from '../../isa/privilege.ts';
import { guestCounterparts } from '../csr-table.ts';
import { csrAt } from '../layout.ts';

export interface PlainCsr {
  /** Of the word, in the hart's state. */
  readonly offset: number;
  /** Bits that are read, and bits that a write may change. */
  readonly reads: bigint;
  readonly writes: bigint;
}

/** Judged anew at every access: the walls of TVM and VTVM, and the unit that may be off. */
const guarded = new Set(['satp', 'hgatp', 'vsatp', 'fcsr', 'fflags', 'frm'].map((name) => csrByName(name)?.number));

function isPlain({ number, storage, effects, fields, whole }: CsrRow): boolean {
  if (effects || whole || guarded.has(number) || csrIsReadOnly(number)) return false;
  return storage.kind === 'own' && fields.every(({ legal }) => legal === 'any' || legal === 'fixed');
}

const plainRows: ReadonlyMap<number, PlainCsr> = new Map(
  csrRows
    .filter(isPlain)
    .map((row) => [row.number, { offset: csrAt(row.name), reads: -1n, writes: writeMask(row) } as const]),
);

/** `mode`: V included, and more. Undefined where the machine has to judge, or to do more. */
export function plainCsr(asked: number, mode: number): PlainCsr | undefined {
  const virtual = (mode & virtualBit) !== 0;
  const nominal = mode & 3;
  if (nominal === U || (nominal !== M && nominal < csrPrivilege(asked))) return undefined;
  if (virtual && csrIsHypervisor(asked)) return undefined;
  return plainRows.get(virtual ? (guestCounterparts.get(asked) ?? asked) : asked);
}
