/** ELF64 executable → image. The bytes may be anything: every offset is checked, nothing is thrown. */
import type { Image, ImageSymbol, Segment } from '../image.ts';
import {
  absoluteSection,
  bindings,
  compressedFlag,
  executableType,
  type Fields,
  fileHeader,
  identification,
  type Layout,
  loadSegment,
  programHeader,
  readRecord,
  reservedSections,
  riscv,
  sectionHeader,
  sectionTypes,
  segmentFlags,
  sharedType,
  sizeOf,
  symbolEntry,
  symbolTypes,
} from './elf-format.ts';

export type ReadResult =
  | { readonly ok: true; readonly image: Image }
  | { readonly ok: false; readonly message: string };

const fail = (message: string): ReadResult => ({ ok: false, message });

/** The largest RAM that a machine may have bounds what a segment may ask for. */
const maxMemory = 2 ** 31;
const maxSymbols = 1_000_000;
const maxSegments = 256;

/** A table of records, or undefined if it does not lie within the file. */
function readTable<const L extends Layout>(
  view: DataView,
  at: bigint,
  count: number,
  entrySize: number,
  layout: L,
): Fields<L>[] | undefined {
  if (count > 0 && entrySize < sizeOf(layout)) return undefined;
  if (at + BigInt(count) * BigInt(entrySize) > BigInt(view.byteLength)) return undefined;
  return Array.from({ length: count }, (_, index) => readRecord(view, Number(at) + index * entrySize, layout));
}

export function readElf(bytes: Uint8Array): ReadResult {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4 || identification.subarray(0, 4).some((byte, index) => byte !== bytes[index])) {
    return fail('this is not an ELF file: it does not begin with 7f 45 4c 46');
  }
  if (bytes.length < identification.length + sizeOf(fileHeader)) return fail('the ELF file ends within its header');
  if (bytes[4] !== 2) return fail('this ELF file is for 32-bit machines; the machine here has 64 bits');
  if (bytes[5] !== 1) return fail('this ELF file is big-endian; the machine here is little-endian');
  const header = readRecord(view, identification.length, fileHeader);
  if (header.machine !== riscv)
    return fail(`this ELF file is for another processor (machine ${header.machine}, not RISC-V)`);
  if (header.type === sharedType)
    return fail('this ELF file is position-independent; link it with -static and -no-pie');
  if (header.type !== executableType) return fail('this ELF file is not an executable: link it first');
  const count = Number(header.programHeaderCount);
  if (count === 0) return fail('this ELF file has no program headers: there is nothing to load');
  if (count > maxSegments) return fail(`this ELF file has ${count} program headers; at most ${maxSegments} are read`);
  const programs = readTable(view, header.programHeaders, count, Number(header.programHeaderSize), programHeader);
  if (programs === undefined) return fail('the program headers do not lie within the file');
  const segments: Segment[] = [];
  for (const program of programs) {
    if (program.type !== loadSegment || program.memorySize === 0n) continue;
    const segment = readSegment(bytes, program);
    if (typeof segment === 'string') return fail(segment);
    segments.push(segment);
  }
  if (segments.length === 0) return fail('this ELF file loads nothing: it has no PT_LOAD segment with a size');
  if (segments.reduce((sum, segment) => sum + segment.size, 0) > maxMemory)
    return fail('the segments take more than 2 GiB');
  const symbols = readSymbols(bytes, view, header);
  if (typeof symbols === 'string') return fail(symbols);
  const compressed = (header.flags & compressedFlag) !== 0n;
  return { ok: true, image: { entry: header.entry, segments, symbols, lines: [], ...(compressed && { compressed }) } };
}

function readSegment(bytes: Uint8Array, program: Fields<typeof programHeader>): Segment | string {
  const { offset, fileSize, memorySize, physical, virtual, flags } = program;
  const where = `the segment at 0x${virtual.toString(16)}`;
  if (fileSize > memorySize) return `${where} is larger in the file than in memory`;
  if (memorySize > BigInt(maxMemory)) return `${where} takes more than 2 GiB`;
  if (offset + fileSize > BigInt(bytes.length)) return `${where} does not lie within the file: it is cut off`;
  if (physical + memorySize > 2n ** 53n) return `${where} has a physical address that no machine here has`;
  const start = Number(offset);
  return {
    physical: Number(physical),
    virtual,
    bytes: bytes.slice(start, start + Number(fileSize)),
    size: Number(memorySize),
    writable: (flags & segmentFlags.write) !== 0n,
    executable: (flags & segmentFlags.execute) !== 0n,
  };
}

type Header = Fields<typeof fileHeader>;
type Section = Fields<typeof sectionHeader>;

/** A file without section headers or symbols is fine. */
function readSymbols(bytes: Uint8Array, view: DataView, header: Header): ImageSymbol[] | string {
  const count = Number(header.sectionHeaderCount);
  if (count === 0 || header.sectionHeaders === 0n) return [];
  const sections = readTable(view, header.sectionHeaders, count, Number(header.sectionHeaderSize), sectionHeader);
  if (sections === undefined) return 'the section headers do not lie within the file';
  const table = sections.find((section) => section.type === sectionTypes.symbols);
  if (table === undefined) return [];
  const names = sections[Number(table.link)];
  if (names?.type !== sectionTypes.strings) return 'the symbol table has no names';
  if (names.offset + names.size > BigInt(bytes.length)) return 'the names of the symbols do not lie within the file';
  if (table.entrySize < BigInt(sizeOf(symbolEntry))) return 'the symbol table has entries of an unknown size';
  const entries = table.size / table.entrySize;
  if (entries > BigInt(maxSymbols)) return `there are ${entries} symbols; at most ${maxSymbols} are read`;
  const records = readTable(view, table.offset, Number(entries), Number(table.entrySize), symbolEntry);
  if (records === undefined) return 'the symbol table does not lie within the file';
  const text = bytes.subarray(Number(names.offset), Number(names.offset + names.size));
  return toSymbols(records, sections, text);
}

function toSymbols(
  records: readonly Fields<typeof symbolEntry>[],
  sections: readonly Section[],
  names: Uint8Array,
): ImageSymbol[] {
  const decoder = new TextDecoder();
  const nameAt = (at: number): string => {
    const end = names.indexOf(0, at);
    return at < names.length && end >= 0 ? decoder.decode(names.subarray(at, end)) : '';
  };
  const symbols: ImageSymbol[] = [];
  let file: string | undefined;
  for (const { name, info, section, value, size } of records) {
    const type = info & 0xfn;
    const text = nameAt(Number(name));
    if (type === symbolTypes.file) file = text === '' ? undefined : text;
    const wanted = type === symbolTypes.none || type === symbolTypes.object || type === symbolTypes.function;
    // Mapping symbols ($x, $d) and assembler labels (.L…) are for tools.
    if (!wanted || text === '' || section === 0n || /^(\$[xd]|\.L)/.test(text)) continue;
    const absolute = section === absoluteSection;
    if (!absolute && (section >= reservedSections || sections[Number(section)] === undefined)) continue;
    const binding = info >> 4n;
    const scope = binding === bindings.global ? 'global' : binding === bindings.weak ? 'weak' : 'local';
    const labelled = type === symbolTypes.function ? 'function' : type === symbolTypes.object ? 'object' : 'label';
    const symbol: ImageSymbol = {
      name: text,
      address: value,
      size: Number(size),
      kind: absolute ? 'absolute' : labelled,
      scope,
    };
    symbols.push(scope === 'local' && file !== undefined ? { ...symbol, file } : symbol);
  }
  return symbols;
}
