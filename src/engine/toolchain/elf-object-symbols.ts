/** The symbols of a relocatable ELF object. */
import { readSymbolTable, type SectionTable, type SymbolFields, stringAt, viewOf } from './elf-file.ts';
import {
  absoluteSection,
  bindings,
  commonSection,
  reservedSections,
  sectionTypes,
  symbolTypes,
  visibilities,
} from './elf-format.ts';
import type { ObjectSymbol, Place, Visibility } from './object.ts';

export interface Reading {
  readonly bytes: Uint8Array;
  readonly table: SectionTable;
  /** Index in the object of each section of the file that is kept. */
  readonly kept: ReadonlyMap<number, number>;
}

/** The largest RAM that a machine may have bounds what a section or a common symbol may ask for. */
export const maxSize = 2n ** 31n;
export const maxAlignment = 2n ** 24n;

const symbolKinds: ReadonlyMap<bigint, ObjectSymbol['kind']> = new Map([
  [symbolTypes.function, 'function'],
  [symbolTypes.object, 'object'],
  [symbolTypes.common, 'object'],
  [symbolTypes.thread, 'thread'],
]);

/** A symbol of the file, with what its index in the section table and its name stand for. */
interface Entry {
  readonly fields: SymbolFields;
  readonly sectionIndex: number;
  readonly text: string;
}

/** Every symbol keeps its index: relocations name it. */
export function readSymbols({ bytes, table, kept }: Reading): ObjectSymbol[] | string {
  const index = table.headers.findIndex(({ type }) => type === sectionTypes.symbols);
  if (index < 0) return [];
  const found = readSymbolTable(bytes, table, index);
  if (typeof found === 'string') return found;
  const far = table.headers.findIndex((each) => each.type === sectionTypes.sectionIndexes);
  const indexes = table.bytesOf(far);
  const symbols: ObjectSymbol[] = [];
  for (const [number, fields] of found.records.entries()) {
    const { section, info, name } = fields;
    const sectionIndex = section === 0xffffn ? farIndex(indexes, number) : Number(section);
    const ofSection = (info & 0xfn) === symbolTypes.section;
    const text = ofSection ? (table.names[sectionIndex] ?? '') : stringAt(found.strings, Number(name));
    const symbol = toSymbol({ fields, sectionIndex, text }, kept);
    if (typeof symbol === 'string') return `symbol \`${text}\` ${symbol}`;
    symbols.push(symbol);
  }
  return symbols;
}

/** The symbol, or what is wrong with it. */
function toSymbol({ fields, sectionIndex, text }: Entry, kept: Reading['kept']): ObjectSymbol | string {
  const { info, other, section, value, size } = fields;
  const type = info & 0xfn;
  if (type === symbolTypes.indirectFunction) return 'is an indirect function, which this linker does not know';
  const place = placeOf(section, sectionIndex, value, size, kept);
  if (typeof place === 'string') return place;
  const binding = info >> 4n;
  const left = binding === bindings.local && place.kind === 'undefined';
  const visibility = visibilityOf(other & 3n);
  return {
    name: text,
    binding: binding === bindings.local ? 'local' : binding === bindings.weak ? 'weak' : 'global',
    kind: symbolKinds.get(type) ?? 'label',
    ...(visibility !== 'default' && { visibility }),
    // What a local symbol stands for in a section that is not kept, nobody else defines.
    place: left ? { kind: 'absolute', value: 0n } : place,
    size: Number(size > maxSize ? 0n : size),
    hidden: left || type === symbolTypes.section || type === symbolTypes.file || /^(\$[xd]|\.L|$)/.test(text),
  };
}

const visibilityOf = (other: bigint): Visibility =>
  other === visibilities.default ? 'default' : other === visibilities.protected ? 'protected' : 'hidden';

const farIndex = (indexes: Uint8Array | undefined, symbol: number): number =>
  indexes !== undefined && indexes.length >= 4 * symbol + 4 ? viewOf(indexes).getUint32(4 * symbol, true) : 0;

function placeOf(
  section: bigint,
  index: number,
  value: bigint,
  size: bigint,
  kept: ReadonlyMap<number, number>,
): Place | string {
  if (section === 0n) return { kind: 'undefined' };
  if (section === absoluteSection) return { kind: 'absolute', value };
  if (section === commonSection) {
    if (size > maxSize || value > maxAlignment || value === 0n || (value & (value - 1n)) !== 0n) {
      return `asks for ${size} bytes with an alignment of ${value}`;
    }
    return { kind: 'common', size: Number(size), alignment: Number(value) };
  }
  if (section >= reservedSections && section !== 0xffffn) return `lies in section 0x${section.toString(16)}`;
  const known = kept.get(index);
  if (known === undefined) return { kind: 'undefined' };
  if (value > maxSize) return 'lies outside of its section';
  return { kind: 'section', section: known, offset: Number(value) };
}
