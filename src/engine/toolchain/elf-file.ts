/** The parts that every reader of ELF files needs: checked tables, sections, names. Nothing is thrown. */
import {
  type Fields,
  fileHeader,
  fileTypes,
  identification,
  type Layout,
  readRecord,
  riscv,
  sectionHeader,
  sectionTypes,
  sizeOf,
  symbolEntry,
} from './elf-format.ts';

export type HeaderFields = Fields<typeof fileHeader>;
export type SectionFields = Fields<typeof sectionHeader>;
export type SymbolFields = Fields<typeof symbolEntry>;

const maxRecords = 4_000_000;

export const isElf = (bytes: Uint8Array): boolean =>
  bytes.length >= 4 && identification.subarray(0, 4).every((byte, index) => byte === bytes[index]);

export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** A table of records, or undefined if it does not lie within the file. */
export function readTable<const L extends Layout>(
  view: DataView,
  at: bigint,
  count: number,
  entrySize: number,
  layout: L,
): Fields<L>[] | undefined {
  if (count > 0 && entrySize < sizeOf(layout)) return undefined;
  if (count > maxRecords || at + BigInt(count) * BigInt(entrySize) > BigInt(view.byteLength)) return undefined;
  return Array.from({ length: count }, (_, index) => readRecord(view, Number(at) + index * entrySize, layout));
}

/** The file's header, or what is wrong with it. */
export function readHeader(bytes: Uint8Array): HeaderFields | string {
  if (!isElf(bytes)) return 'this is not an ELF file: it does not begin with 7f 45 4c 46';
  if (bytes.length < identification.length + sizeOf(fileHeader)) return 'the ELF file ends within its header';
  if (bytes[4] !== 2) return 'this ELF file is for 32-bit machines; the machine here has 64 bits';
  if (bytes[5] !== 1) return 'this ELF file is big-endian; the machine here is little-endian';
  const header = readRecord(viewOf(bytes), identification.length, fileHeader);
  if (header.machine !== riscv) return `this ELF file is for another processor (machine ${header.machine}, not RISC-V)`;
  return header;
}

/** With more than 65,279 sections, count and index of the names stand in the first header. */
function extended(view: DataView, header: HeaderFields): { readonly count: number; readonly names: number } {
  const count = Number(header.sectionHeaderCount);
  const names = Number(header.nameSection);
  if (count > 0 && names < 0xffff) return { count, names };
  const first = readTable(view, header.sectionHeaders, 1, Number(header.sectionHeaderSize), sectionHeader)?.[0];
  return {
    count: count === 0 ? Number(first?.size ?? 0n) : count,
    names: names === 0xffff ? Number(first?.link ?? 0n) : names,
  };
}

export interface SectionTable {
  readonly headers: readonly SectionFields[];
  readonly names: readonly string[];
  /** Undefined if the section's bytes do not lie within the file. */
  bytesOf(index: number): Uint8Array | undefined;
}

export function readSections(bytes: Uint8Array, header: HeaderFields): SectionTable | string {
  const view = viewOf(bytes);
  if (header.sectionHeaders === 0n) return { headers: [], names: [], bytesOf: () => undefined };
  const { count, names } = extended(view, header);
  const headers = readTable(view, header.sectionHeaders, count, Number(header.sectionHeaderSize), sectionHeader);
  if (headers === undefined) return 'the section headers do not lie within the file';
  const bytesOf = (index: number): Uint8Array | undefined => {
    const section = headers[index];
    if (section === undefined) return undefined;
    if (section.type === sectionTypes.nobits) return new Uint8Array();
    const { offset, size } = section;
    return offset + size > BigInt(bytes.length) ? undefined : bytes.subarray(Number(offset), Number(offset + size));
  };
  const strings = bytesOf(names) ?? new Uint8Array();
  return { headers, names: headers.map(({ name }) => stringAt(strings, Number(name))), bytesOf };
}

const decoder = new TextDecoder();

/** A string up to its zero byte; empty if there is none. */
export function stringAt(strings: Uint8Array, at: number): string {
  const end = at < strings.length ? strings.indexOf(0, at) : -1;
  return end < 0 ? '' : decoder.decode(strings.subarray(at, end));
}

/** Symbols of the table at `index`, with their names; or what is wrong. */
export function readSymbolTable(
  bytes: Uint8Array,
  table: SectionTable,
  index: number,
): { readonly records: readonly SymbolFields[]; readonly strings: Uint8Array } | string {
  const section = table.headers[index];
  if (section === undefined) return { records: [], strings: new Uint8Array() };
  const strings = table.bytesOf(Number(section.link));
  if (table.headers[Number(section.link)]?.type !== sectionTypes.strings) return 'the symbol table has no names';
  if (strings === undefined) return 'the names of the symbols do not lie within the file';
  if (section.entrySize < BigInt(sizeOf(symbolEntry))) return 'the symbol table has entries of an unknown size';
  const count = Number(section.size / section.entrySize);
  const records = readTable(viewOf(bytes), section.offset, count, Number(section.entrySize), symbolEntry);
  return records === undefined ? 'the symbol table does not lie within the file' : { records, strings };
}

/** What a file of this type is called in a message. */
export const typeTitle = (type: bigint): string =>
  type === fileTypes.executable
    ? 'an executable'
    : type === fileTypes.shared
      ? 'a shared object'
      : type === fileTypes.relocatable
        ? 'an object file'
        : 'of an unknown type';
