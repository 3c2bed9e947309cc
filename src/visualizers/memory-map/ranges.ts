/** Mapped ranges, looked up and put behind each other. */
import type { GuestMemory } from '../../engine/belief.ts';
import type { MappedRange, Mappings } from '../../engine/inspection.ts';
import { U } from '../../engine/isa/privilege.ts';
import { bit, sizeText } from '../page-table/entry.ts';

export interface Found {
  readonly to: bigint;
  /** V R W X U G of the leaf. */
  readonly flags: number;
}

/** Undefined where nothing is mapped. */
export function find({ ranges }: Pick<Mappings, 'ranges'>, address: bigint): Found | undefined {
  const range = ranges.find(({ from, bytes }) => from <= address && address < from + bytes);
  return range === undefined ? undefined : { to: range.to + (address - range.from), flags: range.flags };
}

/** A part of a guest's mapping, with where its host puts it; undefined where the host maps nothing. */
export interface TwoStageRange extends MappedRange {
  readonly physical: bigint | undefined;
  readonly hostFlags: number;
}

/** Cuts a guest's ranges where its host's mapping changes. */
export function throughHost(own: readonly MappedRange[], host: readonly MappedRange[]): TwoStageRange[] {
  const sorted = [...host].sort((a, b) => (a.from < b.from ? -1 : 1));
  return own.flatMap((range) => cut(range, sorted));
}

function cut(range: MappedRange, host: readonly MappedRange[]): TwoStageRange[] {
  const parts: TwoStageRange[] = [];
  const end = range.to + range.bytes;
  let at = range.to;
  const part = (upTo: bigint, physical: bigint | undefined, hostFlags: number): void => {
    if (upTo <= at) return;
    parts.push({ ...range, from: range.from + (at - range.to), to: at, bytes: upTo - at, physical, hostFlags });
    at = upTo;
  };
  for (const { from, to, bytes, flags } of host) {
    if (from + bytes <= at || from >= end) continue;
    part(from, undefined, 0);
    const upTo = from + bytes < end ? from + bytes : end;
    part(upTo, to + (at - from), flags);
  }
  part(end, undefined, 0);
  return parts;
}

const everything = bit.V | bit.R | bit.W | bit.X | bit.U;

/** Where a deprivileged guest's memory lies, as if tables mapped it. */
export const memoryRanges = (memory: readonly GuestMemory[]): MappedRange[] =>
  memory.map(({ guest: from, physical: to, bytes }) => ({ from, to, bytes, flags: everything, levels: 0 }));

/** The same memory while nothing is translated: whatever mode the guest believes to be in may use all of it. */
export const untranslated = (memory: readonly MappedRange[], mode: number | undefined): MappedRange[] =>
  memory.map((range) => ({ ...range, to: range.from, flags: mode === U ? everything : everything & ~bit.U }));

const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** How much of a range other tables map from the same addresses to the same memory. */
export function coveredBytes(range: TwoStageRange, { ranges }: Pick<Mappings, 'ranges'>): bigint {
  const { from, bytes, physical } = range;
  return ranges.reduce((sum, other) => {
    if (physical === undefined || other.to - other.from !== physical - from) return sum;
    const common = smaller(from + bytes, other.from + other.bytes) - larger(from, other.from);
    return common > 0n ? sum + common : sum;
  }, 0n);
}

/** How much of it a guest's shadow tables have, in words. */
export function shadowText(range: TwoStageRange, shadow: Pick<Mappings, 'ranges'>): string {
  const there = coveredBytes(range, shadow);
  if (there === 0n) return range.physical === undefined ? 'never' : 'nothing';
  return there === range.bytes ? 'all' : `${sizeText(there)} of it`;
}

export const mayWrite = ({ flags }: Pick<MappedRange, 'flags'>): boolean => (flags & bit.W) !== 0;

/** `R W X`, with a dot for what is not permitted. */
export const permissionLetters = (flags: number): string =>
  (['R', 'W', 'X'] as const).map((letter) => (flags & bit[letter] ? letter : '·')).join('');
