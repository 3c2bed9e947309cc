/**
 * Values of a script's expressions. As in GNU ld, a value is a plain number, an absolute address, or an offset in an output
 * section; what an operator does follows from that (manual, "The Section of an Expression").
 */
import type { BinaryOperator } from './script/script.ts';

/** `base`: the output section by its index in the plan. */
export interface Value {
  readonly value: bigint;
  readonly base: number | 'absolute' | undefined;
}

export const plain = (value: bigint): Value => ({ value: BigInt.asUintN(64, value), base: undefined });
export const absolute = (value: bigint): Value => ({ value: BigInt.asUintN(64, value), base: 'absolute' });

const truth = (value: boolean): bigint => (value ? 1n : 0n);
const shifts = (by: bigint): boolean => by >= 0n && by < 64n;

/** Operands are unsigned 64-bit numbers. Undefined for a division by zero. */
export function combine(op: BinaryOperator, a: bigint, b: bigint): bigint | undefined {
  switch (op) {
    case '*':
      return a * b;
    case '/':
      return b === 0n ? undefined : a / b;
    case '%':
      return b === 0n ? undefined : a % b;
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '<<':
      return shifts(b) ? a << b : 0n;
    case '>>':
      return shifts(b) ? a >> b : 0n;
    case '==':
      return truth(a === b);
    case '!=':
      return truth(a !== b);
    case '<=':
      return truth(a <= b);
    case '>=':
      return truth(a >= b);
    case '<':
      return truth(a < b);
    case '>':
      return truth(a > b);
    case '&':
      return a & b;
    case '^':
      return a ^ b;
    case '|':
      return a | b;
    case '&&':
      return truth(a !== 0n && b !== 0n);
    case '||':
      return truth(a !== 0n || b !== 0n);
  }
}

const comparisons: ReadonlySet<BinaryOperator> = new Set(['==', '!=', '<=', '>=', '<', '>', '&&', '||']);

/** The base of a result: an offset stays one only if it was combined with a plain number. */
export function combinedBase(op: BinaryOperator, a: Value, b: Value): Value['base'] {
  if (comparisons.has(op)) return undefined;
  if (a.base === undefined) return b.base;
  return b.base === undefined ? a.base : undefined;
}

export function alignUp(value: bigint, alignment: bigint): bigint {
  const step = alignment <= 0n ? 1n : alignment;
  return ((value + step - 1n) / step) * step;
}
