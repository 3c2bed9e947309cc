/**
 * Builds a function in SSA form as its statements are walked (Braun et al., "Simple and Efficient Construction of Static
 * Single Assignment Form", 2013). A block is sealed when all its predecessors are known.
 */
import type { Reporter, Span } from '../../diagnostics.ts';
import type { Global, Label, Local } from '../check/tree.ts';
import { simplify } from '../optimize/simplify.ts';
import type { Scope, SourcePlace, Variable } from './debug.ts';
import {
  type Block,
  type IrFunction,
  newBlock,
  type Op,
  resolve,
  type Slot,
  type Value,
  type ValueType,
} from './ir.ts';
import { noteValue, placeHere } from './notes.ts';
import { removeTrivial } from './phi.ts';
import { valueTypeOf } from './value-types.ts';

export interface Builder {
  readonly fn: IrFunction;
  readonly reporter: Reporter;
  /** Undefined after a jump: what follows cannot be reached. */
  current: Block | undefined;
  /** Where the statement being lowered stands, and the same with its scope. */
  at: Span;
  place: SourcePlace | undefined;
  scope: Scope;
  readonly variables: Map<Local, Variable>;
  readonly definitions: Map<Block, Map<Local, Value>>;
  readonly sealed: Set<Block>;
  readonly incomplete: Map<Block, Map<Local, Value>>;
  readonly slots: Map<Local, Slot>;
  readonly labels: Map<Label, Block>;
  readonly strings: Strings;
  /** The hidden pointer to where a large struct is returned. */
  returnPointer: Local | undefined;
  readonly uninitialized: Set<Local>;
  /** Uses of a global's address, by symbol: unused statics are left out. */
  readonly referenced: Set<Global>;
}

/** Strings of the whole file; equal ones are one. */
export interface Strings {
  label(elements: readonly number[], width: 1 | 2 | 4): string;
}

export function startBlock(builder: Builder, block: Block): void {
  builder.fn.blocks.push(block);
  builder.current = block;
}

export const freshBlock = (builder: Builder): Block => newBlock(builder.fn);

/** The block that jumps to the label go to. */
export function labelBlock(builder: Builder, label: Label): Block {
  const known = builder.labels.get(label);
  if (known !== undefined) return known;
  const block = freshBlock(builder);
  builder.labels.set(label, block);
  return block;
}

export type Extra = Partial<Omit<Value, 'id' | 'op' | 'type' | 'args' | 'block' | 'at'>>;

/** A value in the current block; in code that cannot be reached, one that goes nowhere. */
export function emit(builder: Builder, op: Op, type: ValueType, args: readonly Value[], extra: Extra = {}): Value {
  const block = builder.current ?? deadBlock(builder);
  const value: Value = {
    id: builder.fn.nextId++,
    op,
    type,
    args: args.map(resolve),
    imm: 0n,
    block,
    at: placeHere(builder),
    previous: block.values.at(-1) ?? block,
    ...extra,
  };
  const simpler = simplify(value, (other, kind, list, more) => emit(builder, other, kind, list, more));
  if (simpler !== undefined) return simpler;
  block.values.push(value);
  return value;
}

/** Takes what is lowered after a jump; nothing leads there, so that it is dropped later. */
function deadBlock(builder: Builder): Block {
  const block = freshBlock(builder);
  builder.sealed.add(block);
  startBlock(builder, block);
  return block;
}

export const constant = (builder: Builder, type: 'w' | 'x', value: bigint): Value =>
  emit(builder, 'const', type, [], { imm: BigInt.asIntN(type === 'w' ? 32 : 64, value) });

export function jump(builder: Builder, to: Block): void {
  const from = builder.current;
  if (from === undefined) return;
  from.terminator = { kind: 'jump', to };
  from.at = placeHere(builder);
  to.predecessors.push(from);
  builder.current = undefined;
}

export function branch(builder: Builder, condition: Value, whenTrue: Block, otherwise: Block): void {
  const from = builder.current;
  if (from === undefined) return;
  const known = resolve(condition);
  if (known.op === 'const') {
    jump(builder, known.imm !== 0n ? whenTrue : otherwise);
    return;
  }
  if (whenTrue === otherwise) {
    jump(builder, whenTrue);
    return;
  }
  from.terminator = { kind: 'branch', condition: known, whenTrue, otherwise };
  from.at = placeHere(builder);
  whenTrue.predecessors.push(from);
  otherwise.predecessors.push(from);
  builder.current = undefined;
}

export function writeVariable(builder: Builder, local: Local, value: Value, block = builder.current): void {
  if (block === undefined) return;
  if (local.name !== '' && value.op !== 'const') value.variable ??= local.name;
  const known = builder.definitions.get(block);
  if (known !== undefined) known.set(local, value);
  else builder.definitions.set(block, new Map([[local, value]]));
}

/** A phi at the head of a block, without arguments as yet. */
function newPhi(builder: Builder, local: Local, block: Block): Value {
  const type = valueTypeOf(local.type);
  const phi: Value = {
    id: builder.fn.nextId++,
    op: 'phi',
    type,
    args: [],
    imm: 0n,
    block,
    at: placeHere(builder),
    variable: local.name,
  };
  block.values.unshift(phi);
  noteValue(builder, local, phi, block);
  return phi;
}

export function readVariable(builder: Builder, local: Local, block: Block): Value {
  const known = builder.definitions.get(block)?.get(local);
  if (known !== undefined) return resolve(known);
  const chain = new Set<Block>();
  // Straight lines of blocks are walked, not recursed into: functions may be long.
  let at = block;
  for (;;) {
    const found = builder.definitions.get(at)?.get(local);
    if (found !== undefined) return remember(builder, local, chain, resolve(found));
    const [only] = at.predecessors;
    if (!builder.sealed.has(at) || only === undefined || at.predecessors.length > 1) break;
    // A ring of blocks that nothing leads into.
    if (chain.has(at)) return remember(builder, local, chain, undefinedValue(builder, local, at));
    chain.add(at);
    at = only;
  }
  return remember(builder, local, [...chain, at], readAtHead(builder, local, at));
}

function remember(builder: Builder, local: Local, blocks: Iterable<Block>, value: Value): Value {
  for (const block of blocks) writeVariable(builder, local, value, block);
  return value;
}

function readAtHead(builder: Builder, local: Local, block: Block): Value {
  if (!builder.sealed.has(block)) {
    const phi = newPhi(builder, local, block);
    const waiting = builder.incomplete.get(block) ?? new Map<Local, Value>();
    waiting.set(local, phi);
    builder.incomplete.set(block, waiting);
    return phi;
  }
  if (block.predecessors.length === 0) return undefinedValue(builder, local, block);
  const phi = newPhi(builder, local, block);
  writeVariable(builder, local, phi, block);
  return fillPhi(builder, local, phi);
}

function undefinedValue(builder: Builder, local: Local, block: Block): Value {
  const type = valueTypeOf(local.type);
  const value: Value = {
    id: builder.fn.nextId++,
    op: 'undefined',
    type,
    args: [],
    imm: 0n,
    block,
    at: placeHere(builder),
    variable: local.name,
  };
  block.values.unshift(value);
  return value;
}

function fillPhi(builder: Builder, local: Local, phi: Value): Value {
  phi.args = phi.block.predecessors.map((from) => readVariable(builder, local, from));
  return removeTrivial(phi);
}

export function seal(builder: Builder, block: Block): void {
  if (builder.sealed.has(block)) return;
  builder.sealed.add(block);
  for (const [local, phi] of builder.incomplete.get(block) ?? []) fillPhi(builder, local, phi);
  builder.incomplete.delete(block);
}
