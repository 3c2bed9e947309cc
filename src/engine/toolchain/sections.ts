/**
 * A section while it is being assembled. Its bytes come in fragments: a fixed part, then a tail whose size depends on
 * where things end up (alignment, a branch that may have to become long). Offsets are final only after layout.
 */
import type { Span } from './diagnostics.ts';
import type { Node } from './expression.ts';
import type { SectionRole } from './object.ts';
import type { RelocationName } from './relocations.ts';

/** What follows the fixed bytes of a fragment. */
export type Tail =
  | {
      readonly kind: 'align';
      readonly alignment: number;
      readonly fill: number | undefined;
      readonly fillBytes: 1 | 2 | 4;
      readonly most: number;
    }
  | { readonly kind: 'space'; readonly size: number | Node; readonly fill: number; readonly at: Span }
  | { readonly kind: 'org'; readonly to: Node; readonly fill: number; readonly at: Span }
  /** A conditional branch: 4 bytes, or the inverted branch over a `jal`. It may grow but never shrinks again. */
  | { readonly kind: 'branch'; readonly word: number; readonly target: Node; readonly at: Span }
  | { readonly kind: 'leb128'; readonly value: Node; readonly signed: boolean; readonly at: Span };

export interface Fragment {
  readonly section: Section;
  readonly index: number;
  /** Where its fixed bytes begin in the section's buffer, and how many there are. */
  readonly start: number;
  length: number;
  tail: Tail | undefined;
  /** Offset in the section, and size of the tail: by the layout. */
  offset: number;
  tailSize: number;
}

/** How the value of an expression goes into bytes that are already there. */
export type Patch =
  | { readonly kind: 'data'; readonly bytes: 1 | 2 | 4 | 8 }
  | { readonly kind: 'relocation'; readonly type: RelocationName }
  /** A plain number in an instruction's immediate that is not known before layout. */
  | { readonly kind: 'immediate'; readonly mnemonic: string };

export interface Fixup {
  readonly fragment: Fragment;
  readonly offset: number;
  readonly patch: Patch;
  readonly value: Node;
  readonly at: Span;
}

export interface SourceLocation {
  readonly file: string;
  readonly line: number;
  /** From 1. */
  readonly column?: number;
  /** Not where a statement begins: no place to stop at. */
  readonly statement?: false;
  /** Where a debugger stops that was told to stop in the function. */
  readonly prologueEnd?: true;
}

/** The code or data of a source line begins here. */
export interface LineMark extends SourceLocation {
  readonly fragment: Fragment;
  readonly offset: number;
}

export interface SectionFlags {
  readonly alloc: boolean;
  readonly write: boolean;
  readonly execute: boolean;
  /** Holds no bytes in the file: zero at start. */
  readonly nobits: boolean;
  /** Every thread has a copy of its own. */
  readonly thread?: boolean;
}

export interface Section {
  readonly name: string;
  /** Signature of the COMDAT group that it belongs to. */
  readonly group: string | undefined;
  role: SectionRole | undefined;
  flags: SectionFlags;
  /** The source gave flags; otherwise instructions make a section executable. */
  explicit: boolean;
  alignment: number;
  buffer: Uint8Array;
  /** Bytes used in `buffer`. */
  used: number;
  readonly fragments: Fragment[];
  current: Fragment;
  readonly fixups: Fixup[];
  readonly marks: LineMark[];
  /** Size after layout. */
  size: number;
}

const data: SectionFlags = { alloc: true, write: true, execute: false, nobits: false };
const known: readonly (readonly [RegExp, SectionFlags])[] = [
  [/^\.(text|init|fini)(\.|$)/, { ...data, write: false, execute: true }],
  [/^\.s?rodata(\.|$)/, { ...data, write: false }],
  [/^\.s?bss(\.|$)/, { ...data, nobits: true }],
  [/^\.tdata(\.|$)/, { ...data, thread: true }],
  [/^\.tbss(\.|$)/, { ...data, nobits: true, thread: true }],
  [/^\.(debug|comment|note|riscv\.attributes|stab|gnu\.)/, { ...data, alloc: false, write: false }],
];

/** Flags by the name, as GNU as has them; an unknown name is data. */
const defaultFlags = (name: string): SectionFlags => known.find(([pattern]) => pattern.test(name))?.[1] ?? data;

/** By the name, as GNU as has them. */
function roleOf(name: string): SectionRole | undefined {
  if (/^\.note(\.|$)/.test(name)) return 'note';
  const array = /^\.((?:pre)?init_array|fini_array)(\.|$)/.exec(name)?.[1];
  return array === undefined ? undefined : (array as SectionRole);
}

export function createSection(name: string, group?: string): Section {
  const fragments: Fragment[] = [];
  const section: Omit<Section, 'current'> = {
    name,
    group,
    role: roleOf(name),
    flags: defaultFlags(name),
    explicit: known.some(([pattern]) => pattern.test(name)) || /^\.s?data(\.|$)/.test(name),
    alignment: 1,
    buffer: new Uint8Array(256),
    used: 0,
    fragments,
    fixups: [],
    marks: [],
    size: 0,
  };
  const first: Fragment = {
    section: section as Section,
    index: 0,
    start: 0,
    length: 0,
    tail: undefined,
    offset: 0,
    tailSize: 0,
  };
  fragments.push(first);
  return Object.assign(section, { current: first });
}

const maxBytes = 1 << 26;
/** The largest RAM that a machine may have. */
export const maxReserved = 2 ** 31;

/** Bytes that a section may take: no page could hold more. */
export const sizeLimit = (section: Section): number => (section.flags.nobits ? maxReserved : maxBytes);

/** Room for `count` bytes at the end of the current fragment; the offset in the buffer at which they begin. */
export function reserve(section: Section, count: number): number {
  const at = section.used;
  if (at + count > section.buffer.length) {
    const larger = new Uint8Array(Math.max(section.buffer.length * 2, at + count));
    larger.set(section.buffer);
    section.buffer = larger;
  }
  section.used += count;
  section.current.length += count;
  return at;
}

export function emitBytes(section: Section, bytes: Uint8Array): void {
  const at = reserve(section, bytes.length);
  section.buffer.set(bytes, at);
}

/** Little-endian. */
export function emitInteger(section: Section, value: number, bytes: number): void {
  const at = reserve(section, bytes);
  for (let index = 0; index < bytes; index++) section.buffer[at + index] = (value >>> (8 * index)) & 0xff;
}

/** Ends the current fragment with a tail. */
export function emitTail(section: Section, tail: Tail): void {
  section.current.tail = tail;
  const fragment: Fragment = {
    section,
    index: section.fragments.length,
    start: section.used,
    length: 0,
    tail: undefined,
    offset: 0,
    tailSize: 0,
  };
  section.fragments.push(fragment);
  section.current = fragment;
}

export interface Location {
  readonly fragment: Fragment;
  readonly offset: number;
}

export const here = (section: Section): Location => ({ fragment: section.current, offset: section.current.length });

export const sameLocation = (a: SourceLocation, b: SourceLocation): boolean =>
  a.line === b.line &&
  a.file === b.file &&
  a.column === b.column &&
  a.statement === b.statement &&
  a.prologueEnd === b.prologueEnd;

/** What follows comes from there. Marks of the same location in a row are one. */
export function markLine(section: Section, location: SourceLocation): void {
  const last = section.marks.at(-1);
  if (last !== undefined && sameLocation(last, location)) return;
  section.marks.push({ ...here(section), ...location });
}
