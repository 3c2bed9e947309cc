/** What the linker made → ELF64: an executable or a shared object, with its sections. */
import { alignUp, buildElf, headersEnd, type ProgramRecord, type SectionPart } from './elf-build.ts';
import {
  absoluteSection,
  compressedFlag,
  fileTypes,
  floatAbis,
  sectionFlags,
  sectionTypes,
  symbolTypes,
  visibilities,
} from './elf-format.ts';
import { sectionAt, symbolRecords, typeOf } from './elf-symbols.ts';
import type { Linked, LinkedSection, LinkedSegment } from './link/linked.ts';
import type { SectionRole } from './object.ts';

const page = 0x1000;

const types: Readonly<Record<SectionRole, bigint>> = {
  note: sectionTypes.note,
  init_array: sectionTypes.initArray,
  fini_array: sectionTypes.finiArray,
  preinit_array: sectionTypes.preinitArray,
  attributes: sectionTypes.attributes,
  dynamic: sectionTypes.dynamic,
  dynamicSymbols: sectionTypes.dynamicSymbols,
  strings: sectionTypes.strings,
  hash: sectionTypes.hash,
  gnuHash: sectionTypes.gnuHash,
  relocations: sectionTypes.relocations,
};

const entrySizes: Partial<Record<SectionRole, number>> = {
  dynamic: 16,
  dynamicSymbols: 24,
  hash: 4,
  relocations: 24,
  init_array: 8,
  fini_array: 8,
  preinit_array: 8,
};

/** Offset in the file of each section: as far into its segment as its address is, at a place of its page. */
function placeSections({ sections, segments }: Linked): ReadonlyMap<LinkedSection, number> {
  const offsets = new Map<LinkedSection, number>();
  let next = headersEnd(segments.length);
  for (const segment of segments.filter(isLoaded)) {
    const start = segmentOffset(segment, next);
    for (const section of segment.sections) {
      const at = start + Number(section.address - segment.address);
      if (!offsets.has(section)) offsets.set(section, at);
      next = Math.max(next, at + section.bytes.length);
    }
  }
  for (const section of sections) {
    if (offsets.has(section)) continue;
    const at = section.flags.nobits ? next : alignUp(next, section.alignment);
    offsets.set(section, at);
    next = at + section.bytes.length;
  }
  return offsets;
}

const isLoaded = ({ type, sections }: LinkedSegment): boolean => type === 1n && sections.length > 0;

function segmentOffset({ headers, address, fileSize }: LinkedSegment, next: number): number {
  if (headers) return 0;
  const wanted = Number(BigInt.asUintN(12, address));
  return fileSize === 0 ? next : alignUp(next - wanted, page) + wanted;
}

export function writeLinked(linked: Linked): Uint8Array {
  const { kind, entry, compressed, floatAbi, sections, segments } = linked;
  const offsets = placeSections(linked);
  const parts = sections.map((section) => sectionPart(section, offsets.get(section) ?? 0, sections));
  const isFixed = kind === 'static' || kind === 'dynamic';
  return buildElf({
    type: isFixed ? fileTypes.executable : fileTypes.shared,
    flags: (compressed ? compressedFlag : 0n) | (BigInt(floatAbis.indexOf(floatAbi)) << 1n),
    entry,
    programs: segments.map((segment) => programOf(segment, offsets)),
    sections: parts,
    symbols: linkedRecords(linked),
  });
}

function linkedRecords({ symbols, sections }: Linked): ReturnType<typeof symbolRecords> {
  const threads = sections.filter(({ flags }) => flags.thread === true).map(({ address }) => address);
  const threadStart = threads.reduce((least, address) => (address < least ? address : least), threads[0] ?? 0n);
  const ranges = sections.map(({ address, size, flags }) => ({ address, size: flags.alloc ? size : 0 }));
  const threadRanges = sections.map(({ address, size, flags }) => ({
    address,
    size: flags.thread === true ? size : 0,
  }));
  return symbolRecords(symbols, (symbol) => ({
    type: symbol.thread ? symbolTypes.thread : typeOf(symbol),
    other: visibilities[symbol.visibility],
    section:
      symbol.kind === 'absolute' ? absoluteSection : sectionAt(symbol.address, symbol.thread ? threadRanges : ranges),
    value: symbol.thread ? symbol.address - threadStart : symbol.address,
  }));
}

function sectionPart(section: LinkedSection, offset: number, all: readonly LinkedSection[]): SectionPart {
  const { name, flags, role, bytes, size, address, alignment, link, about, locals } = section;
  const indexOf = (wanted: string | undefined): number =>
    wanted === undefined ? 0 : all.findIndex((each) => each.name === wanted) + 1;
  return {
    name,
    type: flags.nobits ? sectionTypes.nobits : role === undefined ? sectionTypes.bytes : types[role],
    flags:
      (flags.alloc ? sectionFlags.alloc : 0n) |
      (flags.alloc && flags.write ? sectionFlags.write : 0n) |
      (flags.execute ? sectionFlags.execute : 0n) |
      (flags.thread === true ? sectionFlags.thread : 0n) |
      (about === undefined ? 0n : sectionFlags.info),
    address,
    offset,
    size,
    bytes,
    link: indexOf(link),
    info: locals ?? indexOf(about),
    alignment,
    entrySize: (role === undefined ? undefined : entrySizes[role]) ?? 0,
  };
}

/** A segment without sections (headers, stack) says itself where it lies. */
function programOf(segment: LinkedSegment, offsets: ReadonlyMap<LinkedSection, number>): ProgramRecord {
  const { type, flags, address, loadAddress, fileSize, memorySize, alignment, sections, headers } = segment;
  const [first] = sections;
  const offset = headers ? 0 : first === undefined ? Number(address % 0x1000n) : (offsets.get(first) ?? 0);
  return {
    type,
    flags,
    offset: BigInt(offset),
    virtual: address,
    physical: loadAddress,
    fileSize: BigInt(fileSize),
    memorySize: BigInt(memorySize),
    alignment,
  };
}
