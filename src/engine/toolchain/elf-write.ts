/** Image → ELF64 executable, as GNU tools and QEMU read it. Line entries are not kept. */
import type { Image, Segment } from '../image.ts';
import { alignUp, buildElf, headersEnd, type ProgramRecord, type SectionPart } from './elf-build.ts';
import {
  absoluteSection,
  compressedFlag,
  fileTypes,
  sectionFlags,
  sectionTypes,
  segmentFlags,
  segmentTypes,
} from './elf-format.ts';
import { sectionAt, symbolRecords, typeOf } from './elf-symbols.ts';

/** Loaders map files by pages: offset and address agree modulo this. */
const page = 0x1000;
const pageOf = (address: bigint): number => Number(BigInt.asUintN(12, address));

const nameOf = ({ executable, writable, bytes }: Segment): string =>
  executable ? '.text' : !writable ? '.rodata' : bytes.length === 0 ? '.bss' : '.data';

interface PlacedSegment {
  readonly segment: Segment;
  readonly at: number;
}

function placeSegments({ segments }: Image): PlacedSegment[] {
  let offset = headersEnd(segments.length);
  return segments.map((segment) => {
    const wanted = pageOf(segment.virtual);
    const at = segment.bytes.length === 0 ? offset : alignUp(offset - wanted, page) + wanted;
    offset = at + segment.bytes.length;
    return { segment, at };
  });
}

export function writeElf(image: Image): Uint8Array {
  const placed = placeSegments(image);
  const sections = segmentSections(placed);
  return buildElf({
    type: fileTypes.executable,
    flags: image.compressed === true ? compressedFlag : 0n,
    entry: image.entry,
    programs: placed.map(programOf),
    sections,
    symbols: symbolRecords(image.symbols, (symbol) => ({
      type: typeOf(symbol),
      other: 0n,
      section: symbol.kind === 'absolute' ? absoluteSection : sectionAt(symbol.address, sections),
      value: symbol.address,
    })),
  });
}

function programOf({ segment, at }: PlacedSegment): ProgramRecord {
  const { writable, executable, bytes, virtual, physical, size } = segment;
  return {
    type: segmentTypes.load,
    flags: segmentFlags.read | (writable ? segmentFlags.write : 0n) | (executable ? segmentFlags.execute : 0n),
    offset: BigInt(at),
    virtual,
    physical: BigInt(physical),
    fileSize: BigInt(bytes.length),
    memorySize: BigInt(size),
    alignment: bytes.length === 0 ? 1n : BigInt(page),
  };
}

/** One section for the bytes of a segment, and one for the zeros behind them: debuggers want sections. */
function segmentSections(placed: readonly PlacedSegment[]): SectionPart[] {
  const sections: SectionPart[] = [];
  const counts = new Map<string, number>();
  const unique = (name: string): string => {
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    return count === 0 ? name : `${name}.${count}`;
  };
  for (const { segment, at } of placed) {
    const { bytes, size, virtual, writable, executable } = segment;
    const flags = sectionFlags.alloc | (writable ? sectionFlags.write : 0n) | (executable ? sectionFlags.execute : 0n);
    const shared = { flags, link: 0, info: 0, alignment: 1, entrySize: 0 };
    const zeros = size - bytes.length;
    if (bytes.length > 0) {
      const part = { type: sectionTypes.bytes, address: virtual, offset: at, size: bytes.length, bytes };
      sections.push({ ...shared, name: unique(nameOf(segment)), ...part });
    }
    if (zeros > 0) {
      const address = virtual + BigInt(bytes.length);
      const part = {
        type: sectionTypes.nobits,
        address,
        offset: at + bytes.length,
        size: zeros,
        bytes: new Uint8Array(),
      };
      sections.push({ ...shared, name: unique('.bss'), ...part });
    }
  }
  return sections;
}
