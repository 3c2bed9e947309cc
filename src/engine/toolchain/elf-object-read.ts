/** A relocatable ELF object → `ObjectFile`. The bytes may be anything: what is wrong is said, nothing is thrown. */
import { readHeader, readSections, readTable, type SectionTable, viewOf } from './elf-file.ts';
import {
  comdatFlag,
  compressedFlag,
  type Fields,
  fileTypes,
  floatAbis,
  relocationEntry,
  sectionFlags,
  sectionTypes,
} from './elf-format.ts';
import { maxAlignment, maxSize, type Reading, readSymbols } from './elf-object-symbols.ts';
import type { ObjectFile, ObjectSection, ObjectSymbol, Relocation, SectionGroup, SectionRole } from './object.ts';
import { relocationLength, relocationNames } from './relocations.ts';
import { settleAlignments } from './settle-alignments.ts';

export type ObjectResult =
  | { readonly ok: true; readonly object: ObjectFile }
  | { readonly ok: false; readonly message: string };

const roles: ReadonlyMap<bigint, SectionRole | undefined> = new Map([
  [sectionTypes.bytes, undefined],
  [sectionTypes.nobits, undefined],
  [sectionTypes.attributes, 'attributes'],
  [sectionTypes.note, 'note'],
  [sectionTypes.initArray, 'init_array'],
  [sectionTypes.finiArray, 'fini_array'],
  [sectionTypes.preinitArray, 'preinit_array'],
]);

/** `name` is the file's, or the member's in an archive. */
export function readObject(name: string, bytes: Uint8Array, archive?: string): ObjectResult {
  const object = read(name, bytes, archive);
  return typeof object === 'string' ? { ok: false, message: object } : { ok: true, object };
}

function read(name: string, bytes: Uint8Array, archive: string | undefined): ObjectFile | string {
  const header = readHeader(bytes);
  if (typeof header === 'string') return header;
  if (header.type !== fileTypes.relocatable) return 'this ELF file is not an object file';
  const table = readSections(bytes, header);
  if (typeof table === 'string') return table;
  const reading: Reading = { bytes, table, kept: keptSections(table) };
  const symbols = readSymbols(reading);
  if (typeof symbols === 'string') return symbols;
  const sections = readAllSections(reading, symbols.length);
  if (typeof sections === 'string') return sections;
  const floatAbi = floatAbis[Number((header.flags >> 1n) & 3n)] ?? 'soft';
  return settleAlignments({
    name,
    ...(archive !== undefined && { archive }),
    sections,
    symbols,
    groups: readGroups(reading, symbols),
    compressed: (header.flags & compressedFlag) !== 0n,
    floatAbi,
  });
}

/** Tables for the linker are not kept, nor what the assembler marked as of no use to it. */
function keptSections(table: SectionTable): ReadonlyMap<number, number> {
  const kept = new Map<number, number>();
  table.headers.forEach((section, index) => {
    const other = !roles.has(section.type) || (section.flags & sectionFlags.exclude) !== 0n;
    const mark = /^\.note\.GNU-stack$/.test(table.names[index] ?? '');
    if (index > 0 && !other && !mark) kept.set(index, kept.size);
  });
  return kept;
}

function readAllSections({ bytes, table, kept }: Reading, symbolCount: number): ObjectSection[] | string {
  const relocations = relocationTables(table);
  const sections: ObjectSection[] = [];
  for (const index of kept.keys()) {
    const section = readSection(table, index);
    if (typeof section === 'string') return section;
    const found = readRelocations(bytes, table, relocations.get(index) ?? [], section, symbolCount);
    if (typeof found === 'string') return found;
    sections.push({ ...section, relocations: found });
  }
  return sections;
}

function readSection(table: SectionTable, index: number): ObjectSection | string {
  const header = table.headers[index];
  const content = table.bytesOf(index);
  const name = table.names[index] ?? '';
  if (header === undefined || content === undefined) return `section \`${name}\` does not lie within the file`;
  const { flags, size, alignment } = header;
  if ((flags & sectionFlags.compressed) !== 0n) return `section \`${name}\` is compressed: link without -gz`;
  if (size > maxSize) return `section \`${name}\` takes more than 2 GiB`;
  if (alignment > maxAlignment || (alignment & (alignment - 1n)) !== 0n) {
    return `section \`${name}\` has an alignment of ${alignment}; it takes a power of two up to 16 MiB`;
  }
  const role = roles.get(header.type);
  return {
    name,
    flags: {
      alloc: (flags & sectionFlags.alloc) !== 0n,
      write: (flags & sectionFlags.write) !== 0n,
      execute: (flags & sectionFlags.execute) !== 0n,
      nobits: header.type === sectionTypes.nobits,
      ...((flags & sectionFlags.thread) !== 0n && { thread: true }),
    },
    ...(role !== undefined && { role }),
    alignment: Math.max(Number(alignment), 1),
    size: Number(size),
    bytes: content,
    relocations: [],
    lines: [],
  };
}

/** Indexes of the relocation sections, by the section that they are about. */
function relocationTables(table: SectionTable): ReadonlyMap<number, readonly number[]> {
  const tables = new Map<number, number[]>();
  table.headers.forEach(({ type, info }, index) => {
    if (type !== sectionTypes.relocations) return;
    const target = Number(info);
    tables.set(target, [...(tables.get(target) ?? []), index]);
  });
  return tables;
}

function readRelocations(
  bytes: Uint8Array,
  table: SectionTable,
  indexes: readonly number[],
  section: ObjectSection,
  symbolCount: number,
): Relocation[] | string {
  const relocations: Relocation[] = [];
  for (const index of indexes) {
    const header = table.headers[index];
    if (header === undefined) continue;
    const entrySize = Number(header.entrySize);
    const count = entrySize === 0 ? 0 : Math.floor(Number(header.size) / entrySize);
    const records = readTable(viewOf(bytes), header.offset, count, entrySize, relocationEntry);
    if (records === undefined) return `the relocations of section \`${section.name}\` do not lie within the file`;
    for (const record of records) {
      const relocation = toRelocation(record, section, symbolCount);
      if (typeof relocation === 'string') return relocation;
      relocations.push(relocation);
    }
  }
  return relocations.sort((a, b) => a.offset - b.offset);
}

function toRelocation(
  { offset, type, symbol, addend }: Fields<typeof relocationEntry>,
  section: ObjectSection,
  symbolCount: number,
): Relocation | string {
  const where = `the relocation at 0x${offset.toString(16)} of section \`${section.name}\``;
  const name = relocationNames.get(Number(type));
  if (name === undefined) return `${where} has type ${type}, which this linker does not know`;
  if (section.flags.nobits || offset + BigInt(relocationLength(name)) > BigInt(section.bytes.length)) {
    return `${where} lies outside of the section`;
  }
  if (symbol >= BigInt(symbolCount) && symbol > 0n) return `${where} names symbol ${symbol}, which there is not`;
  return {
    offset: Number(offset),
    type: name,
    symbol: symbol === 0n ? undefined : Number(symbol),
    addend: BigInt.asIntN(64, addend),
  };
}

function readGroups({ table, kept }: Reading, symbols: readonly ObjectSymbol[]): SectionGroup[] {
  const groups: SectionGroup[] = [];
  table.headers.forEach(({ type, info }, index) => {
    const content = type === sectionTypes.group ? table.bytesOf(index) : undefined;
    const signature = symbols[Number(info)]?.name;
    if (content === undefined || content.length < 4 || signature === undefined) return;
    const view = viewOf(content);
    if ((view.getUint32(0, true) & comdatFlag) === 0) return;
    const members = Array.from({ length: (content.length >> 2) - 1 }, (_, at) => view.getUint32(4 * at + 4, true));
    groups.push({ signature, sections: members.flatMap((member) => kept.get(member) ?? []) });
  });
  return groups;
}
