/**
 * A counter that only ends its loop gives way to a pointer that moves on beside it: the loop ends where the pointer has
 * come to the end ("linear function test replacement").
 */
import type { Block, IrFunction, Value } from '../ir/ir.ts';
import { countUses } from './cleanup.ts';
import { type Counter, counterOf } from './induction.ts';
import { findLoops, type Loop, preheaderOf } from './loops.ts';

interface Test {
  readonly end: Block;
  readonly condition: Value;
  readonly limit: Value;
}

/** `next < limit` at the end of the loop goes on with it, and is all that the counter is for. */
function testOf({ header, ends }: Loop, { phi, next }: Counter, uses: ReadonlyMap<Value, number>): Test | undefined {
  const [end] = ends;
  const { terminator } = end ?? { terminator: undefined };
  if (end === undefined || terminator?.kind !== 'branch' || terminator.whenTrue !== header) return undefined;
  const { condition } = terminator;
  const [left, limit] = condition.args;
  if ((condition.op !== 'lt' && condition.op !== 'ltu') || left !== next || limit === undefined) return undefined;
  const alone = uses.get(phi) === 1 && uses.get(next) === 2 && uses.get(condition) === 1;
  return alone ? { end, condition, limit } : undefined;
}

const sameValue = (a: Value, b: Value): boolean => a === b || (a.op === 'const' && b.op === 'const' && a.imm === b.imm);

/** The loop is entered only where `start < limit`. */
function isGuarded(before: Block, start: Value, { condition, limit }: Test): boolean {
  const [guard] = before.predecessors;
  const { terminator } = guard ?? { terminator: undefined };
  if (before.predecessors.length !== 1 || terminator?.kind !== 'branch' || terminator.whenTrue !== before) return false;
  const [left, right] = terminator.condition.args;
  if (terminator.condition.op !== condition.op || left === undefined || right === undefined) return false;
  return sameValue(left, start) && sameValue(right, limit);
}

interface Replacement {
  readonly fn: IrFunction;
  readonly before: Block;
  readonly counter: Counter;
  readonly pointer: Counter;
  readonly test: Test;
}

function append({ fn, before }: Replacement, op: Value['op'], args: readonly Value[], imm = 0n): Value {
  const value: Value = { id: fn.nextId++, op, type: 'x', args: [...args], imm, block: before, at: before.at };
  before.values.push(value);
  return value;
}

/** How far the pointer goes in all rounds together; undefined if that cannot be said. */
function distance(replacement: Replacement): Value | undefined {
  const { counter, pointer, test, before } = replacement;
  const { start, step } = counter;
  const { limit } = test;
  if (start.op === 'const' && limit.op === 'const' && start.imm < limit.imm && start.imm >= 0n) {
    const rounds = (limit.imm - start.imm + step - 1n) / step;
    return append(replacement, 'const', [], rounds * pointer.step);
  }
  // Numbers of 32 bits without a sign would have to be widened in another way.
  const signed = test.condition.op === 'lt' || counter.phi.type === 'x';
  if (step !== 1n || !signed || !isGuarded(before, start, test)) return undefined;
  const wide = (value: Value): Value => (value.type === 'w' ? append(replacement, 'widen', [value]) : value);
  const rounds =
    start.op === 'const' && start.imm === 0n ? wide(limit) : append(replacement, 'sub', [wide(limit), wide(start)]);
  return append(replacement, 'mul', [rounds, append(replacement, 'const', [], pointer.step)]);
}

function retire(replacement: Replacement): boolean {
  const { fn, pointer, test } = replacement;
  const far = distance(replacement);
  const { terminator } = test.end;
  if (far === undefined || terminator.kind !== 'branch') return false;
  const end = append(replacement, 'add', [pointer.start, far]);
  const condition: Value = {
    id: fn.nextId++,
    op: 'ne',
    type: 'w',
    args: [pointer.next, end],
    imm: 0n,
    block: test.end,
    at: test.condition.at,
  };
  test.end.values.push(condition);
  terminator.condition = condition;
  return true;
}

/** What the limit is must be known before the loop. */
const isOutside = (value: Value, { blocks }: Loop): boolean => !blocks.has(value.block);

export function retireCounters(fn: IrFunction): boolean {
  let changed = false;
  for (const loop of findLoops(fn)) {
    const uses = countUses(fn);
    const counters = loop.header.values.flatMap((value) => (value.op === 'phi' ? (counterOf(value, loop) ?? []) : []));
    for (const counter of counters) {
      const test = counter.step > 0n ? testOf(loop, counter, uses) : undefined;
      const pointer = counters.find((each) => each !== counter && each.phi.type === 'x' && each.step > counter.step);
      if (test === undefined || pointer === undefined || !isOutside(test.limit, loop)) continue;
      if (retire({ fn, before: preheaderOf(fn, loop), counter, pointer, test })) changed = true;
    }
  }
  return changed;
}
