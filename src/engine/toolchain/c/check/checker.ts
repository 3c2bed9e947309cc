/** What the checker knows while it walks a translation unit: scopes, the current function, what it has made. */
import type { Reporter, Span } from '../../diagnostics.ts';
import type { TypeSyntax } from '../parse/syntax.ts';
import type { CType, FunctionType, RecordDefinition } from '../types/types.ts';
import { brokenType } from '../types/types.ts';
import type { Dispatch } from './label-values.ts';
import type { SignCheck } from './signs.ts';
import type { Global, Label, Local, SwitchCase, Typed, TypedFunction, TypedObject } from './tree.ts';
import type { BlockMark } from './variable-length.ts';

export type Entity =
  /** `bytes`: of an array whose length is not a constant; `local` points to it then. */
  | { readonly kind: 'local'; readonly local: Local; readonly bytes?: Local }
  | { readonly kind: 'global'; readonly global: Global }
  | { readonly kind: 'constant'; readonly value: bigint; readonly type: CType; readonly at: Span }
  | { readonly kind: 'typedef'; readonly type: CType; readonly at: Span };

export type Tag =
  | { readonly kind: 'record'; readonly definition: RecordDefinition }
  | { readonly kind: 'enum'; type: CType; complete: boolean; readonly at: Span };

export interface Scope {
  readonly names: Map<string, Entity>;
  readonly tags: Map<string, Tag>;
}

export interface SwitchContext {
  readonly type: CType;
  readonly cases: SwitchCase[];
  fallback: Label | undefined;
}

export interface NamedLabel extends Label {
  defined: boolean;
  used: boolean;
  readonly at: Span;
}

/** Where `break` or `continue` leads, and how many blocks are open there. */
export interface JumpTarget {
  readonly label: Label;
  readonly depth: number;
}

export interface FunctionContext {
  readonly global: Global;
  readonly type: FunctionType;
  readonly labels: Map<string, NamedLabel>;
  /** Labels whose address is taken; it is their number, from 1, and `goto *` is a switch over them. */
  readonly numbered: SwitchCase[];
  dispatch: Dispatch | undefined;
  readonly breaks: JumpTarget[];
  readonly continues: JumpTarget[];
  readonly blocks: BlockMark[];
  readonly switches: SwitchContext[];
  readonly locals: Local[];
  readonly signChecks: SignCheck[];
}

export interface Checker {
  readonly reporter: Reporter;
  /** Every variable has an address. */
  readonly inMemory: boolean;
  readonly scopes: Scope[];
  readonly globals: Map<string, Global>;
  readonly functions: TypedFunction[];
  readonly objects: Map<Global, TypedObject>;
  readonly assembly: { readonly text: string; readonly at: Span }[];
  /** Types by their syntax: declarators of one declaration share a struct's body. */
  readonly types: Map<TypeSyntax, CType>;
  current: FunctionContext | undefined;
  /** Above 0 in what is never computed, as a constant decides: slips there do no harm. */
  skipped: number;
  /** For the names of static locals and compound literals of files. */
  counter: number;
}

/** Checks what is computed only `if`; a constant may say that it never is. */
export function checkIf<T>(checker: Checker, computed: boolean, run: () => T): T {
  if (!computed) checker.skipped++;
  try {
    return run();
  } finally {
    if (!computed) checker.skipped--;
  }
}

const newScope = (): Scope => ({ names: new Map(), tags: new Map() });

export function createChecker(reporter: Reporter, inMemory: boolean): Checker {
  return {
    reporter,
    inMemory,
    scopes: [newScope()],
    globals: new Map(),
    functions: [],
    objects: new Map(),
    assembly: [],
    types: new Map(),
    current: undefined,
    skipped: 0,
    counter: 0,
  };
}

export function scoped<T>(checker: Checker, run: () => T): T {
  checker.scopes.push(newScope());
  try {
    return run();
  } finally {
    warnUnused(checker, checker.scopes.pop());
  }
}

function warnUnused({ reporter, current }: Checker, scope: Scope | undefined): void {
  // After an error, what would have used it may be missing.
  if (current === undefined || scope === undefined || reporter.failed) return;
  for (const entity of scope.names.values()) {
    if (entity.kind !== 'local' || entity.local.used || entity.local.parameter) continue;
    reporter.warn(entity.local.at, `the variable \`${entity.local.name}\` is never used`);
  }
}

export const innermost = (checker: Checker): Scope => checker.scopes.at(-1) ?? newScope();

export function lookUp(checker: Checker, name: string): Entity | undefined {
  for (let index = checker.scopes.length - 1; index >= 0; index--) {
    const found = checker.scopes[index]?.names.get(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

export function lookUpTag(checker: Checker, name: string): Tag | undefined {
  for (let index = checker.scopes.length - 1; index >= 0; index--) {
    const found = checker.scopes[index]?.tags.get(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

export function* visibleNames(checker: Checker): Generator<string> {
  for (const scope of checker.scopes) yield* scope.names.keys();
}

export const describePlace = ({ file, line }: Span): string => `${file}:${line}`;

export const placeOf = (entity: Entity): Span => {
  if (entity.kind === 'local') return entity.local.at;
  return entity.kind === 'global' ? entity.global.at : entity.at;
};

export const broken = (at: Span): Typed => ({ kind: 'broken', type: brokenType, at });

/** Reports, and gives what further checks are silent about. */
export function fail({ reporter }: Checker, at: Span, message: string, hint?: string): Typed {
  reporter.error(at, message, hint);
  return broken(at);
}

export const isBroken = (...list: readonly Typed[]): boolean => list.some(({ type }) => type.kind === 'broken');
