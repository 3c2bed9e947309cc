/**
 * Addresses that a loop counter makes: `base + (i << k)` becomes a pointer of its own, which moves on by a constant in
 * each round. Counters of 32 bits count for this only where C says that they do not overflow.
 */
import type { Block, IrFunction, Value } from '../ir/ir.ts';
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

/** `i`, `(long)i`, either shifted or multiplied: by how much. */
function scaleOf(value: Value, counter: Counter): bigint | undefined {
  const { phi } = counter;
  if (value === phi) return phi.type === 'x' ? 1n : undefined;
  const [inner, by] = value.args;
  if (value.op === 'widen') return inner === phi && counter.exact ? 1n : undefined;
  if (value.op === 'zext32') return inner === phi && counter.positive ? 1n : undefined;
  if (by?.op !== 'const' || inner === undefined || value.type !== 'x' || scaleOf(inner, counter) !== 1n)
    return undefined;
  if (value.op === 'mul') return by.imm;
  return value.op === 'shl' && by.imm < 32n ? 1n << by.imm : undefined;
}

interface Address {
  readonly value: Value;
  readonly base: Value;
  readonly scaled: Value;
  /** Bytes for each step of one. */
  readonly scale: bigint;
}

/** Sums of something that stays and the counter, which only loads and stores read. */
function addressesOf({ blocks }: Loop, counter: Counter, readers: ReadonlyMap<Value, readonly Value[]>): Address[] {
  const found: Address[] = [];
  for (const block of blocks) {
    for (const value of block.values) {
      if (value.op !== 'add' || value.type !== 'x') continue;
      const accesses = (readers.get(value) ?? []).every(
        (reader) =>
          (reader.op === 'load' || (reader.op === 'store' && reader.args[1] !== value)) && blocks.has(reader.block),
      );
      if (!accesses) continue;
      for (const [base, scaled] of [value.args, [...value.args].reverse()]) {
        const scale = scaled === undefined ? undefined : scaleOf(scaled, counter);
        if (base === undefined || scaled === undefined || scale === undefined || blocks.has(base.block)) continue;
        found.push({ value, base, scaled, scale });
        break;
      }
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

type Append = (block: Block, op: Value['op'], type: Value['type'], args: readonly Value[], imm?: bigint) => Value;

const appender =
  (fn: IrFunction): Append =>
  (block, op, type, args, imm = 0n) => {
    const value: Value = { id: fn.nextId++, op, type, args: [...args], imm, block, at: block.at };
    block.values.push(value);
    return value;
  };

/** The address at the beginning of the loop. */
function startAddress(append: Append, before: Block, { start }: Counter, { base, scale }: Address): Value {
  const wide = start.type === 'w' ? append(before, 'widen', 'x', [start]) : start;
  const scaled = scale === 1n ? wide : append(before, 'mul', 'x', [wide, append(before, 'const', 'x', [], scale)]);
  return append(before, 'add', 'x', [base, scaled]);
}

function replace(fn: IrFunction, loop: Loop, counter: Counter, address: Address): void {
  const append = appender(fn);
  const { header } = loop;
  const before = preheaderOf(fn, loop);
  const pointer: Value = {
    id: fn.nextId++,
    op: 'phi',
    type: 'x',
    args: [],
    imm: 0n,
    block: header,
    at: address.value.at,
  };
  const step: Value = {
    id: fn.nextId++,
    op: 'const',
    type: 'x',
    args: [],
    imm: counter.step * address.scale,
    block: before,
    at: header.at,
  };
  const next: Value = {
    id: fn.nextId++,
    op: 'add',
    type: 'x',
    args: [pointer, step],
    imm: 0n,
    block: counter.next.block,
    at: counter.next.at,
  };
  before.values.push(step);
  const { values } = counter.next.block;
  values.splice(values.indexOf(counter.next) + 1, 0, next);
  const start = startAddress(append, before, counter, address);
  pointer.args[counter.entry] = start;
  pointer.args[counter.back] = next;
  header.values.unshift(pointer);
  address.value.forward = pointer;
}

/** More pointers than this would want more registers than they save instructions. */
const mostPointers = 6;

export function reduceInductions(fn: IrFunction): boolean {
  makePreheaders(fn);
  const loops = findLoops(fn, findDominators(fn));
  let changed = false;
  for (const loop of loops) {
    const readers = readersOf(fn);
    const counters = loop.header.values.filter(({ op }) => op === 'phi').flatMap((phi) => counterOf(phi, loop) ?? []);
    const found = counters.flatMap((counter) =>
      addressesOf(loop, counter, readers).map((address) => ({ counter, address })),
    );
    if (
      found.length === 0 ||
      new Set(found.map(({ address }) => `${address.base.id} ${address.scale}`)).size > mostPointers
    )
      continue;
    for (const { counter, address } of found) replace(fn, loop, counter, address);
    changed = true;
  }
  return changed;
}
