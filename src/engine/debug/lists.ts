/** Lists of ranges and of locations, of DWARF 2 to 5: §2.17.3 and §2.6.2. */
import { attributes, forms, locationKinds, rangeKinds } from '../dwarf.ts';
import { type Entry, indexedAddress } from './entries.ts';
import { Reader, sectionOf } from './reader.ts';
import { rootOf, type Unit } from './units.ts';

export interface Range {
  readonly from: bigint;
  /** Behind the last byte. */
  readonly to: bigint;
}

const baseOf = (unit: Unit): bigint => rootOf(unit)?.attributes.get(attributes.lowPc)?.number ?? 0n;

/** One item of a list of DWARF 5; undefined where it only says something for later ones. */
function item(unit: Unit, reader: Reader, kind: number, base: { at: bigint }): Range | undefined {
  const address = (): bigint => indexedAddress(unit, reader.small());
  switch (kind) {
    case 1:
      base.at = address();
      return undefined;
    case 2:
      return { from: address(), to: address() };
    case 3: {
      const from = address();
      return { from, to: from + reader.leb() };
    }
    default: {
      const from = base.at + reader.leb();
      return { from, to: base.at + reader.leb() };
    }
  }
}

/** Behind these kinds, ranges and locations have numbers of their own. */
function fixedItem(reader: Reader, kind: 'base' | 'startEnd' | 'startLength', base: { at: bigint }): Range | undefined {
  const from = reader.u64();
  if (kind === 'base') {
    base.at = from;
    return undefined;
  }
  return { from, to: kind === 'startEnd' ? reader.u64() : from + reader.leb() };
}

function kindOf(
  kinds: typeof rangeKinds | typeof locationKinds,
  kind: number,
): 'base' | 'startEnd' | 'startLength' | undefined {
  if (kind === kinds.base) return 'base';
  if (kind === kinds.startEnd) return 'startEnd';
  return kind === kinds.startLength ? 'startLength' : undefined;
}

function newRanges(unit: Unit, offset: number): Range[] {
  const reader = new Reader(sectionOf(unit.sections, '.debug_rnglists'), offset);
  const base = { at: baseOf(unit) };
  const ranges: Range[] = [];
  while (!reader.done) {
    const kind = reader.u8();
    if (kind === rangeKinds.end) break;
    const fixed = kindOf(rangeKinds, kind);
    const found = fixed === undefined ? item(unit, reader, kind, base) : fixedItem(reader, fixed, base);
    if (found !== undefined) ranges.push(found);
  }
  return ranges;
}

const allOnes = 0xffff_ffff_ffff_ffffn;

/** Pairs until both are zero; the largest address in front sets the base. */
function* oldPairs(unit: Unit, reader: Reader): Generator<Range> {
  let base = baseOf(unit);
  while (!reader.done) {
    const from = reader.u64();
    const to = reader.u64();
    if (from === 0n && to === 0n) return;
    if (from === allOnes) base = to;
    else yield { from: base + from, to: base + to };
  }
}

/** Offset of a list: given as such, or by its number in the table of the unit's lists. */
function listOffset(unit: Unit, section: string, base: number, form: number, number: bigint): number {
  if (form !== forms.listIndex && form !== forms.rangeIndex) return Number(number);
  return base + new Reader(sectionOf(unit.sections, section), base + 4 * Number(number)).u32();
}

/** Code of an entry. What was removed by the linker begins at zero, and is no code. */
export function rangesOf({ unit, attributes: list }: Entry): Range[] {
  const ranges = list.get(attributes.ranges);
  const low = list.get(attributes.lowPc)?.number;
  const high = list.get(attributes.highPc);
  if (ranges === undefined) {
    if (low === undefined || high === undefined) return [];
    const isAddress =
      high.form === forms.address || high.form >= forms.addressIndex1 || high.form === forms.addressIndex;
    return [{ from: low, to: isAddress ? high.number : low + high.number }].filter(isCode);
  }
  if (unit.version < 5) {
    return [...oldPairs(unit, new Reader(sectionOf(unit.sections, '.debug_ranges'), Number(ranges.number)))].filter(
      isCode,
    );
  }
  const { form, number } = ranges;
  return newRanges(unit, listOffset(unit, '.debug_rnglists', unit.rangeLists, form, number)).filter(isCode);
}

const isCode = ({ from, to }: Range): boolean => from > 0n && to > from;

export const contains = (ranges: readonly Range[], pc: bigint): boolean =>
  ranges.some(({ from, to }) => pc >= from && pc < to);

/** The expression that holds at `pc`; undefined if there is none. */
export function locationAt(unit: Unit, form: number, number: bigint, pc: bigint): Uint8Array | undefined {
  if (unit.version < 5) return oldLocation(unit, Number(number), pc);
  const offset = listOffset(unit, '.debug_loclists', unit.locationLists, form, number);
  const reader = new Reader(sectionOf(unit.sections, '.debug_loclists'), offset);
  const base = { at: baseOf(unit) };
  let otherwise: Uint8Array | undefined;
  while (!reader.done) {
    const kind = reader.u8();
    if (kind === locationKinds.end) break;
    if (kind === locationKinds.otherwise) {
      otherwise = reader.block(reader.small());
      continue;
    }
    const fixed = kindOf(locationKinds, kind);
    const range = fixed === undefined ? item(unit, reader, kind, base) : fixedItem(reader, fixed, base);
    if (range === undefined) continue;
    const expression = reader.block(reader.small());
    if (pc >= range.from && pc < range.to) return expression;
  }
  return otherwise;
}

function oldLocation(unit: Unit, offset: number, pc: bigint): Uint8Array | undefined {
  const reader = new Reader(sectionOf(unit.sections, '.debug_loc'), offset);
  for (const { from, to } of oldPairs(unit, reader)) {
    const expression = reader.block(reader.u16());
    if (pc >= from && pc < to) return expression;
  }
  return undefined;
}
