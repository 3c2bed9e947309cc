/** Bit-fields, read and written with the unit that they stand in. */
import { type BitRange, type CType, isInteger, unsignedCharType, unsignedLongType } from '../types/types.ts';
import { type Builder, constant, emit } from './builder.ts';
import type { Access, Value } from './ir.ts';
import { load, loadAt, loadBytes, type Memory, part, store, storeBytes } from './places.ts';
import { accessOf, valueTypeOf } from './value-types.ts';

interface Unit {
  readonly value: Value;
  readonly bytes: number;
  readonly aligned: boolean;
}

/** The unit that a bit-field stands in: as wide as its type, or only the bytes that it touches. */
function loadUnit(builder: Builder, place: Memory, bits: BitRange, access: Access): Unit {
  const type = access.size === 8 ? 'x' : 'w';
  if (place.alignment >= access.size && bits.shift + bits.width <= access.size * 8) {
    const plain = { ...access, signed: access.size >= 4 };
    return { value: loadAt(builder, place.base, place.offset, type, plain), bytes: access.size, aligned: true };
  }
  const bytes = Math.ceil((bits.shift + bits.width) / 8);
  return { value: loadBytes(builder, place, bytes, false), bytes, aligned: false };
}

/** A field over more than 64 bits, of a packed struct: its low part, and the rest in a byte of its own. */
function splitField(place: Memory, bits: BitRange): readonly [low: Memory, high: Memory] {
  const low = { shift: bits.shift, width: 64 - bits.shift };
  return [part(place, 0, low), part(place, 8, { shift: 0, width: bits.width - low.width })];
}

const isSplit = ({ shift, width }: BitRange): boolean => shift + width > 64;

function readSplit(builder: Builder, place: Memory, bits: BitRange, type: CType): Value {
  const [low, high] = splitField(place, bits);
  const rest = load(builder, high, unsignedCharType);
  const above = constant(builder, 'x', BigInt(64 - bits.shift));
  const moved = emit(builder, 'shl', 'x', [emit(builder, 'widen', 'x', [rest]), above]);
  const whole = emit(builder, 'or', 'x', [load(builder, low, unsignedLongType), moved]);
  const up = constant(builder, 'x', BigInt(64 - bits.width));
  const signed = isInteger(type) && type.signed;
  return signed ? emit(builder, 'sar', 'x', [emit(builder, 'shl', 'x', [whole, up]), up]) : whole;
}

function writeSplit(builder: Builder, place: Memory, bits: BitRange, value: Value): void {
  const [low, high] = splitField(place, bits);
  store(builder, low, unsignedLongType, value);
  const above = constant(builder, 'x', BigInt(64 - bits.shift));
  store(builder, high, unsignedCharType, emit(builder, 'narrow', 'w', [emit(builder, 'shr', 'x', [value, above])]));
}

export function readBits(builder: Builder, place: Memory, bits: BitRange, type: CType): Value {
  if (isSplit(bits)) return readSplit(builder, place, bits, type);
  const { value } = loadUnit(builder, place, bits, accessOf(type));
  const wide = value.type === 'x' ? 64 : 32;
  const kind = value.type === 'x' ? 'x' : 'w';
  const up = BigInt(wide - bits.shift - bits.width);
  const raised = emit(builder, 'shl', kind, [value, constant(builder, kind, up)]);
  const signed = isInteger(type) && type.signed && type.rank > 0;
  const field = emit(builder, signed ? 'sar' : 'shr', kind, [
    raised,
    constant(builder, kind, BigInt(wide - bits.width)),
  ]);
  const wanted = valueTypeOf(type);
  if (wanted === kind) return field;
  return emit(builder, wanted === 'w' ? 'narrow' : 'widen', wanted, [field]);
}

/** Writes the field and gives what it holds then. */
export function writeBits(builder: Builder, place: Memory, bits: BitRange, type: CType, given: Value): void {
  if (isSplit(bits)) {
    writeSplit(builder, place, bits, given);
    return;
  }
  const access = accessOf(type);
  const { value: unit, bytes, aligned } = loadUnit(builder, place, bits, access);
  const kind = unit.type === 'x' ? 'x' : 'w';
  const fitted = given.type === kind ? given : emit(builder, kind === 'x' ? 'widen' : 'narrow', kind, [given]);
  const mask = (1n << BigInt(bits.width)) - 1n;
  const shift = BigInt(bits.shift);
  const low = emit(builder, 'and', kind, [fitted, constant(builder, kind, mask)]);
  const moved = emit(builder, 'shl', kind, [low, constant(builder, kind, shift)]);
  const rest = emit(builder, 'and', kind, [unit, constant(builder, kind, ~(mask << shift))]);
  const whole = emit(builder, 'or', kind, [rest, moved]);
  if (aligned) emit(builder, 'store', 'v', [place.base, whole], { imm: place.offset, access });
  else storeBytes(builder, place, bytes, whole);
}
