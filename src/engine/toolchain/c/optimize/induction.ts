/**
 * Addresses that a loop counter makes: `base + (i << k)` becomes a pointer of its own, which moves on by a constant in
 * each round. Counters of 32 bits count for this only where C says that they do not overflow.
 */
import type { Block, IrFunction, Value } from '../ir/ir.ts';
import { type Growth, growthOf, valueAtStart } from './affine.ts';
import { findDominators } from './dominators.ts';
import { findLoops, type Loop, makePreheaders, preheaderOf } from './loops.ts';

/** `phi [start, phi + step]` at the head of a loop. */
export interface Counter {
  readonly phi: Value;
  readonly start: Value;
  readonly next: Value;
  readonly step: bigint;
  /** Index of the way into the loop, and of the way back. */
  readonly entry: number;
  readonly back: number;
  /** It does not overflow, read as a signed number. */
  readonly exact: boolean;
  /** It stays from 0 to 2³¹ − 1: however it is widened, it is the same. */
  readonly positive: boolean;
}

const most = 1n << 31n;

/** It counts up from a constant, as long as it is below another one. */
function isPositive({ next, start, step }: Pick<Counter, 'next' | 'start' | 'step'>, end: Block | undefined): boolean {
  const { terminator } = end ?? { terminator: undefined };
  if (terminator?.kind !== 'branch' || start.op !== 'const' || start.imm < 0n || step <= 0n) return false;
  const { op, args } = terminator.condition;
  const [left, limit] = args;
  if ((op !== 'lt' && op !== 'ltu') || left !== next || limit?.op !== 'const') return false;
  return limit.imm >= 0n && limit.imm + step <= most && start.imm < limit.imm && terminator.otherwise !== next.block;
}

export function counterOf(phi: Value, { header, blocks }: Loop): Counter | undefined {
  if (header.predecessors.length !== 2 || (phi.type !== 'w' && phi.type !== 'x')) return undefined;
  const back = header.predecessors.findIndex((block) => blocks.has(block));
  const entry = 1 - back;
  const next = phi.args[back];
  const start = phi.args[entry];
  const [base, by] = next?.args ?? [];
  if (next?.op !== 'add' || base !== phi || by?.op !== 'const' || start === undefined) return undefined;
  const positive = phi.type === 'w' && isPositive({ next, start, step: by.imm }, header.predecessors[back]);
  const exact = phi.type === 'x' || next.noWrap === true || positive;
  return exact ? { phi, start, next, step: by.imm, entry, back, exact, positive } : undefined;
}

/** What a value is, put in terms of the counter: `scale * counter + offset`. */
interface Linear {
  readonly scale: bigint;
  readonly offset: bigint;
}

/** `i + constant`, with the width that the counter has; a sum of 32 bits must not overflow. */
function steppedBy(value: Value, { phi, next, step, exact }: Counter): bigint | undefined {
  if (value === phi) return 0n;
  if (value === next) return phi.type === 'x' || exact ? step : undefined;
  const [inner, by] = value.args;
  if (value.op !== 'add' || by?.op !== 'const' || (value.type === 'w' && value.noWrap !== true)) return undefined;
  if (inner === phi) return by.imm;
  return inner === next && (phi.type === 'x' || exact) ? step + by.imm : undefined;
}

/** `i + 1`, `(long)(i + 1)`, either shifted or multiplied. */
function linearOf(value: Value, counter: Counter): Linear | undefined {
  const { phi, exact, positive } = counter;
  const plain = value.type === phi.type ? steppedBy(value, counter) : undefined;
  if (plain !== undefined) return phi.type === 'x' ? { scale: 1n, offset: plain } : undefined;
  const [inner, by] = value.args;
  if (inner === undefined || value.type !== 'x') return undefined;
  if (value.op === 'widen' && exact) {
    const offset = steppedBy(inner, counter);
    return offset === undefined ? undefined : { scale: 1n, offset };
  }
  if (value.op === 'zext32') return inner === phi && positive ? { scale: 1n, offset: 0n } : undefined;
  const index = by?.op === 'const' ? linearOf(inner, counter) : undefined;
  if (by === undefined || index?.scale !== 1n) return undefined;
  if (value.op === 'add') return { scale: 1n, offset: index.offset + by.imm };
  const scale = value.op === 'mul' ? by.imm : value.op === 'shl' && by.imm < 32n ? 1n << by.imm : undefined;
  return scale === undefined ? undefined : { scale, offset: index.offset * scale };
}

interface Address extends Linear {
  readonly counter: Counter;
  readonly value: Value;
  readonly base: Value;
}

/** One that a sum with a constant scale does not describe. */
interface Uneven {
  readonly counter: Counter;
  readonly value: Value;
  readonly growth: Growth;
}

interface Found {
  readonly even: Address[];
  readonly uneven: Uneven[];
}

function linearAddress({ blocks }: Loop, counter: Counter, value: Value): Address | undefined {
  for (const [base, scaled] of [value.args, [...value.args].reverse()]) {
    if (base === undefined || scaled === undefined || blocks.has(base.block) || base.op === 'const') continue;
    const linear = linearOf(scaled, counter);
    if (linear !== undefined) return { counter, value, base, ...linear };
  }
  return undefined;
}

/** Sums that grow with the counter, which only loads and stores read. */
function addressesOf(loop: Loop, counter: Counter, readers: ReadonlyMap<Value, readonly Value[]>): Found {
  const { blocks } = loop;
  const found: Found = { even: [], uneven: [] };
  for (const block of blocks) {
    for (const value of block.values) {
      if (value.op !== 'add' || value.type !== 'x') continue;
      const accesses = (readers.get(value) ?? []).every(
        (reader) =>
          (reader.op === 'load' || (reader.op === 'store' && reader.args[1] !== value)) && blocks.has(reader.block),
      );
      if (!accesses) continue;
      const even = linearAddress(loop, counter, value);
      const growth = even === undefined ? growthOf(value, counter, loop) : undefined;
      if (even !== undefined) found.even.push(even);
      else if (growth !== undefined && !(growth.kind === 'number' && growth.by === 0n))
        found.uneven.push({ counter, value, growth });
    }
  }
  return found;
}

function readersOf(fn: IrFunction): Map<Value, Value[]> {
  const readers = new Map<Value, Value[]>();
  for (const { values } of fn.blocks) {
    for (const value of values) {
      for (const arg of value.args) {
        const list = readers.get(arg);
        if (list === undefined) readers.set(arg, [value]);
        else list.push(value);
      }
    }
  }
  return readers;
}

export type Append = (
  block: Block,
  op: Value['op'],
  type: Value['type'],
  args: readonly Value[],
  imm?: bigint,
) => Value;

const appender =
  (fn: IrFunction): Append =>
  (block, op, type, args, imm = 0n) => {
    const value: Value = { id: fn.nextId++, op, type, args: [...args], imm, block, at: block.at };
    block.values.push(value);
    return value;
  };

/** `base + scale * counter` at the beginning of the loop. */
function startAddress(append: Append, before: Block, { counter, base, scale }: Address): Value {
  const { start } = counter;
  const wide = start.type === 'w' ? append(before, 'widen', 'x', [start]) : start;
  const scaled = scale === 1n ? wide : append(before, 'mul', 'x', [wide, append(before, 'const', 'x', [], scale)]);
  return append(before, 'add', 'x', [base, scaled]);
}

interface Motion {
  readonly counter: Counter;
  readonly start: Value;
  readonly step: Value;
}

/** The pointer that moves on beside the counter. */
function movingPointer(fn: IrFunction, { header }: Loop, { counter, start, step }: Motion, at: Value['at']): Value {
  const made = (op: Value['op'], args: Value[], block: Block): Value => ({
    id: fn.nextId++,
    op,
    type: 'x',
    args,
    imm: 0n,
    block,
    at: op === 'phi' ? at : counter.next.at,
  });
  const pointer = made('phi', [], header);
  // At the very end of the round: all that reads the pointer of this one comes before.
  const end = header.predecessors[counter.back] ?? counter.next.block;
  const next = made('add', [pointer, step], end);
  end.values.push(next);
  pointer.args[counter.entry] = start;
  pointer.args[counter.back] = next;
  header.values.unshift(pointer);
  return pointer;
}

function evenPointer(fn: IrFunction, loop: Loop, address: Address): Value {
  const append = appender(fn);
  const before = preheaderOf(fn, loop);
  const { counter, scale, value } = address;
  const step = append(before, 'const', 'x', [], counter.step * scale);
  return movingPointer(fn, loop, { counter, start: startAddress(append, before, address), step }, value.at);
}

function unevenPointer(fn: IrFunction, loop: Loop, { counter, value, growth }: Uneven): Value {
  const append = appender(fn);
  const before = preheaderOf(fn, loop);
  const constant = (imm: bigint): Value => append(before, 'const', 'x', [], imm);
  const start = valueAtStart(value, counter, loop, append, before);
  if (growth.kind === 'number')
    return movingPointer(fn, loop, { counter, start, step: constant(growth.by * counter.step) }, value.at);
  const one = growth.compute(append, before);
  const step = counter.step === 1n ? one : append(before, 'mul', 'x', [one, constant(counter.step)]);
  return movingPointer(fn, loop, { counter, start, step }, value.at);
}

/** The address becomes the pointer, or a place beside it that the access has in its offset. */
function replace(fn: IrFunction, { value, offset }: Address, pointer: Value): void {
  if (offset === 0n) {
    value.forward = pointer;
    return;
  }
  const { block, at } = value;
  const by: Value = { id: fn.nextId++, op: 'const', type: 'x', args: [], imm: offset, block, at };
  block.values.splice(block.values.indexOf(value), 0, by);
  value.args = [pointer, by];
}

/** More pointers than this would want more registers than they save instructions. */
const mostPointers = 6;

/** Addresses that one pointer serves: they differ by a constant. */
function groupsOf(addresses: readonly Address[]): readonly Address[][] {
  const groups = new Map<string, Address[]>();
  for (const address of addresses) {
    const key = `${address.counter.phi.id} ${address.base.id} ${address.scale}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [address]);
    else group.push(address);
  }
  return [...groups.values()];
}

export function reduceInductions(fn: IrFunction): boolean {
  makePreheaders(fn);
  const loops = findLoops(fn, findDominators(fn));
  let changed = false;
  for (const loop of loops) {
    const readers = readersOf(fn);
    const counters = loop.header.values.filter(({ op }) => op === 'phi').flatMap((phi) => counterOf(phi, loop) ?? []);
    const found = counters.map((counter) => addressesOf(loop, counter, readers));
    const groups = groupsOf(found.flatMap(({ even }) => even));
    const uneven = found.flatMap((each) => each.uneven);
    const count = groups.length + uneven.length;
    if (count === 0 || count > mostPointers) continue;
    for (const group of groups) {
      const [first] = group;
      if (first === undefined) continue;
      const pointer = evenPointer(fn, loop, first);
      for (const address of group) replace(fn, address, pointer);
    }
    for (const each of uneven) each.value.forward = unevenPointer(fn, loop, each);
    changed = true;
  }
  return changed;
}
