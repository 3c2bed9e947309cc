/** What the linker makes: sections at their addresses, segments, symbols. An image or an ELF file is made of it. */
import type { DebugSections, Image, ImageSymbol, LineEntry, Segment } from '../../image.ts';
import { segmentFlags, segmentTypes } from '../elf-format.ts';
import type { FloatAbi, SectionRole, Visibility } from '../object.ts';
import type { SectionFlags } from '../sections.ts';
import type { OutputKind } from './mode.ts';

export interface LinkedSection {
  readonly name: string;
  readonly address: bigint;
  readonly loadAddress: bigint;
  readonly size: number;
  readonly alignment: number;
  readonly flags: SectionFlags;
  readonly role?: SectionRole;
  /** Empty if `flags.nobits`. */
  readonly bytes: Uint8Array;
  /** The table that this one refers to, and the section that it is about, by name. */
  readonly link?: string;
  readonly about?: string;
  /** Of a table of symbols: how many local ones it begins with. */
  readonly locals?: number;
}

export interface LinkedSegment {
  readonly type: bigint;
  readonly flags: bigint;
  /** The file's headers lie at its start. */
  readonly headers: boolean;
  readonly address: bigint;
  readonly loadAddress: bigint;
  readonly fileSize: number;
  readonly memorySize: number;
  readonly alignment: bigint;
  readonly sections: readonly LinkedSection[];
}

export interface LinkedSymbol extends ImageSymbol {
  readonly thread: boolean;
  readonly visibility: Visibility;
}

export interface Linked {
  readonly kind: OutputKind;
  readonly entry: bigint;
  readonly sections: readonly LinkedSection[];
  readonly segments: readonly LinkedSegment[];
  readonly symbols: readonly LinkedSymbol[];
  readonly lines: readonly LineEntry[];
  readonly compressed: boolean;
  readonly floatAbi: FloatAbi;
}

function imageSegment({
  sections,
  address,
  loadAddress,
  fileSize,
  memorySize,
  flags,
  headers,
}: LinkedSegment): Segment {
  const start = headers ? (sections[0]?.address ?? address) : address;
  const skipped = Number(start - address);
  const bytes = new Uint8Array(Math.max(fileSize - skipped, 0));
  for (const { bytes: content, address: at } of sections) {
    if (content.length > 0) bytes.set(content, Number(at - start));
  }
  return {
    physical: Number(loadAddress) + skipped,
    virtual: start,
    bytes,
    size: memorySize - skipped,
    writable: (flags & segmentFlags.write) !== 0n,
    executable: (flags & segmentFlags.execute) !== 0n,
  };
}

function debugOf(sections: readonly LinkedSection[]): DebugSections | undefined {
  const found = sections.filter(({ name, flags }) => !flags.alloc && name.startsWith('.debug_'));
  return found.length === 0 ? undefined : Object.fromEntries(found.map(({ name, bytes }) => [name, bytes]));
}

/** As the machine loads it. */
export function imageOf({ entry, segments, sections, symbols, lines, compressed }: Linked): Image {
  const debug = debugOf(sections);
  return {
    entry,
    segments: segments
      .filter(({ type, sections }) => type === segmentTypes.load && sections.length > 0)
      .map(imageSegment),
    symbols: symbols.map(({ name, address, size, kind, scope, file }) => ({
      name,
      address,
      size,
      kind,
      scope,
      ...(file !== undefined && { file }),
    })),
    lines,
    ...(debug !== undefined && { debug }),
    ...(compressed && { compressed }),
  };
}
