/**
 * Arrays whose length is known when their declaration is reached (C11 §6.7.6.2), of one such dimension: a pointer to memory
 * below the frame, which is given back where the block ends.
 */
import type { Span } from '../../diagnostics.ts';
import type { DeclarationSpecifiers, Declarator } from '../parse/syntax.ts';
import { sizeOf } from '../types/layout.ts';
import { arrayOf, brokenType, type CType, isInteger, pointerTo, unsignedLongType, voidType } from '../types/types.ts';
import { type Checker, type FunctionContext, isBroken } from './checker.ts';
import { integerConstant } from './constant.ts';
import { convertTo, promoted } from './convert.ts';
import { declare, newLocal } from './names.ts';
import { resolveType } from './resolve-type.ts';
import type { Local, Typed, TypedStatement } from './tree.ts';
import { rvalue } from './values.ts';

/** A block that is being read, with where the stack was before its first such array. */
export interface BlockMark {
  stack: Local | undefined;
}

const read = (local: Local, at: Span): Typed => ({ kind: 'local', local, type: local.type, at });

const builtin = (name: string, args: readonly Typed[], type: CType, at: Span): Typed => ({
  kind: 'builtin',
  name,
  args,
  type,
  at,
});

const begun = (local: Local, value: Typed, at: Span): TypedStatement => ({
  kind: 'declare',
  local,
  init: { items: [{ offset: 0, type: local.type, bits: undefined, value }], zeroFill: false },
  at,
});

const restored = (stack: Local, at: Span): TypedStatement => ({
  kind: 'expression',
  value: builtin('stack_restore', [read(stack, at)], voidType, at),
  at,
});

/** The length, if it is none that is known now. */
function lengthOf(checker: Checker, { type }: Declarator, { storage }: DeclarationSpecifiers): Typed | undefined {
  const automatic = storage === undefined || storage === 'auto' || storage === 'register';
  if (checker.current === undefined || !automatic || type.kind !== 'array' || type.length === undefined)
    return undefined;
  const length = rvalue(checker, type.length);
  // Said once: what asks for the type again is told that it is broken.
  if (isBroken(length)) checker.types.set(type, brokenType);
  return isInteger(length.type) && integerConstant(length) === undefined ? length : undefined;
}

/** Undefined for a declaration of anything else. */
export function variableLengthArray(
  checker: Checker,
  declarator: Declarator,
  specifiers: DeclarationSpecifiers,
): TypedStatement[] | undefined {
  const length = lengthOf(checker, declarator, specifiers);
  const { name, at, initializer, type: syntax } = declarator;
  if (length === undefined || syntax.kind !== 'array') return undefined;
  const element = resolveType(checker, syntax.of);
  const size = sizeOf(element);
  if (size === undefined) return undefined;
  if (initializer !== undefined)
    checker.reporter.error(initializer.at, 'an array whose length is not a constant cannot have values here');
  const hidden = (type: CType): Local => newLocal(checker, { name: '', type, at, hidden: true });
  const bytes = hidden(unsignedLongType);
  const pointer = newLocal(checker, { name, type: pointerTo(element), at });
  declare(checker, name, { kind: 'local', local: pointer, bytes }, at);
  const count = convertTo(promoted(length), unsignedLongType);
  const factor: Typed = { kind: 'constant', value: BigInt(size), type: unsignedLongType, at };
  const product: Typed = { kind: 'arithmetic', op: '*', left: count, right: factor, type: unsignedLongType, at };
  const block = checker.current?.blocks.at(-1);
  if (block !== undefined) block.stack ??= hidden(pointerTo(voidType));
  const memory = builtin('alloca', [read(bytes, at)], pointerTo(voidType), at);
  return [begun(bytes, product, at), begun(pointer, convertTo(memory, pointer.type), at)];
}

/** The array that the pointer stands for. */
export const arrayBehind = (local: Local, at: Span): Typed => ({
  kind: 'deref',
  pointer: read(local, at),
  type: arrayOf(local.type.kind === 'pointer' ? local.type.to : local.type, undefined),
  at,
});

/** Statements of a block; memory of its arrays is given back at its end. */
export function withStack({ stack }: BlockMark, statements: readonly TypedStatement[], at: Span): TypedStatement[] {
  if (stack === undefined) return [...statements];
  const saved = begun(stack, builtin('stack_save', [], stack.type, at), at);
  return [saved, ...statements, restored(stack, at)];
}

/** What comes before a jump out of all blocks that were opened after the first `depth`. */
export function leavingBlocks(current: FunctionContext, depth: number, at: Span): TypedStatement[] {
  const outermost = current.blocks.slice(depth).find(({ stack }) => stack !== undefined)?.stack;
  return outermost === undefined ? [] : [restored(outermost, at)];
}
