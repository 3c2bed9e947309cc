/** Arithmetic and conversions of scalars. */
import type { ArithmeticOp, CompareOp as SourceCompare } from '../check/tree.ts';
import { fitsUnsigned } from '../optimize/simplify.ts';
import { type CType, isBool, isFloating, isInteger } from '../types/types.ts';
import { type Builder, constant, emit } from './builder.ts';
import type { BinaryOp, CompareOp, FloatOp, Value } from './ir.ts';
import { isFloatValue, valueTypeOf } from './value-types.ts';

const isSigned = (type: CType): boolean => isInteger(type) && type.signed;

const integerOps: Readonly<Record<ArithmeticOp, readonly [signed: BinaryOp, unsigned: BinaryOp]>> = {
  '+': ['add', 'add'],
  '-': ['sub', 'sub'],
  '*': ['mul', 'mul'],
  '/': ['div', 'divu'],
  '%': ['rem', 'remu'],
  '<<': ['shl', 'shl'],
  '>>': ['sar', 'shr'],
  '&': ['and', 'and'],
  '|': ['or', 'or'],
  '^': ['xor', 'xor'],
};
const floatOps: Partial<Record<ArithmeticOp, FloatOp>> = { '+': 'fadd', '-': 'fsub', '*': 'fmul', '/': 'fdiv' };

const isLongDouble = (type: CType): boolean => isFloating(type) && type.size === 16;

/** `long double` would need software of its own. */
export function refuseLongDouble(builder: Builder, type: CType): void {
  if (!isLongDouble(type)) return;
  builder.reporter.error(builder.at, 'arithmetic with `long double` is not available', 'use `double`');
}

/** Operands of the type that it is computed in; a shift's right one may have another. */
export function lowerArithmetic(builder: Builder, op: ArithmeticOp, type: CType, left: Value, right: Value): Value {
  refuseLongDouble(builder, type);
  const kind = valueTypeOf(type);
  if (isFloatValue(kind)) return emit(builder, floatOps[op] ?? 'fadd', kind, [left, right]);
  const [signed, unsigned] = integerOps[op];
  const shift = op === '<<' || op === '>>';
  const by = shift ? shiftAmount(builder, right, kind) : right;
  const noWrap = isSigned(type) && isInteger(type) && type.bits === undefined && (op === '+' || op === '-');
  const result = emit(builder, isSigned(type) ? signed : unsigned, kind, [left, by], noWrap ? { noWrap } : {});
  return wrapped(builder, result, type);
}

/** Of a wide bit-field's type only so many bits count. */
export function wrapped(builder: Builder, value: Value, type: CType): Value {
  if (!isInteger(type) || type.bits === undefined) return value;
  if (!type.signed && fitsUnsigned(value, type.bits)) return value;
  const by = constant(builder, 'x', BigInt(64 - type.bits));
  const raised = emit(builder, 'shl', 'x', [value, by]);
  return emit(builder, type.signed ? 'sar' : 'shr', 'x', [raised, by]);
}

/** Only the low bits count, so that the width does not matter. */
function shiftAmount(builder: Builder, amount: Value, kind: Value['type']): Value {
  if (amount.type === kind) return amount;
  return emit(builder, kind === 'w' ? 'narrow' : 'widen', kind, [amount]);
}

interface Comparison {
  readonly op: CompareOp;
  readonly swap: boolean;
}

function integerComparison(op: SourceCompare, signed: boolean): Comparison {
  const less = signed ? 'lt' : 'ltu';
  const notLess = signed ? 'ge' : 'geu';
  const table: Readonly<Record<SourceCompare, Comparison>> = {
    '==': { op: 'eq', swap: false },
    '!=': { op: 'ne', swap: false },
    '<': { op: less, swap: false },
    '>': { op: less, swap: true },
    '<=': { op: notLess, swap: true },
    '>=': { op: notLess, swap: false },
  };
  return table[op];
}

const floatComparisons: Readonly<Record<SourceCompare, { readonly op: FloatOp; readonly swap: boolean }>> = {
  '==': { op: 'feq', swap: false },
  '!=': { op: 'feq', swap: false },
  '<': { op: 'flt', swap: false },
  '>': { op: 'flt', swap: true },
  '<=': { op: 'fle', swap: false },
  '>=': { op: 'fle', swap: true },
};

/** 0 or 1; `type` is that of the operands. */
export function lowerCompare(builder: Builder, op: SourceCompare, type: CType, left: Value, right: Value): Value {
  refuseLongDouble(builder, type);
  if (isFloatValue(left.type)) {
    const { op: compare, swap } = floatComparisons[op];
    const found = emit(builder, compare, 'w', swap ? [right, left] : [left, right]);
    return op === '!=' ? emit(builder, 'xor', 'w', [found, constant(builder, 'w', 1n)]) : found;
  }
  const { op: compare, swap } = integerComparison(op, isSigned(type));
  return emit(builder, compare, 'w', swap ? [right, left] : [left, right]);
}

/** Whether it is not zero, as 0 or 1. */
export function truth(builder: Builder, value: Value): Value {
  if (value.type === 's' || value.type === 'd') {
    const zero = emit(builder, 'float', value.type, [], { number: 0 });
    const equal = emit(builder, 'feq', 'w', [value, zero]);
    return emit(builder, 'xor', 'w', [equal, constant(builder, 'w', 1n)]);
  }
  return emit(builder, 'ne', 'w', [value, constant(builder, value.type === 'x' ? 'x' : 'w', 0n)]);
}

/** Brings an integer to fewer bits, and extends it as its type is extended. */
function truncate(builder: Builder, value: Value, type: CType): Value {
  if (!isInteger(type)) return value;
  const word = value.type === 'x' && type.size < 8 ? emit(builder, 'narrow', 'w', [value]) : value;
  if (type.size === 1) return emit(builder, type.signed ? 'sext8' : 'zext8', 'w', [word]);
  return type.size === 2 ? emit(builder, type.signed ? 'sext16' : 'zext16', 'w', [word]) : word;
}

/** Every number of the one type is one of the other's bits. */
function fitsBits(from: CType, to: CType): boolean {
  if (!isInteger(to) || to.bits === undefined) return true;
  return isInteger(from) && from.bits !== undefined && from.bits <= to.bits && from.signed === to.signed;
}

function integerToInteger(builder: Builder, value: Value, from: CType, to: CType): Value {
  const fromSize = isInteger(from) ? from.size : 8;
  const toSize = isInteger(to) ? to.size : 8;
  if (toSize === 8) {
    if (value.type === 'x') return fitsBits(from, to) ? value : wrapped(builder, value, to);
    const wide = emit(builder, fromSize === 4 && !isSigned(from) ? 'zext32' : 'widen', 'x', [value]);
    return isSigned(from) && !isSigned(to) ? wrapped(builder, wide, to) : wide;
  }
  const fits =
    toSize > fromSize
      ? !isSigned(from) || isSigned(to) || toSize === 4
      : toSize === fromSize && isSigned(from) === isSigned(to);
  if (fits && value.type === 'w') return value;
  return truncate(builder, value, to);
}

/** The width of the integer register that `fcvt` works on: small ones go through `w`. */
const cvtType = (type: CType): 'w' | 'x' => (isInteger(type) && type.size < 8 ? 'w' : 'x');

export function lowerConversion(builder: Builder, value: Value, from: CType, to: CType): Value {
  if (isFloating(from) || isFloating(to)) {
    refuseLongDouble(builder, from);
    refuseLongDouble(builder, to);
  }
  if (to.kind === 'void') return value;
  if (isBool(to)) return isBool(from) ? value : truth(builder, value);
  if (isFloating(to)) {
    const kind = valueTypeOf(to);
    if (isFloating(from)) return value.type === kind ? value : emit(builder, 'resize', kind, [value]);
    const unsigned = isInteger(from) && !from.signed && from.size >= 4;
    return emit(builder, 'toFloat', kind, [value], { unsigned });
  }
  if (isFloating(from)) {
    const unsigned = isInteger(to) && !to.signed && to.size >= 4;
    const whole = emit(builder, 'toInteger', cvtType(to), [value], { unsigned });
    return wrapped(builder, truncate(builder, whole, to), to);
  }
  return integerToInteger(builder, value, from, to);
}
