/** Arithmetic that tells whether its result fits (`__builtin_add_overflow` and its kin). */
import { type CType, type IntegerType, intType, isInteger, isPointer, longType } from '../types/types.ts';
import { lowerArithmetic, lowerConversion } from './arithmetic.ts';
import { type Builder, constant, emit } from './builder.ts';
import type { Lower } from './builtins.ts';
import type { Value } from './ir.ts';
import { memoryAt, storeScalar } from './places.ts';
import { accessOf } from './value-types.ts';

type Op = '+' | '-' | '*';

const zero = (builder: Builder): Value => constant(builder, 'x', 0n);

/** Computed in 64 bits, and compared with what is left. */
function narrowOverflow(builder: Builder, op: Op, type: IntegerType, [a, b, result]: readonly Value[]): Value {
  const unsigned = !type.signed && type.size === 4;
  const widen = (value: Value | undefined): Value =>
    emit(builder, unsigned ? 'zext32' : 'widen', 'x', [value ?? constant(builder, 'w', 0n)]);
  const exact = emit(builder, op === '+' ? 'add' : op === '-' ? 'sub' : 'mul', 'x', [widen(a), widen(b)]);
  return emit(builder, 'ne', 'w', [exact, widen(result)]);
}

function sumOverflow(builder: Builder, op: '+' | '-', signed: boolean, a: Value, b: Value, result: Value): Value {
  if (!signed) return emit(builder, 'ltu', 'w', op === '+' ? [result, a] : [a, b]);
  // Signs tell: of a sum, the result's differs from both; of a difference, from the first where they differ.
  const one = emit(builder, 'xor', 'x', op === '+' ? [result, a] : [a, b]);
  const other = emit(builder, 'xor', 'x', op === '+' ? [result, b] : [a, result]);
  const both = emit(builder, 'and', 'x', [one, other]);
  return emit(builder, 'lt', 'w', [both, zero(builder)]);
}

function productOverflow(builder: Builder, signed: boolean, a: Value, b: Value, result: Value): Value {
  const high = emit(builder, signed ? 'mulh' : 'mulhu', 'x', [a, b]);
  const expected = signed ? emit(builder, 'sar', 'x', [result, constant(builder, 'x', 63n)]) : zero(builder);
  return emit(builder, 'ne', 'w', [high, expected]);
}

/** Operands and result have one type. */
function sameType(op: Op): Lower {
  return (builder, node, [a = zero(builder), b = zero(builder), pointer = zero(builder)]) => {
    const found = node.args[0]?.type;
    const type = found !== undefined && isInteger(found) ? found : intType;
    const sum = lowerArithmetic(builder, op, type, a, b);
    const result = type.size < 4 ? lowerConversion(builder, sum, intType, type) : sum;
    storeScalar(builder, memoryAt(pointer, type), accessOf(type), result);
    if (type.size < 8) return narrowOverflow(builder, op, type, [a, b, result]);
    return op === '*'
      ? productOverflow(builder, type.signed, a, b, result)
      : sumOverflow(builder, op, type.signed, a, b, result);
  };
}

/** A number of 128 bits. */
interface Wide {
  readonly low: Value;
  readonly high: Value;
}

function widened(builder: Builder, value: Value, type: CType): Wide {
  const low = lowerConversion(builder, value, type, longType);
  const signed = isInteger(type) && type.signed;
  return { low, high: signed ? emit(builder, 'sar', 'x', [low, constant(builder, 'x', 63n)]) : zero(builder) };
}

const x = (builder: Builder, op: 'add' | 'sub' | 'mul' | 'mulhu' | 'xor' | 'or', a: Value, b: Value): Value =>
  emit(builder, op, 'x', [a, b]);

function wideSum(builder: Builder, op: '+' | '-', a: Wide, b: Wide): Wide {
  const name = op === '+' ? 'add' : 'sub';
  const low = x(builder, name, a.low, b.low);
  const carry = emit(builder, 'widen', 'x', [emit(builder, 'ltu', 'w', op === '+' ? [low, a.low] : [a.low, b.low])]);
  return { low, high: x(builder, name, x(builder, name, a.high, b.high), carry) };
}

function wideProduct(builder: Builder, a: Wide, b: Wide): Wide {
  const crossed = x(builder, 'add', x(builder, 'mul', a.high, b.low), x(builder, 'mul', a.low, b.high));
  return {
    low: x(builder, 'mul', a.low, b.low),
    high: x(builder, 'add', x(builder, 'mulhu', a.low, b.low), crossed),
  };
}

/** Operands of any types: what does not fit differs from the exact result in some bit of 128. */
function mixedTypes(op: Op): Lower {
  return (builder, node, [a = zero(builder), b = zero(builder), pointer = zero(builder)]) => {
    const [left, right, third] = node.args.map((each) => each.type);
    const type = third !== undefined && isPointer(third) ? third.to : intType;
    const one = widened(builder, a, left ?? intType);
    const other = widened(builder, b, right ?? intType);
    const exact = op === '*' ? wideProduct(builder, one, other) : wideSum(builder, op, one, other);
    const result = lowerConversion(builder, exact.low, longType, type);
    storeScalar(builder, memoryAt(pointer, type), accessOf(type), result);
    const held = widened(builder, result, type);
    const lost = x(builder, 'or', x(builder, 'xor', held.low, exact.low), x(builder, 'xor', held.high, exact.high));
    return emit(builder, 'ne', 'w', [lost, zero(builder)]);
  };
}

export const overflowRules: Readonly<Record<string, Lower>> = Object.fromEntries(
  (['+', '-', '*'] as const).flatMap((op): [string, Lower][] => [
    [`overflow${op}`, sameType(op)],
    [`exact${op}`, mixedTypes(op)],
  ]),
);
