/** What the rows of CSRs say, ready for use: by number, and in words of 32 bits. */
import {
  bitsMask,
  type CsrRow,
  csrByName,
  csrIsHypervisor,
  csrIsReadOnly,
  csrPrivilege,
  csrRows,
  guestCsrs,
  writeMask,
} from '../isa/csrs.ts';
import { csrAt } from './layout.ts';
import type { Pair } from './traps.ts';

const pairOf = (value: bigint): Pair => [Number(value & 0xffff_ffffn), Number((value >> 32n) & 0xffff_ffffn)];
export const csrNumber = (name: string): number => csrByName(name)?.number ?? -1;

const satp = csrNumber('satp');
const hgatp = csrNumber('hgatp');
const stimecmp = csrNumber('stimecmp');
const vstimecmp = csrNumber('vstimecmp');
const fcsr = csrNumber('fcsr');
const firstCounter = 0xc00;
const lastCounter = 0xc1f;

/** What beside the mode decides whether a CSR may be accessed. */
type Guard = 'none' | 'space' | 'supervisor-timer' | 'guest-timer' | 'counter' | 'floats';

function guardOf(number: number): Guard {
  if (number === satp || number === hgatp) return 'space';
  if (number === stimecmp) return 'supervisor-timer';
  if (number === vstimecmp) return 'guest-timer';
  if (number >= firstCounter && number <= lastCounter) return 'counter';
  return number <= fcsr ? 'floats' : 'none';
}

/** With V=1 these stand for the guest's own. §18.2. */
export const guestCounterparts: ReadonlyMap<number, number> = new Map(
  guestCsrs.map(([asked, own]) => [csrNumber(asked), csrNumber(own)]),
);

/** A field in place, and the values that it may have. */
export interface ListedField {
  readonly maskLow: number;
  readonly maskHigh: number;
  readonly legal: readonly Pair[];
}

export interface Csr {
  readonly name: string;
  /** Lowest mode that may access it. */
  readonly privilege: number;
  readonly hypervisor: boolean;
  readonly readOnly: boolean;
  readonly guard: Guard;
  /** Number of what a guest reaches in its place. */
  readonly inGuest: number;
  /** Writes change nothing, whoever makes them. */
  readonly constant: boolean;
  /** Byte offset of the word that holds it, or −1. */
  readonly offset: number;
  readonly readsLow: number;
  readonly readsHigh: number;
  readonly writesLow: number;
  readonly writesHigh: number;
  /** Its SD is computed. */
  readonly hasSummary: boolean;
  readonly listed: readonly ListedField[];
  /** A write with an illegal field is no write. */
  readonly whole: boolean;
  /** Of a constant. */
  readonly value: Pair;
}

function listedFields({ fields }: CsrRow): readonly ListedField[] {
  return fields.flatMap(({ legal, high, low }) => {
    if (typeof legal === 'string') return [];
    const [maskLow, maskHigh] = pairOf(bitsMask(high, low));
    return [{ maskLow, maskHigh, legal: legal.map((value) => pairOf(BigInt(value) << BigInt(low))) }];
  });
}

function compile(row: CsrRow): Csr {
  const { name, number, storage, whole } = row;
  const stored = storage.kind === 'own' ? name : storage.kind === 'view' ? storage.of : undefined;
  const [readsLow, readsHigh] = pairOf(storage.kind === 'view' ? storage.mask : -1n);
  const [writesLow, writesHigh] = pairOf(writeMask(row));
  return {
    name,
    privilege: csrPrivilege(number),
    hypervisor: csrIsHypervisor(number),
    readOnly: csrIsReadOnly(number),
    guard: guardOf(number),
    inGuest: guestCounterparts.get(number) ?? number,
    constant: storage.kind === 'constant',
    offset: stored === undefined ? -1 : csrAt(stored),
    readsLow,
    readsHigh,
    writesLow,
    writesHigh,
    hasSummary: row.fields.some((field) => field.name === 'SD'),
    listed: listedFields(row),
    whole,
    value: pairOf(storage.kind === 'constant' ? storage.value : 0n),
  };
}

/** What stands for each of the 4096 numbers. */
export function byCsrNumber<T, N>(entries: Iterable<readonly [number, T]>, none: N): readonly (T | N)[] {
  const table = new Array<T | N>(4096).fill(none);
  for (const [number, entry] of entries) table[number] = entry;
  return table;
}

export const csrTable = byCsrNumber(
  csrRows.map((row) => [row.number, compile(row)] as const),
  undefined,
);
