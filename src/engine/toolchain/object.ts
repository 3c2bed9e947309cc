/** A relocatable object: what one source or one ELF object becomes, and what the linker takes. Plain data. */
import type { Span } from './diagnostics.ts';
import type { RelocationName } from './relocations.ts';
import type { SectionFlags, SourceLocation } from './sections.ts';

export interface Relocation {
  /** Offset of the first byte it changes, in its section. */
  readonly offset: number;
  readonly type: RelocationName;
  /** Index in the object's symbols; undefined for the number zero. */
  readonly symbol: number | undefined;
  readonly addend: bigint;
  /** Where the source asks for it. */
  readonly at?: Span;
}

export interface ObjectLine extends SourceLocation {
  readonly offset: number;
}

/** How a debugger finds the caller of a function: `.cfi_` directives, as DWARF writes them. Offsets are the section's. */
export interface CallFrame {
  readonly section: number;
  readonly start: number;
  readonly end: number;
  readonly rules: readonly { readonly offset: number; readonly bytes: readonly number[] }[];
}

/** What a loader, a start-up routine or a tool finds a section by, other than its name. */
export type SectionRole =
  | 'note'
  | 'init_array'
  | 'fini_array'
  | 'preinit_array'
  | 'attributes'
  | 'dynamic'
  | 'dynamicSymbols'
  | 'strings'
  | 'hash'
  | 'gnuHash'
  | 'relocations';

export interface ObjectSection {
  readonly name: string;
  readonly flags: SectionFlags;
  readonly role?: SectionRole;
  readonly alignment: number;
  /** Size in memory; `bytes` is empty for a section without bytes. */
  readonly size: number;
  readonly bytes: Uint8Array;
  readonly relocations: readonly Relocation[];
  /** In rising order of offset; each holds up to the next, the last up to the end of the section. */
  readonly lines: readonly ObjectLine[];
}

export type Place =
  | { readonly kind: 'section'; readonly section: number; readonly offset: number }
  | { readonly kind: 'absolute'; readonly value: bigint }
  | { readonly kind: 'common'; readonly size: number; readonly alignment: number }
  | { readonly kind: 'undefined' };

/** Who outside of an executable or a shared object may see a global symbol. System V ABI, "Symbol Table". */
export type Visibility = 'default' | 'hidden' | 'protected';

export interface ObjectSymbol {
  readonly name: string;
  readonly binding: 'local' | 'global' | 'weak';
  readonly kind: 'label' | 'function' | 'object' | 'thread';
  readonly visibility?: Visibility;
  readonly place: Place;
  readonly size: number;
  /** Made by the assembler (numeric labels, `.L…`): it does not reach the image. */
  readonly hidden: boolean;
  /** Where the source defines it, or first uses it. */
  readonly at?: Span;
}

/** COMDAT: of all groups with the same signature the first is linked. */
export interface SectionGroup {
  readonly signature: string;
  readonly sections: readonly number[];
}

export type FloatAbi = 'soft' | 'single' | 'double' | 'quad';

/** lp64d, as compilers have it for machines with D: of assembly, which does not say. */
export const defaultFloatAbi: FloatAbi = 'double';

export interface ObjectFile {
  readonly name: string;
  /** The archive that it comes out of. */
  readonly archive?: string;
  /** Of a library of sources: whoever builds the program has not written it. */
  readonly library?: true;
  readonly sections: readonly ObjectSection[];
  readonly symbols: readonly ObjectSymbol[];
  readonly groups?: readonly SectionGroup[];
  /** Sources by the numbers that `.file` gave them. */
  readonly files?: readonly string[];
  readonly frames?: readonly CallFrame[];
  /** Holds 16-bit instructions. */
  readonly compressed: boolean;
  /** Registers in which functions take floating-point numbers, where the object says so. */
  readonly floatAbi?: FloatAbi;
}

/** As messages name it: a member stands behind its archive. */
export const objectTitle = ({ name, archive }: ObjectFile): string =>
  archive === undefined ? name : `${archive}(${name})`;

/** For messages about an object that no source is known of. */
export const objectSpan = (object: ObjectFile): Span => ({
  file: objectTitle(object),
  line: 1,
  column: 1,
  endColumn: 2,
});
