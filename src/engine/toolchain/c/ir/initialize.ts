/** Filling and copying objects in memory. */
import type { Init, InitItem } from '../check/tree.ts';
import { sizeOf } from '../types/layout.ts';
import { type CType, isRecord } from '../types/types.ts';
import { type Builder, constant } from './builder.ts';
import { lowerRecord, lowerValue } from './expressions.ts';
import type { Access, Value } from './ir.ts';
import { lowerLibraryCall } from './library.ts';
import { addressOf, loadScalar, type Memory, part, placeOf, store, storeScalar } from './places.ts';

/** Larger objects are copied and cleared by `memcpy` and `memset`. */
const mostInline = 64;

const unit = (size: Access['size']): Access => ({ size, signed: true, volatile: false });

/** Sizes of the accesses that cover `bytes`, the largest first that the alignment permits. */
function steps(bytes: number, alignment: number): Access['size'][] {
  const list: Access['size'][] = [];
  for (let at = 0; at < bytes; ) {
    const size =
      ([8, 4, 2, 1] as const).find((each) => each <= bytes - at && each <= alignment && at % each === 0) ?? 1;
    list.push(size);
    at += size;
  }
  return list;
}

function copyBytes(builder: Builder, to: Memory, from: Memory, bytes: number): void {
  const alignment = Math.min(to.alignment, from.alignment, 8);
  const list = steps(bytes, alignment);
  if (list.length > mostInline / 8 + 3) {
    const count = constant(builder, 'x', BigInt(bytes));
    lowerLibraryCall(builder, 'memcpy', [addressOf(builder, to), addressOf(builder, from), count]);
    return;
  }
  // All is read before anything is written: the objects may overlap exactly.
  let at = 0;
  const values = list.map((size) => {
    const value = loadScalar(builder, part(from, at), unit(size), size === 8 ? 'x' : 'w');
    const found = { value, size, at };
    at += size;
    return found;
  });
  for (const { value, size, at: offset } of values) storeScalar(builder, part(to, offset), unit(size), value);
}

export function copyMemory(builder: Builder, to: Memory, from: Memory, type: CType): void {
  copyBytes(builder, to, from, sizeOf(type) ?? 0);
}

function clearBytes(builder: Builder, to: Memory, bytes: number): void {
  const list = steps(bytes, Math.min(to.alignment, 8));
  if (list.length > mostInline / 8 + 3) {
    lowerLibraryCall(builder, 'memset', [
      addressOf(builder, to),
      constant(builder, 'w', 0n),
      constant(builder, 'x', BigInt(bytes)),
    ]);
    return;
  }
  let at = 0;
  for (const size of list) {
    storeScalar(builder, part(to, at), unit(size), constant(builder, size === 8 ? 'x' : 'w', 0n));
    at += size;
  }
}

/** Ranges of the object that no item fills; all of it where that cannot be said simply. */
function gaps(init: Init, size: number): readonly { readonly start: number; readonly bytes: number }[] {
  if (!init.zeroFill) return [];
  const whole = [{ start: 0, bytes: size }];
  if (size > mostInline || init.items.some(({ bits }) => bits !== undefined)) return whole;
  const covered = new Uint8Array(size);
  for (const { offset, type } of init.items) covered.fill(1, offset, offset + (sizeOf(type) ?? 0));
  const found: { start: number; bytes: number }[] = [];
  for (let at = 0; at < size; ) {
    if (covered[at] === 1) {
      at++;
      continue;
    }
    let end = at;
    while (end < size && covered[end] === 0) end++;
    found.push({ start: at, bytes: end - at });
    at = end;
  }
  return found;
}

const isZero = (value: Value): boolean =>
  (value.op === 'const' && value.imm === 0n) || (value.op === 'float' && Object.is(value.number, 0));

function fillItem(builder: Builder, object: Memory, item: InitItem, cleared: boolean): void {
  const target = part(object, item.offset, item.bits);
  const { value, type } = item;
  if (value.kind === 'string') {
    fillString(builder, target, item, cleared);
    return;
  }
  if (isRecord(type)) {
    copyMemory(builder, target, lowerRecord(builder, value), type);
    return;
  }
  const lowered = lowerValue(builder, value);
  if (cleared && isZero(lowered)) return;
  store(builder, target, type, lowered);
}

/** The bytes of a short text are stored as numbers, those of a long one are copied. */
function fillString(builder: Builder, target: Memory, { value, type }: InitItem, cleared: boolean): void {
  if (value.kind !== 'string') return;
  const size = sizeOf(type) ?? 0;
  const bytes = value.elements.length * value.width;
  if (!cleared && size - bytes > mostInline) {
    clearBytes(builder, target, size);
    fillString(builder, target, { value, type, offset: 0, bits: undefined }, true);
    return;
  }
  const text = placeOf(builder, {
    ...value,
    type: type.kind === 'array' ? { ...type, length: value.elements.length + 1 } : type,
  });
  const copied = Math.min(bytes + value.width, size);
  if (text.kind === 'memory') copyBytes(builder, target, text, copied);
  if (!cleared && size > copied) clearBytes(builder, part(target, copied), size - copied);
}

/** Later items win: they are stored later. */
export function lowerInit(builder: Builder, object: Memory, type: CType, init: Init): void {
  const size = sizeOf(type) ?? 0;
  const empty = gaps(init, size);
  const whole = empty.length === 1 && empty[0]?.bytes === size;
  for (const { start, bytes } of empty) clearBytes(builder, part(object, start), bytes);
  const overlap =
    init.items.length !== new Set(init.items.map(({ offset, bits }) => `${offset}:${bits?.shift ?? ''}`)).size;
  for (const item of init.items) fillItem(builder, object, item, whole && !overlap);
}
