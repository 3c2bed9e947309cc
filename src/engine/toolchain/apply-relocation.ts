/** Carries out a relocation: puts its value into bytes, or says why it does not fit. */
import { type Field, fieldMask, fieldRange, insertField } from '../isa/encoding.ts';
import { replaceLeb128 } from './leb128.ts';
import { fieldBytes, type RelocationName, relocationShapes } from './relocations.ts';

export const highPart = (value: bigint): bigint => BigInt.asIntN(32, (value + 0x800n) & ~0xfffn);
export const lowPart = (value: bigint): bigint => BigInt.asIntN(12, value);

/** `length`: a LEB128 number that needs more bytes than the assembler left for it. */
export type Misfit =
  | { readonly kind: 'range'; readonly min: bigint; readonly max: bigint }
  | { readonly kind: 'step'; readonly step: number }
  | { readonly kind: 'length' };

function readWord(bytes: Uint8Array, at: number): number {
  let word = 0;
  for (let index = 3; index >= 0; index--) word = (word * 256 + (bytes[at + index] ?? 0)) >>> 0;
  return word;
}

function writeBytes(bytes: Uint8Array, at: number, value: bigint, count: number): void {
  let rest = BigInt.asUintN(8 * count, value);
  for (let index = 0; index < count; index++) {
    bytes[at + index] = Number(rest & 0xffn);
    rest >>= 8n;
  }
}

function readBytes(bytes: Uint8Array, at: number, count: number): bigint {
  let value = 0n;
  for (let index = count - 1; index >= 0; index--) value = (value << 8n) | BigInt(bytes[at + index] ?? 0);
  return value;
}

function replaceField(bytes: Uint8Array, at: number, field: Field, value: number): void {
  const cleared = (readWord(bytes, at) & ~fieldMask(field)) >>> 0;
  writeBytes(bytes, at, BigInt(insertField(cleared, field, value)), fieldBytes(field));
}

const reach = 1n << 31n;

function checkHigh(value: bigint): Misfit | undefined {
  const min = -reach - 0x800n;
  const max = reach - 0x801n;
  return value < min || value > max ? { kind: 'range', min, max } : undefined;
}

function applyData(bytes: Uint8Array, at: number, count: number, value: bigint): Misfit | undefined {
  const bits = BigInt(8 * count);
  const [min, max] = [-(1n << (bits - 1n)), (1n << bits) - 1n];
  if (count < 8 && (value < min || value > max)) return { kind: 'range', min, max };
  writeBytes(bytes, at, value, count);
  return undefined;
}

/** `combine` makes the field's new value of its present one. */
function replaceBits(bytes: Uint8Array, at: number, bits: number, combine: (old: bigint) => bigint): void {
  const count = Math.ceil(bits / 8);
  const old = readBytes(bytes, at, count);
  const mask = (1n << BigInt(bits)) - 1n;
  writeBytes(bytes, at, (old & ~mask) | (combine(old & mask) & mask), count);
}

function applyField(bytes: Uint8Array, at: number, field: Field, value: bigint): Misfit | undefined {
  const { min, max, step } = fieldRange(field);
  if (value < min || value > max) return { kind: 'range', min: BigInt(min), max: BigInt(max) };
  if (value % BigInt(step) !== 0n) return { kind: 'step', step };
  replaceField(bytes, at, field, Number(value));
  return undefined;
}

function applyHigh(bytes: Uint8Array, at: number, field: Field, value: bigint): Misfit | undefined {
  const { min, max } = fieldRange(field);
  const high = highPart(value);
  const misfit = checkHigh(value);
  if (misfit !== undefined) return misfit;
  if (high < min || high > max) return { kind: 'range', min: BigInt(min), max: BigInt(max) };
  replaceField(bytes, at, field, Number(high));
  return undefined;
}

/** Patches `bytes` at `at`. `value` is the symbol's value plus addend, less the place for pc-relative types. */
export function applyRelocation(
  bytes: Uint8Array,
  at: number,
  type: RelocationName,
  value: bigint,
): Misfit | undefined {
  const shape = relocationShapes[type];
  switch (shape.kind) {
    case 'none':
      return undefined;
    case 'data':
      return applyData(bytes, at, shape.bytes, value);
    case 'set':
      replaceBits(bytes, at, shape.bits, () => value);
      return undefined;
    case 'add':
      replaceBits(bytes, at, shape.bits, (old) => old + value);
      return undefined;
    case 'subtract':
      replaceBits(bytes, at, shape.bits, (old) => old - value);
      return undefined;
    case 'setLeb':
      return replaceLeb128(bytes, at, () => value);
    case 'subtractLeb':
      return replaceLeb128(bytes, at, (old) => old - value);
    case 'field':
      return applyField(bytes, at, shape.field, value);
    case 'high':
      return applyHigh(bytes, at, shape.field, value);
    case 'low':
      replaceField(bytes, at, shape.field, Number(lowPart(value)));
      return undefined;
    case 'pair': {
      const misfit = applyHigh(bytes, at, shape.high, value);
      if (misfit === undefined) replaceField(bytes, at + 4, shape.low, Number(lowPart(value)));
      return misfit;
    }
  }
}
