/** A relocatable object: what one source becomes, and what the linker takes. Plain data. */
import type { Span } from './diagnostics.ts';
import type { RelocationName } from './relocations.ts';
import type { SectionFlags } from './sections.ts';

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

export interface ObjectLine {
  readonly offset: number;
  readonly file: string;
  readonly line: number;
}

export interface ObjectSection {
  readonly name: string;
  readonly flags: SectionFlags;
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

export interface ObjectSymbol {
  readonly name: string;
  readonly binding: 'local' | 'global' | 'weak';
  readonly kind: 'label' | 'function' | 'object';
  readonly place: Place;
  readonly size: number;
  /** Made by the assembler (numeric labels, `.L…`): it does not reach the image. */
  readonly hidden: boolean;
  /** Where the source defines it, or first uses it. */
  readonly at?: Span;
}

export interface ObjectFile {
  readonly name: string;
  readonly sections: readonly ObjectSection[];
  readonly symbols: readonly ObjectSymbol[];
  /** Holds 16-bit instructions. */
  readonly compressed: boolean;
}
