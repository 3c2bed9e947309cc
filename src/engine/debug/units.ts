/** Compilation units: their headers, and where each keeps its tables. Nothing below the first entry is read here. */
import { attributes, unitTypes } from '../dwarf.ts';
import { type Abbreviation, readAbbreviations } from './abbreviations.ts';
import { type Entry, readEntry } from './entries.ts';
import { Reader, type Sections, sectionOf } from './reader.ts';

export interface Unit {
  readonly sections: Sections;
  /** Of the header, in `.debug_info`. */
  readonly offset: number;
  readonly end: number;
  readonly version: number;
  readonly addressSize: number;
  /** Of the first entry. */
  readonly first: number;
  readonly abbreviations: ReadonlyMap<number, Abbreviation>;
  /** Of the unit's parts of other sections. */
  readonly stringOffsets: number;
  readonly addresses: number;
  readonly rangeLists: number;
  readonly locationLists: number;
}

interface Header {
  readonly offset: number;
  readonly end: number;
  readonly version: number;
  readonly type: number;
  readonly addressSize: number;
  readonly abbreviations: number;
  readonly first: number;
}

/** Undefined for 64-bit DWARF and for versions that are not known. */
function readHeader(info: Uint8Array, offset: number): Header | undefined {
  const reader = new Reader(info, offset);
  const length = reader.u32();
  const end = reader.at + length;
  if (length === 0 || length >= 0xfffffff0 || end > info.length) return undefined;
  const version = reader.u16();
  if (version < 2 || version > 5)
    return { offset, end, version: 0, type: 0, addressSize: 8, abbreviations: 0, first: end };
  const type = version === 5 ? reader.u8() : unitTypes.compile;
  const [a, b] = version === 5 ? [reader.u8(), reader.u32()] : [reader.u32(), reader.u8()];
  const [addressSize, abbreviations] = version === 5 ? [a, b] : [b, a];
  return { offset, end, version, type, addressSize, abbreviations, first: reader.at };
}

/** Where the bases are that the first entry does not give. */
const noBases = { stringOffsets: 8, addresses: 8, rangeLists: 12, locationLists: 12 } as const;

function withBases(unit: Unit): Unit {
  const entry = readEntry(unit, unit.first);
  const base = (name: number, otherwise: number): number => Number(entry?.attributes.get(name)?.number ?? otherwise);
  return {
    ...unit,
    stringOffsets: base(attributes.stringOffsetsBase, noBases.stringOffsets),
    addresses: base(attributes.addressBase, noBases.addresses),
    rangeLists: base(attributes.rangeListsBase, noBases.rangeLists),
    locationLists: base(attributes.locationListsBase, noBases.locationLists),
  };
}

/** In the order of the file. */
export function readUnits(sections: Sections): Unit[] {
  const info = sectionOf(sections, '.debug_info');
  const tables = new Map<number, ReadonlyMap<number, Abbreviation>>();
  const units: Unit[] = [];
  for (let offset = 0; offset < info.length; ) {
    const header = readHeader(info, offset);
    if (header === undefined) break;
    offset = header.end;
    if (header.version === 0 || header.type !== unitTypes.compile) continue;
    const known = tables.get(header.abbreviations);
    const abbreviations = known ?? readAbbreviations(sectionOf(sections, '.debug_abbrev'), header.abbreviations);
    tables.set(header.abbreviations, abbreviations);
    units.push(withBases({ ...header, ...noBases, sections, abbreviations }));
  }
  return units;
}

export const rootOf = (unit: Unit): Entry | undefined => readEntry(unit, unit.first);
