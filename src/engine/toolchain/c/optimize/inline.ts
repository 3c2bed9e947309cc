/** Puts small functions in the place of their calls. */

import { copyNotes, copyScopes, type NoteCopier, type ScopeCopier, settleNotes, splitNotes } from '../ir/debug.ts';
import {
  type Block,
  type IrFunction,
  newBlock,
  resolve,
  type Slot,
  successors,
  type Value,
  type Where,
} from '../ir/ir.ts';
import { resolveAll } from './cleanup.ts';

export interface Callee {
  readonly fn: IrFunction;
  /** Nothing but calls refers to it, and no other file sees it. */
  readonly isPrivate: boolean;
  /** Calls of it in the whole file. */
  readonly calls: number;
}

const sizeOf = ({ blocks }: IrFunction): number =>
  blocks.reduce((all, { values }) => all + values.filter(({ op }) => op !== 'const' && op !== 'param').length + 1, 0);

/** Its frame or its caller can be told apart from others: it stays a function. */
const keepsFrame = ({ blocks, variadicFrom }: IrFunction): boolean =>
  variadicFrom !== undefined ||
  blocks.some(({ values }) =>
    values.some(({ op }) => op === 'returnAddress' || op === 'frameAddress' || op === 'varargs' || op === 'alloca'),
  );

const isRecursive = ({ blocks, name }: IrFunction): boolean =>
  blocks.some(({ values }) => values.some(({ call }) => call?.symbol === name));

/** A call costs about as much as these values. */
const small = 14;
/** A function that is called once is not made twice. */
const once = 150;

export function isWorthInlining({ fn, isPrivate, calls }: Callee): boolean {
  if (fn.inline === 'never' || keepsFrame(fn) || isRecursive(fn)) return false;
  if (fn.inline === 'always') return true;
  const size = sizeOf(fn);
  return size <= small || (isPrivate && calls === 1 && size <= once);
}

const samePlace = (a: Where, b: Where): boolean =>
  a.kind === 'stack' ? b.kind === 'stack' && a.offset === b.offset : b.kind === a.kind && a.index === b.index;

/** What the caller passes where the callee takes it. */
function argumentAt(call: Value, where: Where): Value | undefined {
  const index = call.call?.places.findIndex((place) => samePlace(place, where)) ?? -1;
  return index < 0 ? undefined : call.args[index];
}

const placeOf = (value: Value): Where => value.where ?? { kind: 'stack', offset: Number(value.imm) };

const isInput = ({ op }: Value): boolean => op === 'param' || op === 'incoming';

/** All that the callee reads is passed, with the same width. */
function fits(call: Value, { blocks }: IrFunction): boolean {
  return blocks.every(({ values }) =>
    values.filter(isInput).every((input) => argumentAt(call, placeOf(input))?.type === input.type),
  );
}

interface Copier {
  readonly fn: IrFunction;
  readonly call: Value;
  readonly blocks: Map<Block, Block>;
  readonly values: Map<Value, Value>;
  readonly slots: Map<Slot, Slot>;
  readonly scopes: ScopeCopier;
  readonly after: Block;
  /** Where the callee returns, and what. */
  readonly returns: { readonly from: Block; readonly values: readonly Value[]; readonly places: readonly Where[] }[];
}

function copySlot({ fn, slots, scopes }: Copier, slot: Slot): Slot {
  const known = slots.get(slot);
  if (known !== undefined) return known;
  const made = { ...slot, ...(slot.variable && { variable: scopes.variable(slot.variable) }) };
  slots.set(slot, made);
  fn.slots.push(made);
  return made;
}

function copyValues(copier: Copier, from: Block, to: Block): void {
  const { fn, call, values, scopes } = copier;
  for (const value of from.values) {
    const given = isInput(value) ? argumentAt(call, placeOf(value)) : undefined;
    if (given !== undefined) {
      values.set(value, given);
      continue;
    }
    const made: Value = {
      ...value,
      id: fn.nextId++,
      block: to,
      args: [...value.args],
      at: scopes.place(value.at),
      previous: to.values.at(-1) ?? to,
    };
    if (value.slot !== undefined) made.slot = copySlot(copier, value.slot);
    values.set(value, made);
    to.values.push(made);
  }
}

const mapped = ({ values }: Copier, value: Value): Value => values.get(resolve(value)) ?? resolve(value);
const target = ({ blocks, after }: Copier, block: Block): Block => blocks.get(block) ?? after;

function copyTerminator(copier: Copier, from: Block, to: Block): void {
  const { terminator } = from;
  to.at = copier.scopes.place(from.at);
  switch (terminator.kind) {
    case 'jump':
      to.terminator = { kind: 'jump', to: target(copier, terminator.to) };
      break;
    case 'branch': {
      const { condition, whenTrue, otherwise } = terminator;
      to.terminator = {
        kind: 'branch',
        condition: mapped(copier, condition),
        whenTrue: target(copier, whenTrue),
        otherwise: target(copier, otherwise),
      };
      break;
    }
    case 'switch': {
      const cases = terminator.cases.map((each) => ({ value: each.value, to: target(copier, each.to) }));
      const { value, fallback } = terminator;
      to.terminator = { kind: 'switch', value: mapped(copier, value), cases, fallback: target(copier, fallback) };
      break;
    }
    case 'return':
      copier.returns.push({
        from: to,
        values: terminator.values.map((value) => mapped(copier, value)),
        places: terminator.places,
      });
      to.terminator = { kind: 'jump', to: copier.after };
      break;
    case 'unreachable':
      to.terminator = terminator;
      break;
  }
}

function copyBody(copier: Copier, callee: IrFunction): void {
  const notes: NoteCopier = {
    scopes: copier.scopes,
    value: (value) => mapped(copier, value),
    copyOf: (value) => (isInput(value) ? undefined : copier.values.get(value)),
    slot: (slot) => copySlot(copier, slot),
  };
  for (const block of callee.blocks) settleNotes(block);
  for (const block of callee.blocks) copier.blocks.set(block, newBlock(copier.fn));
  for (const block of callee.blocks) copyValues(copier, block, target(copier, block));
  for (const block of callee.blocks) {
    const made = target(copier, block);
    for (const value of made.values) value.args = value.args.map((arg) => mapped(copier, arg));
    made.predecessors = block.predecessors.map((each) => target(copier, each));
    copyTerminator(copier, block, made);
    copyNotes(notes, block, made);
  }
}

/** What the call gave, out of what the returns give. */
function joinResult({ fn, after, returns }: Copier, result: Value, where: Where): void {
  const given = returns.map(({ values, places }) => values[places.findIndex((place) => samePlace(place, where))]);
  const args = given.map((value): Value => {
    if (value !== undefined) return value;
    return { id: fn.nextId++, op: 'undefined', type: result.type, args: [], imm: 0n, block: after, at: result.at };
  });
  const [first] = args;
  if (first === undefined) {
    result.op = 'undefined';
    result.args = [];
    return;
  }
  if (args.length === 1) {
    result.forward = first;
    return;
  }
  const phi: Value = { id: fn.nextId++, op: 'phi', type: result.type, args, imm: 0n, block: after, at: result.at };
  after.values.unshift(phi);
  result.forward = phi;
}

function splitAfter(fn: IrFunction, block: Block, index: number): Block {
  const after = newBlock(fn);
  splitNotes(block, index, after);
  after.values = block.values.splice(index).slice(1);
  for (const value of after.values) value.block = after;
  after.terminator = block.terminator;
  after.at = block.at;
  for (const next of successors(after)) {
    next.predecessors = next.predecessors.map((each) => (each === block ? after : each));
  }
  return after;
}

function inlineCall(fn: IrFunction, block: Block, index: number, callee: IrFunction): Block {
  const call = block.values[index];
  if (call?.call === undefined) return block;
  const after = splitAfter(fn, block, index);
  const copier: Copier = {
    fn,
    call,
    blocks: new Map(),
    values: new Map(),
    slots: new Map(),
    scopes: copyScopes(callee.name, call.at),
    after,
    returns: [],
  };
  copyBody(copier, callee);
  const entry = target(copier, callee.entry);
  block.terminator = { kind: 'jump', to: entry };
  entry.predecessors = [block, ...entry.predecessors];
  after.predecessors = copier.returns.map(({ from }) => from);
  const { results } = call.call;
  if (call.type !== 'v' && results[0] !== undefined) joinResult(copier, call, results[0]);
  for (const value of [...after.values]) {
    const where = value.op === 'result' && value.args[0] === call ? results[Number(value.imm)] : undefined;
    if (where === undefined) continue;
    joinResult(copier, value, where);
    after.values = after.values.filter((each) => each !== value || each.op === 'undefined');
  }
  const made = [...copier.blocks.values()];
  fn.blocks.splice(fn.blocks.indexOf(block) + 1, 0, ...made, after);
  return after;
}

/** Functions do not grow without end. */
const mostValues = 4000;

/** Callees come first in `chosen`, so that what they have taken in comes along. */
export function inlineCalls(fn: IrFunction, chosen: ReadonlyMap<string, IrFunction>): boolean {
  let changed = false;
  let room = mostValues - sizeOf(fn);
  for (let at = 0; at < fn.blocks.length; at++) {
    const block = fn.blocks[at];
    if (block === undefined) break;
    for (let index = 0; index < block.values.length; index++) {
      const value = block.values[index];
      const symbol = value?.call?.symbol;
      const callee = symbol === undefined ? undefined : chosen.get(symbol);
      if (value === undefined || callee === undefined || callee === fn || !fits(value, callee)) continue;
      room -= sizeOf(callee);
      if (room < 0) return changed;
      inlineCall(fn, block, index, callee);
      changed = true;
      break;
    }
  }
  if (changed) resolveAll(fn);
  return changed;
}
