/** Sums in a loop are put together so that what stays the same is added before the loop: `(a + i) + b` as `(a + b) + i`. */
import type { IrFunction, Value } from '../ir/ir.ts';
import { countUses } from './cleanup.ts';
import { findLoops, type Loop, makePreheaders, preheaderOf } from './loops.ts';

interface Split {
  readonly fixed: Value;
  readonly varying: Value;
}

/** A sum of something from before the loop and something of it. */
function splitOf(value: Value, { blocks }: Loop): Split | undefined {
  const [left, right] = value.args;
  if (value.op !== 'add' || value.type !== 'x' || left === undefined || right === undefined) return undefined;
  if (!blocks.has(left.block) && blocks.has(right.block)) return { fixed: left, varying: right };
  return blocks.has(left.block) && !blocks.has(right.block) ? { fixed: right, varying: left } : undefined;
}

function regroup(fn: IrFunction, loop: Loop): boolean {
  const before = preheaderOf(fn, loop);
  const uses = countUses(fn);
  let changed = false;
  for (const block of loop.blocks) {
    for (const value of block.values) {
      const outer = splitOf(value, loop);
      const inner = outer === undefined ? undefined : splitOf(outer.varying, loop);
      // A constant is better off in the offset of an access.
      if (outer === undefined || inner === undefined || outer.fixed.op === 'const' || uses.get(outer.varying) !== 1)
        continue;
      const args = [inner.fixed, outer.fixed];
      const sum: Value = { id: fn.nextId++, op: 'add', type: 'x', args, imm: 0n, block: before, at: value.at };
      before.values.push(sum);
      value.args = [sum, inner.varying];
      changed = true;
    }
  }
  return changed;
}

export function regroupSums(fn: IrFunction): boolean {
  makePreheaders(fn);
  let changed = false;
  for (const loop of findLoops(fn)) if (regroup(fn, loop)) changed = true;
  return changed;
}
