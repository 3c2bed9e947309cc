/** Symbols of one source while it is being assembled. */
import type { Span } from './diagnostics.ts';
import type { Node } from './expression.ts';
import type { Visibility } from './object.ts';
import type { Fragment } from './sections.ts';

export type Definition =
  | { readonly kind: 'label'; readonly fragment: Fragment; readonly offset: number }
  /** `.equ` and the like. */
  | { readonly kind: 'value'; readonly value: Node }
  /** `.comm`: the linker gives it room in .bss. */
  | { readonly kind: 'common'; readonly size: number; readonly alignment: number };

export interface AssemblySymbol {
  readonly name: string;
  definition: Definition | undefined;
  definedAt: Span | undefined;
  binding: 'local' | 'global' | 'weak';
  /** Where the source asks for this binding. */
  boundAt: Span | undefined;
  kind: 'label' | 'function' | 'object' | 'thread';
  visibility: Visibility;
  size: Node | undefined;
  /** Made by the assembler or numeric: not shown to anyone. */
  readonly hidden: boolean;
}

export const createSymbol = (name: string, hidden = false): AssemblySymbol => ({
  name,
  definition: undefined,
  definedAt: undefined,
  binding: 'local',
  boundAt: undefined,
  kind: 'label',
  visibility: 'default',
  size: undefined,
  hidden,
});
