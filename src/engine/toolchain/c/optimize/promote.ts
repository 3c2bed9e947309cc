/** Variables in memory whose address nobody keeps become values: structs part by part. */

import { noteAt, noteAtStart, settleNotes } from '../ir/debug.ts';
import { type Block, type IrFunction, resolve, type Slot, type Value, type ValueType } from '../ir/ir.ts';
import { removeTrivial } from '../ir/phi.ts';

interface Part {
  readonly type: ValueType;
  readonly size: number;
  readonly signed: boolean;
}

/** Parts by offset, of a slot that is only read and written directly. */
type Parts = Map<bigint, Part>;

function typeOf(access: Value): ValueType {
  return access.op === 'load' ? access.type : (access.args[1]?.type ?? 'x');
}

/** The slot that a load or store is about, with the offset in it. */
function slotOf(value: Value): { readonly slot: Slot; readonly offset: bigint } | undefined {
  const [address] = value.args;
  if (address?.op !== 'slot' || address.slot === undefined) return undefined;
  return { slot: address.slot, offset: address.imm + value.imm };
}

function addAccess(parts: Parts, value: Value, offset: bigint): boolean {
  const { access } = value;
  if (access === undefined || access.volatile || access.size < 4) return false;
  const type = typeOf(value);
  const known = parts.get(offset);
  if (known !== undefined) return known.type === type && known.size === access.size;
  for (const [other, { size }] of parts) {
    if (offset < other + BigInt(size) && other < offset + BigInt(access.size)) return false;
  }
  const whole = type === 'x' ? access.size === 8 : type === 'd' ? access.size === 8 : access.size === 4;
  if (!whole) return false;
  parts.set(offset, { type, size: access.size, signed: access.signed });
  return true;
}

function candidates(fn: IrFunction): Map<Slot, Parts> {
  const found = new Map<Slot, Parts>(fn.slots.map((slot) => [slot, new Map()]));
  const refuse = (value: Value | undefined): void => {
    if (value?.slot !== undefined) found.delete(value.slot);
  };
  for (const { values, terminator } of fn.blocks) {
    for (const value of values) {
      const place = value.op === 'load' || value.op === 'store' ? slotOf(value) : undefined;
      const parts = place === undefined ? undefined : found.get(place.slot);
      if (place !== undefined && parts !== undefined && !addAccess(parts, value, place.offset))
        found.delete(place.slot);
      value.args.forEach((arg, index) => {
        if (place === undefined || index > 0) refuse(arg);
      });
    }
    if (terminator.kind === 'return') for (const value of terminator.values) refuse(value);
  }
  return found;
}

interface Renamer {
  readonly fn: IrFunction;
  /** What the part holds at the end of a block. */
  readonly ends: Map<Block, Value>;
  readonly starts: Map<Block, Value>;
  readonly part: Part;
  readonly slot: Slot;
  readonly offset: bigint;
}

function atStart(renamer: Renamer, block: Block): Value {
  const known = renamer.starts.get(block);
  if (known !== undefined) return resolve(known);
  const { fn, part } = renamer;
  const op = block.predecessors.length === 0 ? 'undefined' : 'phi';
  const made: Value = { id: fn.nextId++, op, type: part.type, args: [], imm: 0n, block, at: block.at };
  block.values.unshift(made);
  renamer.starts.set(block, made);
  if (op === 'undefined') return made;
  const { slot, offset } = renamer;
  if (slot.variable !== undefined) {
    const said = { offset: Number(offset), size: part.size };
    noteAtStart(block, { kind: 'value', variable: slot.variable, part: said, value: made });
  }
  made.args = block.predecessors.map((previous) => atEnd(renamer, previous));
  return removeTrivial(made);
}

function atEnd(renamer: Renamer, block: Block): Value {
  const known = renamer.ends.get(block);
  return known === undefined ? atStart(renamer, block) : resolve(known);
}

function promotePart(fn: IrFunction, slot: Slot, offset: bigint, part: Part): void {
  const renamer: Renamer = { fn, ends: new Map(), starts: new Map(), part, slot, offset };
  const isOurs = (value: Value): boolean => {
    if (value.op !== 'load' && value.op !== 'store') return false;
    const place = slotOf(value);
    return place?.slot === slot && place.offset === offset;
  };
  for (const block of fn.blocks) {
    const last = block.values.findLast((value) => isOurs(value) && value.op === 'store');
    const stored = last?.args[1];
    if (stored !== undefined) renamer.ends.set(block, stored);
  }
  for (const block of fn.blocks) {
    noteStores(block, isOurs, slot, offset, part);
    let current: Value | undefined;
    for (const value of [...block.values]) {
      if (!isOurs(value)) continue;
      if (value.op === 'store') current = value.args[1];
      else value.forward = current ?? atStart(renamer, block);
    }
    block.values = block.values.filter((value) => !isOurs(value));
  }
}

/** What was stored is what the part of the variable is from there on. */
function noteStores(
  block: Block,
  isOurs: (value: Value) => boolean,
  { variable }: Slot,
  offset: bigint,
  { size }: Part,
): void {
  if (variable === undefined) return;
  block.values.forEach((store, index) => {
    if (store.op !== 'store' || !isOurs(store)) return;
    store.previous = block.values[index - 1] ?? block;
    noteAt(block, store, { kind: 'value', variable, part: { offset: Number(offset), size }, value: store.args[1] });
  });
}

/** Deep recursion over blocks is not worth the risk in very large functions. */
const mostBlocks = 1500;

export function promoteSlots(fn: IrFunction): boolean {
  if (fn.blocks.length > mostBlocks) return false;
  let changed = false;
  for (const [slot, parts] of candidates(fn)) {
    slot.split = true;
    for (const block of fn.blocks) settleNotes(block);
    for (const [offset, part] of parts) {
      promotePart(fn, slot, offset, part);
      changed = true;
    }
  }
  return changed;
}
