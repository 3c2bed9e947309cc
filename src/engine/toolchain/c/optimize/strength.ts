/** Products and quotients of powers of two as shifts. */
import type { Value } from '../ir/ir.ts';
import { type Make, makeConst } from './simplify.ts';

const isPower = (value: bigint): boolean => value > 0n && (value & (value - 1n)) === 0n;
const logarithm = (value: bigint): bigint => BigInt(value.toString(2).length - 1);

function multiply(value: Value, left: Value, imm: bigint, make: Make): Value | undefined {
  const { type } = value;
  if (imm === 0n) return makeConst(make, type, 0n);
  if (imm === 1n) return left;
  if (imm === -1n) return make('sub', type, [makeConst(make, type, 0n), left]);
  if (isPower(imm)) return make('shl', type, [left, makeConst(make, type, logarithm(imm))]);
  return undefined;
}

/** Added to a negative number so that shifting it rounds toward zero. */
function bias(value: Value, left: Value, by: bigint, make: Make): Value {
  const { type } = value;
  const width = type === 'w' ? 32n : 64n;
  const sign = by === 1n ? left : make('sar', type, [left, makeConst(make, type, width - 1n)]);
  return make('shr', type, [sign, makeConst(make, type, width - by)]);
}

function divide(value: Value, left: Value, imm: bigint, make: Make): Value | undefined {
  const { type } = value;
  if (imm === 1n) return left;
  if (imm === -1n) return make('sub', type, [makeConst(make, type, 0n), left]);
  if (!isPower(imm)) return undefined;
  const by = logarithm(imm);
  const biased = make('add', type, [left, bias(value, left, by, make)]);
  return make('sar', type, [biased, makeConst(make, type, by)]);
}

function remainder(value: Value, left: Value, imm: bigint, make: Make): Value | undefined {
  const { type } = value;
  if (imm === 1n || imm === -1n) return makeConst(make, type, 0n);
  if (!isPower(imm)) return undefined;
  const added = bias(value, left, logarithm(imm), make);
  const low = make('and', type, [make('add', type, [left, added]), makeConst(make, type, imm - 1n)]);
  return make('sub', type, [low, added]);
}

/** `imm` as the unsigned number of that width. */
const unsignedImm = (imm: bigint, type: Value['type']): bigint => BigInt.asUintN(type === 'w' ? 32 : 64, imm);

export function strengthReduce(value: Value, left: Value, imm: bigint, make: Make): Value | undefined {
  const { op, type } = value;
  if (op === 'mul') return multiply(value, left, imm, make);
  if (op === 'div') return divide(value, left, imm, make);
  if (op === 'rem') return remainder(value, left, imm, make);
  const unsigned = unsignedImm(imm, type);
  if (!isPower(unsigned)) return undefined;
  if (op === 'divu')
    return unsigned === 1n ? left : make('shr', type, [left, makeConst(make, type, logarithm(unsigned))]);
  if (op === 'remu') return make('and', type, [left, makeConst(make, type, unsigned - 1n)]);
  return undefined;
}
