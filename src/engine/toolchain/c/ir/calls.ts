/** Calls, and arguments of functions with `...`. */
import type { Typed } from '../check/tree.ts';
import { alignOf, alignUp, sizeOf } from '../types/layout.ts';
import { type CType, isFloating, isRecord } from '../types/types.ts';
import { freshRegisters, type Passing, passArgument, passResult } from './abi.ts';
import { refuseLongDouble } from './arithmetic.ts';
import { type Builder, constant, emit } from './builder.ts';
import { lowerRecord, lowerValue } from './expressions.ts';
import { copyMemory } from './initialize.ts';
import type { CallData, Value, Where } from './ir.ts';
import {
  addressOf,
  byteSlot,
  load,
  loadScalar,
  type Memory,
  memoryAt,
  newSlot,
  part,
  placeOf,
  slotPlace,
  store,
  storeScalar,
} from './places.ts';
import { accessOf, valueTypeOf } from './value-types.ts';

type Of<K extends Typed['kind']> = Typed & { readonly kind: K };

interface Passed {
  readonly value: Value;
  readonly where: Where;
}

/** The rest of a struct whose size is no multiple of 8 lies behind it: it is read from a copy that has room. */
export function roomy(builder: Builder, object: Memory, type: CType): Memory {
  const size = sizeOf(type) ?? 0;
  if (size % 8 === 0 && object.alignment >= 8) return object;
  const slot = slotPlace(builder, byteSlot(builder, alignUp(size, 8), 8));
  copyMemory(builder, slot, object, type);
  return slot;
}

function passRecord(builder: Builder, node: Typed, passing: Passing): Passed[] {
  const object = lowerRecord(builder, node);
  if (passing.kind === 'nothing') return [];
  if (passing.kind === 'reference') {
    const copy = slotPlace(builder, newSlot(builder, '', node.type));
    copyMemory(builder, copy, object, node.type);
    return [{ value: addressOf(builder, copy), where: passing.where }];
  }
  const words = passing.pieces.every(({ type }) => type === 'x');
  const source = words ? roomy(builder, object, node.type) : object;
  return passing.pieces.map((piece, index) => ({
    value: loadScalar(builder, part(source, piece.offset), piece.access, piece.type),
    where: passing.where[index] ?? { kind: 'stack', offset: 0 },
  }));
}

function passNode(builder: Builder, node: Typed, passing: Passing): Passed[] {
  if (isRecord(node.type)) return passRecord(builder, node, passing);
  refuseLongDouble(builder, node.type);
  const value = lowerValue(builder, node);
  const [where] = passing.kind === 'pieces' ? passing.where : [];
  if (where === undefined) return [];
  // Among `...` a floating number goes into an integer register, or on the stack, as its bits.
  if ((value.type === 's' || value.type === 'd') && where.kind === 'integer') {
    return [{ value: emit(builder, 'resize', value.type === 's' ? 'w' : 'x', [value], { name: 'bits' }), where }];
  }
  return [{ value, where }];
}

/** Makes the call node; the values are in the order of their registers. */
function emitCall(builder: Builder, data: CallData, args: readonly Value[], types: readonly Value['type'][]): Value[] {
  const [first = 'v'] = types;
  const call = emit(builder, 'call', types.length === 1 ? first : 'v', args, { call: data });
  if (types.length < 2) return [call];
  return types.map((type, index) => emit(builder, 'result', type, [call], { imm: BigInt(index) }));
}

const directTarget = (callee: Typed): string | undefined =>
  callee.kind === 'address' && callee.operand.kind === 'global' ? callee.operand.global.symbol : undefined;

function isNoreturn(callee: Typed): boolean {
  return callee.kind === 'address' && callee.operand.kind === 'global' && callee.operand.global.noreturn;
}

/** The value of a scalar; the address of a struct; of `void`, nothing that means anything. */
export function lowerCall(builder: Builder, node: Of<'call'>): Value {
  const { callee, args, signature, type } = node;
  const at = builder.at;
  const registers = freshRegisters();
  const returning = passResult(type);
  const memory = isRecord(type) ? newSlot(builder, '', type) : undefined;
  const passed: Passed[] = [];
  const symbol = directTarget(callee);
  const target = symbol === undefined ? lowerValue(builder, callee) : undefined;
  if (callee.kind === 'address' && callee.operand.kind === 'global') builder.referenced.add(callee.operand.global);
  if (returning.kind === 'reference' && memory !== undefined) {
    registers.integers = 1;
    passed.push({ value: emit(builder, 'slot', 'x', [], { slot: memory }), where: { kind: 'integer', index: 0 } });
  }
  args.forEach((each, index) => {
    const named = signature.unknown || index < signature.parameters.length;
    passed.push(...passNode(builder, each, passArgument(registers, each.type, named)));
  });
  builder.at = at;
  const pieces = returning.kind === 'pieces' ? returning.pieces : [];
  const data: CallData = {
    symbol,
    places: passed.map(({ where }) => where),
    stackBytes: alignUp(registers.stack, 16),
    results: returning.kind === 'pieces' ? returning.where : [],
    noreturn: isNoreturn(callee),
  };
  const values = passed.map(({ value }) => value);
  const results = emitCall(
    builder,
    data,
    target === undefined ? values : [target, ...values],
    pieces.map((piece) => piece.type),
  );
  if (data.noreturn && builder.current !== undefined) builder.current = undefined;
  const [first = constant(builder, 'x', 0n)] = results;
  return memory === undefined ? first : storeResult(builder, slotPlace(builder, memory), returning, results);
}

function storeResult(builder: Builder, memory: Memory, returning: Passing, results: readonly Value[]): Value {
  if (returning.kind === 'pieces') {
    returning.pieces.forEach((piece, index) => {
      const value = results[index];
      if (value !== undefined) storePiece(builder, memory, piece.offset, piece.access.size, value);
    });
  }
  return addressOf(builder, memory);
}

/** What a register holds beyond the end of the struct is not stored. */
export function storePiece(builder: Builder, memory: Memory, offset: number, size: 1 | 2 | 4 | 8, value: Value): void {
  const end = memory.base.slot?.size ?? offset + size;
  if (offset + size <= end) {
    storeScalar(builder, part(memory, offset), { size, signed: true, volatile: false }, value);
    return;
  }
  for (let at = offset, rest = value; at < end; ) {
    const step = ([4, 2, 1] as const).find((each) => at + each <= end && each <= memory.alignment) ?? 1;
    storeScalar(builder, part(memory, at), { size: step, signed: true, volatile: false }, rest);
    at += step;
    rest = emit(builder, 'shr', 'x', [rest, constant(builder, 'x', BigInt(step * 8))]);
  }
}

/** The next argument of a list: all lie one after another, in steps of 8 bytes (psABI, "Variadic Arguments"). */
export function lowerVaArg(builder: Builder, node: Of<'vaArg'>): Value {
  const { list, type } = node;
  const place = placeOf(builder, list);
  const size = sizeOf(type) ?? 8;
  let next = load(builder, place, list.type);
  const reference = size > 16;
  if (!reference && alignOf(type) === 16) {
    const up = emit(builder, 'add', 'x', [next, constant(builder, 'x', 15n)]);
    next = emit(builder, 'and', 'x', [up, constant(builder, 'x', -16n)]);
  }
  const step = reference ? 8 : alignUp(size, 8);
  store(builder, place, list.type, emit(builder, 'add', 'x', [next, constant(builder, 'x', BigInt(step))]));
  if (reference) return loadScalar(builder, memoryAt(next, type, 8), { size: 8, signed: true, volatile: false }, 'x');
  if (isRecord(type)) return next;
  if (isFloating(type)) refuseLongDouble(builder, type);
  return loadScalar(builder, memoryAt(next, type, 8), accessOf(type), valueTypeOf(type));
}
