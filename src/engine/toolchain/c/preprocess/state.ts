/** What the preprocessor knows while it reads. */
import type { Reporter, Span } from '../../diagnostics.ts';
import type { Token } from './tokens.ts';

export interface Macro {
  readonly name: string;
  /** Undefined for a macro without parentheses. */
  readonly parameters: readonly string[] | undefined;
  /** The last parameter takes all further arguments. */
  readonly variadic: boolean;
  readonly body: readonly Token[];
  readonly at: Span;
  /** Computed where it is used: `__LINE__` and the like. */
  readonly computed?: (state: State, use: Token) => Token;
  /** How many of its expansions are being read. */
  active: number;
}

/** Tokens being read: a file, the expansion of a macro, an argument that is expanded by itself. */
export interface Frame {
  readonly kind: 'file' | 'macro' | 'list';
  readonly tokens: readonly Token[];
  next: number;
  readonly macro?: Macro;
  /** Set by `#line`: what is added to lines, and the name of the file. */
  renumbered?: { readonly by: number; readonly file: string };
  /** Conditionals that were open when a file began. */
  readonly conditions: number;
}

export interface Condition {
  readonly at: Span;
  /** Some branch has been taken. */
  done: boolean;
  seenElse: boolean;
}

export interface FoundFile {
  readonly name: string;
  readonly text: string;
}

/** `angled`: written with `<…>`; `from` is the file that includes. */
export type FindInclude = (name: string, from: string, angled: boolean) => FoundFile | undefined;

/** What the compiler has, for `__has_builtin` and `__has_attribute`. */
export interface Features {
  readonly builtin: (name: string) => boolean;
  readonly attribute: (name: string) => boolean;
}

export interface State {
  readonly reporter: Reporter;
  readonly features: Features;
  readonly find: FindInclude;
  readonly macros: Map<string, Macro>;
  readonly frames: Frame[];
  readonly conditions: Condition[];
  /** Files that said `#pragma once`. */
  readonly once: Set<string>;
  /** Macros that `#pragma push_macro` has put aside. */
  readonly pushed: Map<string, (Macro | undefined)[]>;
  /** Macros expanded so far, and tokens that they made. */
  expansions: number;
  counter: number;
  /** Files are assembly: `#` begins a comment where it begins no directive. */
  readonly assembly: boolean;
  /** Set where a token is taken that begins a line of a file. */
  lineBegun: boolean;
}

export const limits = { includeDepth: 60, expansions: 200_000, tokens: 4_000_000 } as const;

export function tokenLike(token: Token, kind: Token['kind'], text: string): Token {
  return { kind, text, at: token.at, spaced: token.spaced, first: false };
}

export function pushFrame(state: State, frame: Frame): void {
  if (frame.macro !== undefined) frame.macro.active++;
  state.frames.push(frame);
}

export function popFrame(state: State): Frame | undefined {
  const frame = state.frames.pop();
  if (frame?.macro !== undefined) frame.macro.active--;
  return frame;
}
