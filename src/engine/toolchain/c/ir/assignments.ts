/** `=`, `op=`, `++`, `--`. */
import type { Typed } from '../check/tree.ts';
import { type CType, isInteger, isPointer } from '../types/types.ts';
import { lowerArithmetic, lowerConversion } from './arithmetic.ts';
import { type Builder, constant, emit } from './builder.ts';
import { lowerValue } from './expressions.ts';
import type { Value } from './ir.ts';
import { addressOf, load, type Place, placeOf, store } from './places.ts';
import { valueTypeOf } from './value-types.ts';

type Of<K extends Typed['kind']> = Typed & { readonly kind: K };

/** The value of an assignment is what the object holds after it. */
function heldValue(builder: Builder, place: Place, type: CType, value: Value): Value {
  return place.kind === 'memory' && place.bits !== undefined ? load(builder, place, type) : value;
}

export function lowerAssign(builder: Builder, node: Of<'assign'>): Value {
  if (node.target.type.kind === 'void') return lowerValue(builder, node.value);
  const { target } = node;
  // A variable is written after its value is computed; an address is computed first, as it is written.
  if (target.kind === 'local') {
    const value = lowerValue(builder, node.value);
    store(builder, placeOf(builder, target), target.type, value);
    return value;
  }
  const place = placeOf(builder, target);
  const value = lowerValue(builder, node.value);
  store(builder, place, target.type, value);
  return heldValue(builder, place, target.type, value);
}

function applied(builder: Builder, node: Of<'update'>, old: Value, operand: Value): Value {
  const { op, compute, size, target } = node;
  if (isPointer(compute)) {
    const bytes = emit(builder, 'mul', 'x', [operand, constant(builder, 'x', BigInt(size))]);
    return emit(builder, op === '-' ? 'sub' : 'add', 'x', [old, bytes]);
  }
  const wide = lowerConversion(builder, old, target.type, compute);
  const result = lowerArithmetic(builder, op, compute, wide, operand);
  return lowerConversion(builder, result, compute, target.type);
}

const amoNames: Readonly<Record<string, string>> = {
  '+': 'amoadd',
  '-': 'amoadd',
  '&': 'amoand',
  '|': 'amoor',
  '^': 'amoxor',
};

/** An `_Atomic` object changes in one step, where the processor has one for it. */
function lowerAtomic(builder: Builder, node: Of<'update'>, place: Place): Value | undefined {
  const { target, op, compute } = node;
  const { type } = target;
  const name = Object.hasOwn(amoNames, op) ? amoNames[op] : undefined;
  const fits = (isInteger(type) && type.size >= 4) || isPointer(type);
  if (type.atomic === undefined || name === undefined || !fits || place.kind !== 'memory' || place.bits !== undefined)
    return undefined;
  const kind = valueTypeOf(type) === 'w' ? 'w' : 'x';
  let by = lowerValue(builder, node.value);
  if (isPointer(compute)) by = emit(builder, 'mul', 'x', [by, constant(builder, 'x', BigInt(node.size))]);
  else by = lowerConversion(builder, by, node.value.type, type);
  if (op === '-') by = emit(builder, 'sub', kind, [constant(builder, kind, 0n), by]);
  const old = emit(builder, 'amo', kind, [addressOf(builder, place), by], { name });
  if (node.post) return old;
  return isPointer(compute)
    ? emit(builder, 'add', 'x', [old, by])
    : lowerArithmetic(builder, op === '-' ? '+' : op, type, old, by);
}

export function lowerUpdate(builder: Builder, node: Of<'update'>): Value {
  const { target } = node;
  const place = placeOf(builder, target);
  const atomic = lowerAtomic(builder, node, place);
  if (atomic !== undefined) return atomic;
  const operand = lowerValue(builder, node.value);
  const old = load(builder, place, target.type);
  const result = applied(builder, node, old, operand);
  store(builder, place, target.type, result);
  return node.post ? old : heldValue(builder, place, target.type, result);
}
