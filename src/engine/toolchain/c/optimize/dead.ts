/** Takes out what nobody reads. */
import { hasEffect, type IrFunction, resolve, terminatorValues, type Value } from '../ir/ir.ts';

function roots(fn: IrFunction): Value[] {
  const found: Value[] = [];
  for (const block of fn.blocks) {
    for (const value of block.values) if (hasEffect(value)) found.push(value);
    for (const value of terminatorValues(block)) found.push(resolve(value));
  }
  return found;
}

export function removeDead(fn: IrFunction): void {
  const live = new Set<Value>();
  const stack = roots(fn);
  for (let value = stack.pop(); value !== undefined; value = stack.pop()) {
    if (live.has(value)) continue;
    live.add(value);
    for (const arg of value.args) stack.push(resolve(arg));
  }
  for (const block of fn.blocks) block.values = block.values.filter((value) => live.has(value));
}
