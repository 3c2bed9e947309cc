/** `=`, `op=`, `++`, `--`. */
import type { Typed } from '../check/tree.ts';
import { type CType, isPointer } from '../types/types.ts';
import { lowerArithmetic, lowerConversion } from './arithmetic.ts';
import { hasAmo, updateAtomically } from './atomics.ts';
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

/** An `_Atomic` object changes in one step: by one instruction, or by trying until nobody came between. */
function lowerAtomic(builder: Builder, node: Of<'update'>, place: Place & { readonly kind: 'memory' }): Value {
  const { target, op, compute, size } = node;
  const { type } = target;
  const given = lowerValue(builder, node.value);
  const address = addressOf(builder, place);
  const name = hasAmo(type) && Object.hasOwn(amoNames, op) ? amoNames[op] : undefined;
  if (name === undefined || compute.kind === 'floating') {
    const first = load(builder, place, type);
    const { old, now } = updateAtomically(builder, type, address, first, (value) =>
      applied(builder, node, value, given),
    );
    return node.post ? old : now;
  }
  const kind = valueTypeOf(type) === 'w' ? 'w' : 'x';
  const step = isPointer(compute)
    ? emit(builder, 'mul', 'x', [given, constant(builder, 'x', BigInt(size))])
    : lowerConversion(builder, given, node.value.type, type);
  const by = op === '-' ? emit(builder, 'sub', kind, [constant(builder, kind, 0n), step]) : step;
  const old = emit(builder, 'amo', kind, [address, by], { name });
  if (node.post) return old;
  return isPointer(compute)
    ? emit(builder, 'add', 'x', [old, by])
    : lowerArithmetic(builder, op === '-' ? '+' : op, type, old, by);
}

export function lowerUpdate(builder: Builder, node: Of<'update'>): Value {
  const { target } = node;
  const place = placeOf(builder, target);
  const atomic = target.type.atomic !== undefined && place.kind === 'memory' && place.bits === undefined;
  if (atomic) return lowerAtomic(builder, node, place);
  const operand = lowerValue(builder, node.value);
  const old = load(builder, place, target.type);
  const result = applied(builder, node, old, operand);
  store(builder, place, target.type, result);
  return node.post ? old : heldValue(builder, place, target.type, result);
}
