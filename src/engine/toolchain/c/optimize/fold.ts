/** Operations on constants. */

import { integerToFloat } from '../check/constant.ts';
import type { Op, Value, ValueType } from '../ir/ir.ts';
import type { Make } from './simplify.ts';

export const wrapValue = (value: bigint, type: ValueType): bigint => BigInt.asIntN(type === 'w' ? 32 : 64, value);
const unsignedOf = (value: bigint, type: ValueType): bigint => BigInt.asUintN(type === 'w' ? 32 : 64, value);
const bool = (value: boolean): bigint => (value ? 1n : 0n);

type Fold = (a: bigint, b: bigint, type: ValueType) => bigint | undefined;

const amount = (by: bigint, type: ValueType): bigint => by & (type === 'w' ? 31n : 63n);

/** What the processor's division gives, also for zero (RISC-V ISA, "M" extension). */
const folds: Partial<Record<Op, Fold>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => (b === 0n ? -1n : a / b),
  rem: (a, b) => (b === 0n ? a : a % b),
  divu: (a, b, type) => (b === 0n ? -1n : unsignedOf(a, type) / unsignedOf(b, type)),
  remu: (a, b, type) => (b === 0n ? a : unsignedOf(a, type) % unsignedOf(b, type)),
  mulh: (a, b) => (a * b) >> 64n,
  mulhu: (a, b) => (BigInt.asUintN(64, a) * BigInt.asUintN(64, b)) >> 64n,
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  shl: (a, b, type) => a << amount(b, type),
  shr: (a, b, type) => unsignedOf(a, type) >> amount(b, type),
  sar: (a, b, type) => a >> amount(b, type),
  eq: (a, b) => bool(a === b),
  ne: (a, b) => bool(a !== b),
  lt: (a, b) => bool(a < b),
  ge: (a, b) => bool(a >= b),
  ltu: (a, b) => bool(BigInt.asUintN(64, a) < BigInt.asUintN(64, b)),
  geu: (a, b) => bool(BigInt.asUintN(64, a) >= BigInt.asUintN(64, b)),
};

const comparisons: ReadonlySet<Op> = new Set<Op>(['eq', 'ne', 'lt', 'ge', 'ltu', 'geu']);

/** Undefined if `op` is no comparison. */
export const compareConstants = (op: Op, a: bigint, b: bigint): boolean | undefined =>
  comparisons.has(op) ? folds[op]?.(a, b, 'x') === 1n : undefined;

const extensions: Partial<Record<Op, (a: bigint) => bigint>> = {
  widen: (a) => a,
  narrow: (a) => a,
  zext8: (a) => BigInt.asUintN(8, a),
  zext16: (a) => BigInt.asUintN(16, a),
  zext32: (a) => BigInt.asUintN(32, a),
  sext8: (a) => BigInt.asIntN(8, a),
  sext16: (a) => BigInt.asIntN(16, a),
};

const floats: Partial<Record<Op, (a: number, b: number) => number>> = {
  fadd: (a, b) => a + b,
  fsub: (a, b) => a - b,
  fmul: (a, b) => a * b,
  fdiv: (a, b) => a / b,
};

const constOf = (make: Make, type: ValueType, imm: bigint): Value =>
  make('const', type, [], { imm: wrapValue(imm, type) });

function foldFloat(value: Value, make: Make): Value | undefined {
  const [a, b] = value.args;
  if (a?.op !== 'float' || a.number === undefined) return undefined;
  if (value.op === 'fneg') return make('float', value.type, [], { number: -a.number });
  if (value.op === 'resize' && value.name === undefined) {
    return make('float', value.type, [], { number: value.type === 's' ? Math.fround(a.number) : a.number });
  }
  if (b?.op !== 'float' || b.number === undefined) return undefined;
  const result = floats[value.op]?.(a.number, b.number);
  // What raises a flag is left to the processor.
  if (result === undefined || !Number.isFinite(result)) return undefined;
  return make('float', value.type, [], { number: value.type === 's' ? Math.fround(result) : result });
}

function foldToFloat(value: Value, imm: bigint, make: Make): Value | undefined {
  const from = value.args[0]?.type ?? 'x';
  const number = integerToFloat(value.unsigned === true ? unsignedOf(imm, from) : imm, value.type === 's' ? 4 : 8);
  return make('float', value.type, [], { number });
}

export function foldConstants(value: Value, make: Make): Value | undefined {
  const [a, b] = value.args;
  if (a === undefined) return undefined;
  if (a.op === 'float') return foldFloat(value, make);
  if (a.op !== 'const') return undefined;
  if (b === undefined) {
    if (value.op === 'toFloat') return foldToFloat(value, a.imm, make);
    const result = extensions[value.op]?.(a.imm);
    return result === undefined ? undefined : constOf(make, value.type, result);
  }
  if (b.op !== 'const') return undefined;
  // Comparisons of `w` hold for its sign-extended form, unsigned ones too: the order is the same.
  const result = folds[value.op]?.(a.imm, b.imm, value.type);
  return result === undefined ? undefined : constOf(make, value.type, result);
}
