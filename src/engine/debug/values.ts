/** Values of the stopped program: where they are, what they hold, what they are made of. Nothing here throws. */
import { encodings } from '../dwarf.ts';
import type { Piece, Place } from './expressions.ts';
import { bytesOf, integerOf, type ReadMemory, type Registers } from './target.ts';
import { type Field, plainType, sizeOf, type Type } from './types.ts';

export interface Value {
  readonly type: Type;
  /** Undefined: optimized away, or not known here. */
  readonly place: Place | undefined;
  readonly bits?: Field['bits'];
}

/** What values are read from. */
export interface Target {
  readonly registers: Registers;
  readonly read: ReadMemory;
}

export interface NamedValue {
  /** `next`, `[3]`, `*`. */
  readonly name: string;
  readonly value: Value;
}

type Simple = NonNullable<Piece['place']>;

function simpleBytes(place: Simple, size: number, { registers, read }: Target): Uint8Array | undefined {
  if (place.kind === 'memory') return read(place.address, size);
  if (place.kind === 'value') return fitted(place.bytes, size);
  const value = registers[place.register];
  return value === undefined ? undefined : fitted(bytesOf(value, 8), size);
}

function fitted(bytes: Uint8Array, size: number): Uint8Array {
  if (bytes.length >= size) return bytes.subarray(0, size);
  const wider = new Uint8Array(size);
  wider.set(bytes);
  return wider;
}

function pieceBytes(pieces: readonly Piece[], size: number, target: Target): Uint8Array | undefined {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const { size: length, place } of pieces) {
    const bytes = place && simpleBytes(place, length, target);
    if (bytes === undefined || at + length > size) return undefined;
    whole.set(bytes, at);
    at += length;
  }
  return at === size ? whole : undefined;
}

export function bytesAt(place: Place, size: number, target: Target): Uint8Array | undefined {
  const bytes = place.kind === 'pieces' ? pieceBytes(place.pieces, size, target) : simpleBytes(place, size, target);
  return bytes !== undefined && bytes.length === size ? bytes : undefined;
}

/** Part of a place; undefined if it does not lie in one piece. */
export function partOf(place: Place | undefined, offset: number, size: number, target: Target): Place | undefined {
  if (place === undefined) return undefined;
  if (place.kind === 'memory') return { kind: 'memory', address: BigInt.asUintN(64, place.address + BigInt(offset)) };
  if (place.kind === 'pieces') return partOfPieces(place.pieces, offset, size, target);
  const bytes = simpleBytes(place, offset + size, target);
  return bytes && { kind: 'value', bytes: bytes.slice(offset) };
}

function partOfPieces(pieces: readonly Piece[], offset: number, size: number, target: Target): Place | undefined {
  let at = 0;
  for (const { size: length, place } of pieces) {
    if (offset >= at && offset + size <= at + length) return partOf(place, offset - at, size, target);
    at += length;
  }
  // It spans several: those that it is made of.
  const bytes = pieceBytes(pieces, at, target);
  return bytes && { kind: 'value', bytes: bytes.slice(offset, offset + size) };
}

/** More would stall whoever shows it. */
const largest = 1 << 20;

/** Undefined if it is optimized away, cannot be read, or is too large to be one value. */
export function rawBytes({ type, place }: Value, target: Target): Uint8Array | undefined {
  const size = sizeOf(type);
  if (place === undefined || size === undefined || size > largest) return undefined;
  return bytesAt(place, size, target);
}

const isSigned = (type: Type): boolean => {
  const plain = plainType(type);
  return plain.kind === 'base' && (plain.encoding === encodings.signed || plain.encoding === encodings.signedCharacter);
};

/** A bit-field may reach over more bytes than its type has. */
function fieldInteger({ place, bits, type }: Value, target: Target): bigint | undefined {
  if (bits === undefined || place === undefined) return undefined;
  const bytes = bytesAt(place, Math.ceil((bits.shift + bits.width) / 8), target);
  if (bytes === undefined) return undefined;
  const value = BigInt.asUintN(bits.width, integerOf(bytes) >> BigInt(bits.shift));
  return isSigned(type) ? BigInt.asIntN(bits.width, value) : value;
}

/** The number that it holds: integers, pointers, enumerations, truth values. */
export function integerValue(value: Value, target: Target): bigint | undefined {
  const plain = plainType(value.type);
  if (plain.kind !== 'base' && plain.kind !== 'pointer' && plain.kind !== 'enum') return undefined;
  if (plain.kind === 'base' && plain.encoding === encodings.float) return undefined;
  if (value.bits !== undefined) return fieldInteger(value, target);
  const bytes = rawBytes(value, target);
  if (bytes === undefined || bytes.length > 8) return undefined;
  const number = integerOf(bytes);
  const signed = isSigned(value.type) || (plain.kind === 'enum' && [...plain.names().keys()].some((each) => each < 0n));
  return signed ? BigInt.asIntN(8 * bytes.length, number) : number;
}

export function floatValue(value: Value, target: Target): number | undefined {
  const plain = plainType(value.type);
  if (plain.kind !== 'base' || plain.encoding !== encodings.float || plain.size > 8) return undefined;
  const bytes = rawBytes(value, target);
  if (bytes === undefined) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return plain.size === 4 ? view.getFloat32(0, true) : view.getFloat64(0, true);
}

/** What the pointer points to; undefined if it is no pointer, or null. */
export function dereferenced(value: Value, target: Target): Value | undefined {
  const plain = plainType(value.type);
  if (plain.kind === 'array') return elementOf(value, 0, target);
  if (plain.kind !== 'pointer') return undefined;
  const address = integerValue(value, target);
  return address === undefined ? undefined : { type: plain.target(), place: { kind: 'memory', address } };
}

/** An element of an array, or of what a pointer points to. */
export function elementOf(value: Value, index: number, target: Target): Value | undefined {
  const plain = plainType(value.type);
  if (plain.kind === 'pointer') {
    const first = dereferenced(value, target);
    const size = first && sizeOf(first.type);
    if (first === undefined || size === undefined) return undefined;
    return { type: first.type, place: partOf(first.place, index * size, size, target) };
  }
  if (plain.kind !== 'array') return undefined;
  const type = plain.element();
  const size = sizeOf(type);
  return size === undefined ? undefined : { type, place: partOf(value.place, index * size, size, target) };
}

export function fieldValue(value: Value, field: Field, target: Target): Value {
  const { bits } = field;
  const size = bits === undefined ? (sizeOf(field.type) ?? 0) : Math.ceil((bits.shift + bits.width) / 8);
  const place = partOf(value.place, field.offset, size, target);
  return { type: field.type, place, ...(bits && { bits }) };
}

/** A field by its name, also of an anonymous struct within. */
export function fieldNamed(value: Value, name: string, target: Target, depth = 0): Value | undefined {
  const plain = plainType(value.type);
  if (plain.kind !== 'record' || depth > 20) return undefined;
  for (const field of plain.fields()) {
    if (field.name === name) return fieldValue(value, field, target);
    const within =
      field.name === '' ? fieldNamed(fieldValue(value, field, target), name, target, depth + 1) : undefined;
    if (within !== undefined) return within;
  }
  return undefined;
}

/** How many parts it can be unfolded into. */
export function childCount({ type }: Value): number {
  const plain = plainType(type);
  if (plain.kind === 'record') return plain.fields().length;
  if (plain.kind === 'array') return plain.length ?? 0;
  if (plain.kind !== 'pointer') return 0;
  const target = plainType(plain.target()).kind;
  return target === 'void' || target === 'function' ? 0 : 1;
}

/** Parts of a struct, elements `from` on of an array, what a pointer points to. */
export function childrenOfValue(value: Value, target: Target, from = 0, most = 100): NamedValue[] {
  const plain = plainType(value.type);
  if (plain.kind === 'record') {
    return plain.fields().map((field) => ({ name: field.name, value: fieldValue(value, field, target) }));
  }
  if (plain.kind === 'array') {
    const end = Math.min(plain.length ?? 0, from + most);
    return Array.from({ length: Math.max(end - from, 0) }, (_, index) => ({
      name: `[${from + index}]`,
      value: elementOf(value, from + index, target) ?? { type: plain.element(), place: undefined },
    }));
  }
  const pointed = childCount(value) > 0 ? dereferenced(value, target) : undefined;
  if (pointed === undefined || integerValue(value, target) === 0n) return [];
  // A struct is unfolded at once: `p->next`, not `(*p).next`.
  return plainType(pointed.type).kind === 'record' ? childrenOfValue(pointed, target) : [{ name: '*', value: pointed }];
}
