/** Addresses that grow by the same amount in each round of a loop, though not by a number known here: `a[k * width + i]`. */
import type { Block, Value } from '../ir/ir.ts';
import type { Append, Counter } from './induction.ts';
import type { Loop } from './loops.ts';

/** How much a value grows for each step of one: a number, or something computed before the loop. */
export type Growth =
  | { readonly kind: 'number'; readonly by: bigint }
  | { readonly kind: 'computed'; readonly compute: (append: Append, before: Block) => Value };

const number = (by: bigint): Growth => ({ kind: 'number', by });
const none = number(0n);

const isNone = (growth: Growth): boolean => growth.kind === 'number' && growth.by === 0n;

function sum(a: Growth, b: Growth): Growth | undefined {
  if (isNone(a)) return b;
  if (isNone(b)) return a;
  return a.kind === 'number' && b.kind === 'number' ? number(a.by + b.by) : undefined;
}

const constant = (append: Append, before: Block, imm: bigint): Value => append(before, 'const', 'x', [], imm);

function times(growth: Growth, factor: Value): Growth | undefined {
  if (isNone(growth)) return none;
  if (growth.kind === 'computed') return undefined;
  if (factor.op === 'const') return number(growth.by * factor.imm);
  const { by } = growth;
  return {
    kind: 'computed',
    compute: (append, before) =>
      by === 1n ? factor : append(before, 'mul', 'x', [factor, constant(append, before, by)]),
  };
}

function shifted(growth: Growth, by: bigint): Growth {
  if (growth.kind === 'number') return number(growth.by << by);
  const { compute } = growth;
  return {
    kind: 'computed',
    compute: (append, before) => append(before, 'shl', 'x', [compute(append, before), constant(append, before, by)]),
  };
}

/** Deeper expressions are not worth what looking costs. */
const mostDepth = 6;

/** Undefined for what does not grow evenly. */
export function growthOf(value: Value, counter: Counter, loop: Loop, depth = 0): Growth | undefined {
  const { phi, next, exact } = counter;
  if (!loop.blocks.has(value.block)) return none;
  if (value.type !== 'x' || depth > mostDepth) return undefined;
  if (value === phi || value === next) return number(1n);
  if (value.op === 'widen') return value.args[0] === phi && exact ? number(1n) : undefined;
  const [left, right] = value.args;
  if (left === undefined || right === undefined) return undefined;
  const one = growthOf(left, counter, loop, depth + 1);
  if (value.op === 'shl') return one !== undefined && right.op === 'const' ? shifted(one, right.imm) : undefined;
  const other = growthOf(right, counter, loop, depth + 1);
  if (one === undefined || other === undefined) return undefined;
  if (value.op === 'add') return sum(one, other);
  if (value.op !== 'mul') return undefined;
  return isNone(other) ? times(one, right) : isNone(one) ? times(other, left) : undefined;
}

/** The value as it is in the first round, computed before the loop. */
export function valueAtStart(value: Value, counter: Counter, loop: Loop, append: Append, before: Block): Value {
  const { phi, next, start, step } = counter;
  if (!loop.blocks.has(value.block)) return value;
  if (value === phi) return start;
  if (value === next) return append(before, 'add', value.type, [start, append(before, 'const', value.type, [], step)]);
  const args = value.args.map((arg) => valueAtStart(arg, counter, loop, append, before));
  return append(before, value.op, value.type, args, value.imm);
}
