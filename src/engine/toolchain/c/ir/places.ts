/** Objects: where they are, reading and writing them. */
import type { Local, Typed } from '../check/tree.ts';
import { alignOf, sizeOf } from '../types/layout.ts';
import { type BitRange, type CType, isFloating, isScalar } from '../types/types.ts';
import { readBits, writeBits } from './bit-fields.ts';
import { type Builder, constant, emit, readVariable, writeVariable } from './builder.ts';
import { lowerCondition } from './conditions.ts';
import type { Variable } from './debug.ts';
import { lowerRecord, lowerValue } from './expressions.ts';
import { lowerInit } from './initialize.ts';
import type { Access, Slot, Value } from './ir.ts';
import { noteValue } from './notes.ts';
import { accessOf, valueTypeOf } from './value-types.ts';

/** A variable that is a value, or memory at `base + offset`. */
export type Place =
  | { readonly kind: 'variable'; readonly local: Local }
  | {
      readonly kind: 'memory';
      readonly base: Value;
      readonly offset: bigint;
      /** What is known about the address. */
      readonly alignment: number;
      readonly bits: BitRange | undefined;
    };

export type Memory = Place & { readonly kind: 'memory' };

export const isPromoted = ({ type, addressed }: Local): boolean =>
  isScalar(type) &&
  !addressed &&
  type.volatile === undefined &&
  type.atomic === undefined &&
  !(isFloating(type) && type.size === 16);

export function slotOf(builder: Builder, local: Local): Slot {
  const known = builder.slots.get(local);
  if (known !== undefined) return known;
  const slot = newSlot(builder, local.name, local.type, local.alignment, builder.variables.get(local));
  builder.slots.set(local, slot);
  return slot;
}

export function byteSlot(
  builder: Builder,
  size: number,
  alignment: number,
  name = '',
  variable: Variable | undefined = undefined,
): Slot {
  const slot: Slot = { name, size, alignment, ...(variable && { variable }) };
  builder.fn.slots.push(slot);
  return slot;
}

export const newSlot = (builder: Builder, name: string, type: CType, alignment = 1, variable?: Variable): Slot =>
  byteSlot(builder, sizeOf(type) ?? 0, Math.max(alignOf(type), alignment), name, variable);

export const memoryAt = (base: Value, type: CType, alignment = alignOf(type)): Memory => ({
  kind: 'memory',
  base,
  offset: 0n,
  alignment,
  bits: undefined,
});

export const slotPlace = (builder: Builder, slot: Slot): Memory => ({
  kind: 'memory',
  base: emit(builder, 'slot', 'x', [], { slot }),
  offset: 0n,
  alignment: slot.alignment,
  bits: undefined,
});

const symbolAddress = (builder: Builder, symbol: string): Value => emit(builder, 'symbol', 'x', [], { symbol });

const lowBit = (offset: number): number => (offset === 0 ? 1 << 20 : offset & -offset);

/** A part of memory. */
export const part = (place: Memory, offset: number, bits?: BitRange): Memory => ({
  ...place,
  offset: place.offset + BigInt(offset),
  alignment: Math.min(place.alignment, lowBit(offset)),
  bits,
});

export function placeOf(builder: Builder, node: Typed): Place {
  switch (node.kind) {
    case 'local':
      if (isPromoted(node.local)) return { kind: 'variable', local: node.local };
      return slotPlace(builder, slotOf(builder, node.local));
    case 'global':
      builder.referenced.add(node.global);
      return memoryAt(
        symbolAddress(builder, node.global.symbol),
        node.type,
        Math.max(alignOf(node.type), node.global.alignment),
      );
    case 'string':
      return memoryAt(symbolAddress(builder, builder.strings.label(node.elements, node.width)), node.type);
    case 'deref':
      return memoryAt(lowerValue(builder, node.pointer), node.type);
    case 'field':
      return part(memoryOf(builder, node.object), node.offset, node.bits);
    case 'literal': {
      const memory = slotPlace(builder, slotOf(builder, node.local));
      lowerInit(builder, memory, node.local.type, node.init);
      return memory;
    }
    case 'comma':
      lowerEffect(builder, node.left);
      return placeOf(builder, node.right);
    default:
      return lowerRecord(builder, node);
  }
}

export function memoryOf(builder: Builder, node: Typed): Memory {
  const place = placeOf(builder, node);
  if (place.kind === 'memory') return place;
  // A promoted variable has no address; the checker has marked every one whose address is taken.
  return slotPlace(builder, slotOf(builder, place.local));
}

/** `base + offset` as one value. */
export function addressOf(builder: Builder, { base, offset }: Memory): Value {
  return offset === 0n ? base : emit(builder, 'add', 'x', [base, constant(builder, 'x', offset)]);
}

export function lowerEffect(builder: Builder, node: Typed): void {
  if (node.type.kind === 'record') lowerRecord(builder, node);
  else if (node.kind === 'logical') lowerCondition(builder, node);
  else lowerValue(builder, node);
}

export const loadAt = (builder: Builder, base: Value, offset: bigint, type: Value['type'], access: Access): Value =>
  emit(builder, 'load', type, [base], { imm: offset, access });

/** Byte by byte, where the address need not be aligned. */
export function loadBytes(builder: Builder, place: Memory, count: number, signed: boolean): Value {
  const byte: Access = { size: 1, signed: false, volatile: false };
  let all: Value | undefined;
  for (let index = 0; index < count; index++) {
    const last = index === count - 1;
    const access = { ...byte, signed: last && signed };
    const part = emit(builder, 'widen', 'x', [loadAt(builder, place.base, place.offset + BigInt(index), 'w', access)]);
    const shifted = index === 0 ? part : emit(builder, 'shl', 'x', [part, constant(builder, 'x', BigInt(index * 8))]);
    all = all === undefined ? shifted : emit(builder, 'or', 'x', [all, shifted]);
  }
  return all ?? constant(builder, 'x', 0n);
}

export function storeBytes(builder: Builder, place: Memory, count: number, value: Value): void {
  const byte: Access = { size: 1, signed: false, volatile: false };
  const wide = value.type === 'w' ? emit(builder, 'widen', 'x', [value]) : value;
  for (let index = 0; index < count; index++) {
    const shifted = index === 0 ? wide : emit(builder, 'shr', 'x', [wide, constant(builder, 'x', BigInt(index * 8))]);
    emit(builder, 'store', 'v', [place.base, shifted], { imm: place.offset + BigInt(index), access: byte });
  }
}

/** A scalar out of memory. */
export function loadScalar(builder: Builder, place: Memory, access: Access, type: Value['type']): Value {
  if (place.alignment >= access.size) return loadAt(builder, place.base, place.offset, type, access);
  const whole = loadBytes(builder, place, access.size, access.signed);
  if (type === 'x') return whole;
  const word = emit(builder, 'narrow', 'w', [whole]);
  return type === 'w' ? word : emit(builder, 'resize', type, [type === 'd' ? whole : word], { name: 'bits' });
}

export function storeScalar(builder: Builder, place: Memory, access: Access, value: Value): void {
  if (place.alignment >= access.size) {
    emit(builder, 'store', 'v', [place.base, value], { imm: place.offset, access });
    return;
  }
  const float = value.type === 's' || value.type === 'd';
  const bits = float ? emit(builder, 'resize', value.type === 's' ? 'w' : 'x', [value], { name: 'bits' }) : value;
  storeBytes(builder, place, access.size, bits);
}

export function load(builder: Builder, place: Place, type: CType): Value {
  if (place.kind === 'variable') return readLocal(builder, place.local);
  if (place.bits !== undefined) return readBits(builder, place, place.bits, type);
  if (type.atomic !== undefined) emit(builder, 'fence', 'v', []);
  const value = loadScalar(builder, place, accessOf(type), valueTypeOf(type));
  if (type.atomic !== undefined) emit(builder, 'fence', 'v', []);
  return value;
}

export function store(builder: Builder, place: Place, type: CType, value: Value): void {
  if (place.kind === 'variable') {
    writeVariable(builder, place.local, value);
    noteValue(builder, place.local, value);
  } else if (place.bits !== undefined) writeBits(builder, place, place.bits, type, value);
  else {
    if (type.atomic !== undefined) emit(builder, 'fence', 'v', []);
    storeScalar(builder, place, accessOf(type), value);
    if (type.atomic !== undefined) emit(builder, 'fence', 'v', []);
  }
}

function readLocal(builder: Builder, local: Local): Value {
  if (builder.current === undefined) return constant(builder, 'x', 0n);
  const value = readVariable(builder, local, builder.current);
  const reachable = value.block === builder.fn.entry;
  if (value.op === 'undefined' && reachable && local.register === undefined && !builder.uninitialized.has(local)) {
    builder.uninitialized.add(local);
    builder.reporter.warn(
      builder.at,
      `\`${local.name}\` is used before it has a value`,
      'give it a value where it is declared',
    );
  }
  return value;
}
