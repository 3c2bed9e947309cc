/** An ELF file from its parts: sections with their bytes, program headers, symbols. What refers to what is by position. */
import {
  type Fields,
  fileHeader,
  identification,
  programHeader,
  riscv,
  sectionHeader,
  sectionTypes,
  sizeOf,
  symbolEntry,
  writeRecord,
} from './elf-format.ts';
import { createStrings } from './string-table.ts';

export interface SectionPart {
  readonly name: string;
  readonly type: bigint;
  readonly flags: bigint;
  readonly address: bigint;
  /** In the file. */
  readonly offset: number;
  /** More than its bytes for a section of zeros. */
  readonly size: number;
  readonly bytes: Uint8Array;
  /** Indexes of sections, from 1. */
  readonly link: number;
  readonly info: number;
  readonly alignment: number;
  readonly entrySize: number;
}

export type SymbolRecord = Fields<typeof symbolEntry>;
export type ProgramRecord = Fields<typeof programHeader>;

export interface FileParts {
  readonly type: bigint;
  readonly flags: bigint;
  readonly entry: bigint;
  readonly programs: readonly ProgramRecord[];
  readonly sections: readonly SectionPart[];
  readonly symbols: SymbolRecords;
}

export interface SymbolRecords {
  /** Local ones first. */
  readonly records: readonly SymbolRecord[];
  readonly locals: number;
  readonly strings: Uint8Array;
}

export const headerSize = identification.length + sizeOf(fileHeader);
export const alignUp = (value: number, step: number): number =>
  Math.ceil(value / Math.max(step, 1)) * Math.max(step, 1);

/** Where program headers end. */
export const headersEnd = (programs: number): number => headerSize + programs * sizeOf(programHeader);

const plain = { flags: 0n, address: 0n, link: 0, info: 0, alignment: 1, entrySize: 0 };

const endOf = (sections: readonly SectionPart[], start: number): number =>
  sections.reduce((most, { offset, bytes }) => Math.max(most, offset + bytes.length), start);

function symbolSections({ symbols, sections, programs }: FileParts): SectionPart[] {
  const size = symbols.records.length * sizeOf(symbolEntry);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  for (const [index, record] of symbols.records.entries()) {
    writeRecord(view, index * sizeOf(symbolEntry), symbolEntry, record);
  }
  const offset = alignUp(endOf(sections, headersEnd(programs.length)), 8);
  const strings = { ...plain, name: '.strtab', type: sectionTypes.strings, offset: offset + size };
  const table = {
    ...plain,
    name: '.symtab',
    type: sectionTypes.symbols,
    link: sections.length + 2,
    info: symbols.locals,
    alignment: 8,
    entrySize: sizeOf(symbolEntry),
  };
  return [
    { ...table, offset, size, bytes },
    { ...strings, size: symbols.strings.length, bytes: symbols.strings },
  ];
}

/** Adds the tables of symbols and names behind the sections, and all headers. */
export function buildElf(parts: FileParts): Uint8Array {
  const { programs } = parts;
  const named = [...parts.sections, ...symbolSections(parts)];
  const names = createStrings();
  for (const { name } of named) names.add(name);
  names.add('.shstrtab');
  const nameBytes = names.bytes();
  const offset = endOf(named, headersEnd(programs.length));
  const last = { ...plain, name: '.shstrtab', type: sectionTypes.strings, size: nameBytes.length, bytes: nameBytes };
  const all = [...named, { ...last, offset }];
  const headersAt = alignUp(offset + nameBytes.length, 8);
  const bytes = new Uint8Array(headersAt + (all.length + 1) * sizeOf(sectionHeader));
  const view = new DataView(bytes.buffer);
  writeFileHeader(bytes, view, parts, headersAt, all.length);
  for (const [index, program] of programs.entries()) writeRecord(view, headersEnd(index), programHeader, program);
  for (const [index, section] of all.entries()) {
    bytes.set(section.bytes, section.offset);
    const at = headersAt + (index + 1) * sizeOf(sectionHeader);
    writeRecord(view, at, sectionHeader, sectionRecord(section, names.add(section.name)));
  }
  return bytes;
}

function writeFileHeader(bytes: Uint8Array, view: DataView, parts: FileParts, headersAt: number, count: number): void {
  const { type, entry, flags, programs } = parts;
  bytes.set(identification);
  writeRecord(view, identification.length, fileHeader, {
    type,
    machine: riscv,
    version: 1n,
    entry,
    programHeaders: programs.length === 0 ? 0n : BigInt(headerSize),
    sectionHeaders: BigInt(headersAt),
    flags,
    headerSize: BigInt(headerSize),
    programHeaderSize: BigInt(sizeOf(programHeader)),
    programHeaderCount: BigInt(programs.length),
    sectionHeaderSize: BigInt(sizeOf(sectionHeader)),
    sectionHeaderCount: BigInt(count + 1),
    nameSection: BigInt(count),
  });
}

const sectionRecord = (section: SectionPart, name: number): Fields<typeof sectionHeader> => ({
  name: BigInt(name),
  type: section.type,
  flags: section.flags,
  address: section.address,
  offset: BigInt(section.offset),
  size: BigInt(section.size),
  link: BigInt(section.link),
  info: BigInt(section.info),
  alignment: BigInt(section.alignment),
  entrySize: BigInt(section.entrySize),
});
