/** ELF64 executable → image. The bytes may be anything: every offset is checked, nothing is thrown. */
import type { DebugSections, Image, ImageSymbol, Segment } from '../image.ts';
import {
  type HeaderFields,
  readHeader,
  readSections,
  readSymbolTable,
  readTable,
  type SectionFields,
  type SymbolFields,
  stringAt,
  viewOf,
} from './elf-file.ts';
import {
  absoluteSection,
  bindings,
  compressedFlag,
  type Fields,
  fileTypes,
  programHeader,
  reservedSections,
  sectionFlags,
  sectionTypes,
  segmentFlags,
  segmentTypes,
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

function typeMistake(type: bigint): string | undefined {
  if (type === fileTypes.executable) return undefined;
  return type === fileTypes.shared
    ? 'this ELF file is position-independent; link it with -static and -no-pie'
    : 'this ELF file is not an executable: link it first';
}

export function readElf(bytes: Uint8Array): ReadResult {
  const header = readHeader(bytes);
  if (typeof header === 'string') return fail(header);
  const mistake = typeMistake(header.type);
  if (mistake !== undefined) return fail(mistake);
  const segments = readSegments(bytes, header);
  if (typeof segments === 'string') return fail(segments);
  const symbols = readSymbols(bytes, header);
  if (typeof symbols === 'string') return fail(symbols);
  const compressed = (header.flags & compressedFlag) !== 0n;
  const debug = readDebug(bytes, header);
  const more = { ...(debug && { debug }), ...(compressed && { compressed }) };
  return { ok: true, image: { entry: header.entry, segments, symbols, lines: [], ...more } };
}

/** What debuggers read, as views of the file; compressed sections are left out. */
function readDebug(bytes: Uint8Array, header: HeaderFields): DebugSections | undefined {
  const table = readSections(bytes, header);
  if (typeof table === 'string') return undefined;
  const found = table.names.flatMap((name, index): [string, Uint8Array][] => {
    const section = table.headers[index];
    const content = name.startsWith('.debug_') ? table.bytesOf(index) : undefined;
    const plain = section !== undefined && (section.flags & (sectionFlags.compressed | sectionFlags.alloc)) === 0n;
    return content === undefined || !plain ? [] : [[name, content]];
  });
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

function readSegments(bytes: Uint8Array, header: HeaderFields): Segment[] | string {
  const count = Number(header.programHeaderCount);
  if (count === 0) return 'this ELF file has no program headers: there is nothing to load';
  if (count > maxSegments) return `this ELF file has ${count} program headers; at most ${maxSegments} are read`;
  const size = Number(header.programHeaderSize);
  const programs = readTable(viewOf(bytes), header.programHeaders, count, size, programHeader);
  if (programs === undefined) return 'the program headers do not lie within the file';
  const segments: Segment[] = [];
  for (const program of programs) {
    if (program.type !== segmentTypes.load || program.memorySize === 0n) continue;
    const segment = readSegment(bytes, program);
    if (typeof segment === 'string') return segment;
    segments.push(segment);
  }
  if (segments.length === 0) return 'this ELF file loads nothing: it has no PT_LOAD segment with a size';
  const total = segments.reduce((sum, segment) => sum + segment.size, 0);
  return total > maxMemory ? 'the segments take more than 2 GiB' : segments;
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

/** A file without section headers or symbols is fine. */
function readSymbols(bytes: Uint8Array, header: HeaderFields): ImageSymbol[] | string {
  const table = readSections(bytes, header);
  if (typeof table === 'string') return table;
  const index = table.headers.findIndex(({ type }) => type === sectionTypes.symbols);
  if (index < 0) return [];
  const read = readSymbolTable(bytes, table, index);
  if (typeof read === 'string') return read;
  if (read.records.length > maxSymbols) {
    return `there are ${read.records.length} symbols; at most ${maxSymbols} are read`;
  }
  return toSymbols(read.records, table.headers, read.strings);
}

function toSymbols(
  records: readonly SymbolFields[],
  sections: readonly SectionFields[],
  names: Uint8Array,
): ImageSymbol[] {
  const symbols: ImageSymbol[] = [];
  let file: string | undefined;
  for (const { name, info, section, value, size } of records) {
    const type = info & 0xfn;
    const text = stringAt(names, Number(name));
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
