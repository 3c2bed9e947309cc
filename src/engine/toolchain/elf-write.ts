/** Image → ELF64 executable, as GNU tools and QEMU read it. Line entries are not kept. */
import type { Image, ImageSymbol, Segment } from '../image.ts';
import {
  absoluteSection,
  bindings,
  compressedFlag,
  fileHeader,
  fileTypes,
  identification,
  programHeader,
  riscv,
  sectionFlags,
  sectionHeader,
  sectionTypes,
  segmentFlags,
  segmentTypes,
  sizeOf,
  symbolEntry,
  symbolTypes,
  writeRecord,
} from './elf-format.ts';

interface SectionOut {
  readonly name: string;
  readonly type: bigint;
  readonly flags: bigint;
  readonly address: bigint;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
  readonly info: number;
  readonly alignment: number;
  readonly entrySize: number;
}

interface Strings {
  readonly bytes: number[];
  add(text: string): number;
}

function createStrings(): Strings {
  const bytes = [0];
  const known = new Map<string, number>([['', 0]]);
  const encoder = new TextEncoder();
  return {
    bytes,
    add(text) {
      const found = known.get(text);
      if (found !== undefined) return found;
      const at = bytes.length;
      for (const byte of encoder.encode(text)) bytes.push(byte);
      bytes.push(0);
      known.set(text, at);
      return at;
    },
  };
}

/** Loaders map files by pages: offset and address agree modulo this. */
const page = 0x1000;
const pageOf = (address: bigint): number => Number(BigInt.asUintN(12, address));
const alignUp = (value: number, step: number): number => Math.ceil(value / step) * step;

const nameOf = ({ executable, writable, bytes }: Segment): string =>
  executable ? '.text' : !writable ? '.rodata' : bytes.length === 0 ? '.bss' : '.data';

export function writeElf(image: Image): Uint8Array {
  const headerSize = identification.length + sizeOf(fileHeader);
  let offset = headerSize + image.segments.length * sizeOf(programHeader);
  const placed = image.segments.map((segment) => {
    const wanted = pageOf(segment.virtual);
    const at = segment.bytes.length === 0 ? offset : alignUp(offset - wanted, page) + wanted;
    offset = at + segment.bytes.length;
    return { segment, at };
  });
  const sections = segmentSections(placed);
  const loaded = sections.length;
  const names = createStrings();
  const strings = createStrings();
  const symbols = symbolRecords(image, sections, strings);
  const symbolsAt = alignUp(offset, 8);
  const symbolsSize = symbols.length * sizeOf(symbolEntry);
  const stringsAt = symbolsAt + symbolsSize;
  const locals = symbols.findIndex((record) => record.info >> 4n !== bindings.local);
  const plain = { flags: 0n, address: 0n, link: 0, info: 0, alignment: 1, entrySize: 0 };
  const bookkeeping: SectionOut[] = [
    {
      ...plain,
      name: '.symtab',
      type: sectionTypes.symbols,
      offset: symbolsAt,
      size: symbolsSize,
      link: loaded + 2,
      info: locals < 0 ? symbols.length : locals,
      alignment: 8,
      entrySize: sizeOf(symbolEntry),
    },
    { ...plain, name: '.strtab', type: sectionTypes.strings, offset: stringsAt, size: strings.bytes.length },
  ];
  const namesAt = stringsAt + strings.bytes.length;
  for (const { name } of [...sections, ...bookkeeping]) names.add(name);
  names.add('.shstrtab');
  bookkeeping.push({
    ...plain,
    name: '.shstrtab',
    type: sectionTypes.strings,
    offset: namesAt,
    size: names.bytes.length,
  });
  const headersAt = alignUp(namesAt + names.bytes.length, 8);
  const all = [...sections, ...bookkeeping];
  const bytes = new Uint8Array(headersAt + (all.length + 1) * sizeOf(sectionHeader));
  const view = new DataView(bytes.buffer);
  bytes.set(identification);
  writeRecord(view, identification.length, fileHeader, {
    type: fileTypes.executable,
    machine: riscv,
    version: 1n,
    entry: image.entry,
    programHeaders: BigInt(headerSize),
    sectionHeaders: BigInt(headersAt),
    flags: image.compressed === true ? compressedFlag : 0n,
    headerSize: BigInt(headerSize),
    programHeaderSize: BigInt(sizeOf(programHeader)),
    programHeaderCount: BigInt(image.segments.length),
    sectionHeaderSize: BigInt(sizeOf(sectionHeader)),
    sectionHeaderCount: BigInt(all.length + 1),
    nameSection: BigInt(all.length),
  });
  placed.forEach(({ segment, at }, index) => {
    writeProgramHeader(view, headerSize + index * sizeOf(programHeader), segment, at);
    bytes.set(segment.bytes, at);
  });
  symbols.forEach((record, index) => {
    writeRecord(view, symbolsAt + index * sizeOf(symbolEntry), symbolEntry, record);
  });
  bytes.set(strings.bytes, stringsAt);
  bytes.set(names.bytes, namesAt);
  all.forEach((section, index) => {
    const at = headersAt + (index + 1) * sizeOf(sectionHeader);
    writeRecord(view, at, sectionHeader, {
      name: BigInt(names.add(section.name)),
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
  });
  return bytes;
}

function writeProgramHeader(view: DataView, at: number, segment: Segment, offset: number): void {
  const flags =
    segmentFlags.read | (segment.writable ? segmentFlags.write : 0n) | (segment.executable ? segmentFlags.execute : 0n);
  writeRecord(view, at, programHeader, {
    type: segmentTypes.load,
    flags,
    offset: BigInt(offset),
    virtual: segment.virtual,
    physical: BigInt(segment.physical),
    fileSize: BigInt(segment.bytes.length),
    memorySize: BigInt(segment.size),
    alignment: segment.bytes.length === 0 ? 1n : BigInt(page),
  });
}

/** One section for the bytes of a segment, and one for the zeros behind them: debuggers want sections. */
function segmentSections(placed: readonly { readonly segment: Segment; readonly at: number }[]): SectionOut[] {
  const sections: SectionOut[] = [];
  const counts = new Map<string, number>();
  const unique = (name: string): string => {
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    return count === 0 ? name : `${name}.${count}`;
  };
  for (const { segment, at } of placed) {
    const { bytes, size, virtual } = segment;
    const flags =
      sectionFlags.alloc |
      (segment.writable ? sectionFlags.write : 0n) |
      (segment.executable ? sectionFlags.execute : 0n);
    const shared = { flags, link: 0, info: 0, alignment: 1, entrySize: 0 };
    const zeros = size - bytes.length;
    if (bytes.length > 0) {
      const name = unique(nameOf(segment));
      sections.push({ ...shared, name, type: sectionTypes.bytes, address: virtual, offset: at, size: bytes.length });
    }
    if (zeros > 0) {
      const address = virtual + BigInt(bytes.length);
      const offset = at + bytes.length;
      sections.push({ ...shared, name: unique('.bss'), type: sectionTypes.nobits, address, offset, size: zeros });
    }
  }
  return sections;
}

type SymbolRecord = Record<(typeof symbolEntry)[number][0], bigint>;

/** Local symbols come first, each file's behind an entry with its name. */
function symbolRecords(image: Image, sections: readonly SectionOut[], strings: Strings): SymbolRecord[] {
  const empty: SymbolRecord = { name: 0n, info: 0n, other: 0n, section: 0n, value: 0n, size: 0n };
  const records: SymbolRecord[] = [empty];
  let file: string | undefined;
  const locals = image.symbols.filter((symbol) => symbol.scope === 'local');
  for (const symbol of locals) {
    if (symbol.file !== undefined && symbol.file !== file) {
      file = symbol.file;
      const name = BigInt(strings.add(file));
      records.push({ ...empty, name, info: symbolTypes.file, section: absoluteSection });
    }
    records.push(symbolRecord(symbol, sections, strings));
  }
  for (const symbol of image.symbols) {
    if (symbol.scope !== 'local') records.push(symbolRecord(symbol, sections, strings));
  }
  return records;
}

function symbolRecord(symbol: ImageSymbol, sections: readonly SectionOut[], strings: Strings): SymbolRecord {
  const type =
    symbol.kind === 'function'
      ? symbolTypes.function
      : symbol.kind === 'object'
        ? symbolTypes.object
        : symbolTypes.none;
  const holds = (end: boolean) => (section: SectionOut) =>
    symbol.address >= section.address && symbol.address < section.address + BigInt(section.size) + (end ? 1n : 0n);
  const inside = sections.findIndex(holds(false));
  const index = inside >= 0 ? inside : sections.findIndex(holds(true));
  const section = symbol.kind === 'absolute' || index < 0 ? absoluteSection : BigInt(index + 1);
  return {
    name: BigInt(strings.add(symbol.name)),
    info: (bindings[symbol.scope] << 4n) | type,
    other: 0n,
    section,
    value: symbol.address,
    size: BigInt(symbol.size),
  };
}
