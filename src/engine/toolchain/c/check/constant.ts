/** Values that are known before the program runs (C11 §6.6). */
import type { CType, IntegerType } from '../types/types.ts';
import { isBool, precisionOf } from '../types/types.ts';
import type { ArithmeticOp, CompareOp, Global, Typed } from './tree.ts';

/** Where a static object or a string lies. */
export type Base =
  | { readonly kind: 'global'; readonly global: Global }
  | { readonly kind: 'string'; readonly of: Typed };

export type Constant =
  | { readonly kind: 'integer'; readonly value: bigint }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'address'; readonly base: Base; readonly offset: bigint };

const integer = (value: bigint): Constant => ({ kind: 'integer', value });
const float = (value: number): Constant => ({ kind: 'float', value });

/** The value as an integer of that size holds it. */
export function wrapInteger(value: bigint, type: IntegerType): bigint {
  if (isBool(type)) return value === 0n ? 0n : 1n;
  const bits = precisionOf(type);
  return type.signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
}

export const wrapTo = (value: bigint, type: CType): bigint =>
  type.kind === 'integer' ? wrapInteger(value, type) : BigInt.asUintN(64, value);

/** Rounds toward zero; what does not fit becomes what `fcvt` makes of it. */
function floatToInteger(value: number, type: IntegerType): bigint {
  if (isBool(type)) return value === 0 ? 0n : 1n;
  const bits = Math.max(type.size * 8, 32);
  const most = type.signed ? (1n << BigInt(bits - 1)) - 1n : (1n << BigInt(bits)) - 1n;
  const least = type.signed ? -(1n << BigInt(bits - 1)) : 0n;
  if (Number.isNaN(value) || value === Infinity) return wrapInteger(most, type);
  if (value === -Infinity) return wrapInteger(least, type);
  const whole = BigInt(Math.trunc(value));
  return wrapInteger(whole > most ? most : whole < least ? least : whole, type);
}

/** The nearest `float`, rounded once from an exact integer. */
export function integerToFloat(value: bigint, size: number): number {
  const nearest = Number(value);
  if (size > 4) return nearest;
  const single = Math.fround(nearest);
  const exact = BigInt(nearest);
  if (exact === value || Math.abs(nearest - single) * 2 !== Math.abs(single - otherSide(nearest, single)))
    return single;
  // The double lies halfway between two floats: what it lost decides.
  const other = otherSide(nearest, single);
  return value > exact === other > single ? other : single;
}

function otherSide(value: number, single: number): number {
  const step = 2 ** (Math.floor(Math.log2(Math.abs(single))) - 23);
  return value > single ? single + step : single - step;
}

function convert(value: Constant, from: CType, to: CType): Constant | undefined {
  if (to.kind === 'void') return undefined;
  if (value.kind === 'address') {
    if (to.kind === 'integer' && isBool(to)) return integer(1n);
    return to.kind === 'pointer' || (to.kind === 'integer' && to.size === 8) ? value : undefined;
  }
  if (to.kind === 'floating') {
    const number = value.kind === 'float' ? value.value : integerToFloat(value.value, to.size);
    return float(to.size === 4 ? Math.fround(number) : number);
  }
  if (value.kind === 'float') return to.kind === 'integer' ? integer(floatToInteger(value.value, to)) : undefined;
  return integer(wrapTo(from.kind === 'pointer' ? BigInt.asIntN(64, value.value) : value.value, to));
}

function foldIntegers(op: ArithmeticOp, a: bigint, b: bigint, type: IntegerType): bigint | undefined {
  const bits = BigInt(type.size * 8 - 1);
  switch (op) {
    case '+':
      return wrapInteger(a + b, type);
    case '-':
      return wrapInteger(a - b, type);
    case '*':
      return wrapInteger(a * b, type);
    case '/':
      return b === 0n ? undefined : wrapInteger(a / b, type);
    case '%':
      return b === 0n ? undefined : wrapInteger(a % b, type);
    case '<<':
      return wrapInteger(a << (b & bits), type);
    case '>>':
      return wrapInteger(a >> (b & bits), type);
    case '&':
      return wrapInteger(a & b, type);
    case '|':
      return wrapInteger(a | b, type);
    case '^':
      return wrapInteger(a ^ b, type);
  }
}

function foldFloats(op: ArithmeticOp, a: number, b: number, size: number): number | undefined {
  const results: Partial<Record<ArithmeticOp, number>> = { '+': a + b, '-': a - b, '*': a * b, '/': a / b };
  const result = results[op];
  return result === undefined || size > 4 ? result : Math.fround(result);
}

function compareValues<T extends bigint | number>(op: CompareOp, a: T, b: T): boolean {
  switch (op) {
    case '==':
      return a === b;
    case '!=':
      return a !== b;
    case '<':
      return a < b;
    case '>':
      return a > b;
    case '<=':
      return a <= b;
    case '>=':
      return a >= b;
  }
}

const sameBase = (a: Base, b: Base): boolean =>
  a.kind === 'global' ? b.kind === 'global' && a.global === b.global : b.kind === 'string' && a.of === b.of;

function foldBinary(node: Typed & { kind: 'arithmetic' | 'compare' }): Constant | undefined {
  const left = evaluate(node.left);
  const right = evaluate(node.right);
  if (left === undefined || right === undefined) return undefined;
  if (left.kind === 'integer' && right.kind === 'integer') {
    if (node.kind === 'compare') return integer(compareValues(node.op, left.value, right.value) ? 1n : 0n);
    const { type } = node;
    const value = type.kind === 'integer' ? foldIntegers(node.op, left.value, right.value, type) : undefined;
    return value === undefined ? undefined : integer(value);
  }
  if (left.kind === 'float' && right.kind === 'float') {
    if (node.kind === 'compare') return integer(compareValues(node.op, left.value, right.value) ? 1n : 0n);
    const size = node.type.kind === 'floating' ? node.type.size : 8;
    const value = foldFloats(node.op, left.value, right.value, size);
    return value === undefined ? undefined : float(value);
  }
  if (
    node.kind === 'compare' &&
    left.kind === 'address' &&
    right.kind === 'address' &&
    sameBase(left.base, right.base)
  ) {
    return integer(compareValues(node.op, left.offset, right.offset) ? 1n : 0n);
  }
  return undefined;
}

const isTrue = (value: Constant): boolean => value.kind === 'address' || Number(value.value) !== 0;

function foldUnary(node: Typed & { kind: 'negate' | 'complement' | 'not' }): Constant | undefined {
  const value = evaluate(node.operand);
  if (value === undefined) return undefined;
  if (node.kind === 'not') return integer(isTrue(value) ? 0n : 1n);
  if (value.kind === 'float') return node.kind === 'negate' ? float(-value.value) : undefined;
  if (value.kind === 'address') return undefined;
  return integer(wrapTo(node.kind === 'negate' ? -value.value : ~value.value, node.type));
}

function foldChoice(node: Typed & { kind: 'logical' | 'conditional' }): Constant | undefined {
  const first = evaluate(node.kind === 'logical' ? node.left : node.condition);
  if (first === undefined) return undefined;
  const truth = isTrue(first);
  if (node.kind === 'conditional')
    return truth ? (node.whenTrue === undefined ? first : evaluate(node.whenTrue)) : evaluate(node.otherwise);
  if (truth === (node.op === '||')) return integer(truth ? 1n : 0n);
  const second = evaluate(node.right);
  return second === undefined ? undefined : integer(isTrue(second) ? 1n : 0n);
}

function foldOffset(node: Typed & { kind: 'offset' }): Constant | undefined {
  const pointer = evaluate(node.pointer);
  const index = evaluate(node.index);
  if (pointer === undefined || index?.kind !== 'integer') return undefined;
  const by = index.value * BigInt(node.size);
  if (pointer.kind === 'address') return { ...pointer, offset: pointer.offset + by };
  return pointer.kind === 'integer' ? integer(BigInt.asUintN(64, pointer.value + by)) : undefined;
}

function foldDifference(node: Typed & { kind: 'difference' }): Constant | undefined {
  const left = evaluate(node.left);
  const right = evaluate(node.right);
  const size = BigInt(Math.max(node.size, 1));
  if (left?.kind === 'integer' && right?.kind === 'integer') return integer((left.value - right.value) / size);
  if (left?.kind !== 'address' || right?.kind !== 'address' || !sameBase(left.base, right.base)) return undefined;
  return integer((left.offset - right.offset) / size);
}

/** Where an object lies, if that is known. */
function addressOf(node: Typed): Constant | undefined {
  if (node.kind === 'global') return { kind: 'address', base: { kind: 'global', global: node.global }, offset: 0n };
  if (node.kind === 'string') return { kind: 'address', base: { kind: 'string', of: node }, offset: 0n };
  if (node.kind === 'deref') return evaluate(node.pointer);
  if (node.kind !== 'field') return undefined;
  const object = addressOf(node.object);
  const by = BigInt(node.offset);
  if (object?.kind === 'address') return { ...object, offset: object.offset + by };
  return object?.kind === 'integer' ? integer(object.value + by) : undefined;
}

/** Undefined if the value is known only when the program runs. */
export function evaluate(node: Typed): Constant | undefined {
  switch (node.kind) {
    case 'constant':
      return integer(node.value);
    case 'float':
      return float(node.value);
    case 'address':
      return addressOf(node.operand);
    case 'convert': {
      const value = evaluate(node.operand);
      return value === undefined ? undefined : convert(value, node.operand.type, node.type);
    }
    case 'negate':
    case 'complement':
    case 'not':
      return foldUnary(node);
    case 'arithmetic':
    case 'compare':
      return foldBinary(node);
    case 'offset':
      return foldOffset(node);
    case 'difference':
      return foldDifference(node);
    case 'logical':
    case 'conditional':
      return foldChoice(node);
    case 'comma':
      return evaluate(node.left) === undefined ? undefined : evaluate(node.right);
    case 'builtin':
      return node.name === 'expect' && node.args[0] !== undefined ? evaluate(node.args[0]) : undefined;
    default:
      return undefined;
  }
}

export function integerConstant(node: Typed): bigint | undefined {
  const value = evaluate(node);
  return value?.kind === 'integer' ? value.value : undefined;
}
