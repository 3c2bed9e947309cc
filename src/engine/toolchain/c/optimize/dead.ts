/** Takes out what nobody reads. */
import { type Block, hasEffect, type IrFunction, resolve, terminatorValues, type Value } from '../ir/ir.ts';

function roots(fn: IrFunction): Value[] {
  return fn.blocks.flatMap((block: Block) => [...block.values.filter(hasEffect), ...terminatorValues(block)]);
}

export function removeDead(fn: IrFunction): void {
  const live = new Set<Value>();
  const stack = roots(fn).map(resolve);
  for (let value = stack.pop(); value !== undefined; value = stack.pop()) {
    if (live.has(value)) continue;
    live.add(value);
    for (const arg of value.args) stack.push(resolve(arg));
  }
  for (const block of fn.blocks) block.values = block.values.filter((value) => live.has(value));
}
