/** Value numbering: what has been computed on every way here is not computed again; and identities, once more. */
import { type Block, type IrFunction, isPure, resolve, resolveTerminator, type Value } from '../ir/ir.ts';
import { type Dominators, findDominators } from './dominators.ts';
import { simplify } from './simplify.ts';

function keyOf(
  { op, type, args, imm, symbol, slot, number, unsigned, name, asm }: Value,
  slots: Map<object, number>,
): string {
  let place = '';
  if (slot !== undefined) {
    if (!slots.has(slot)) slots.set(slot, slots.size);
    place = String(slots.get(slot));
  }
  if (asm !== undefined) {
    if (!slots.has(asm)) slots.set(asm, slots.size);
    place = String(slots.get(asm));
  }
  const float = number === undefined ? '' : Object.is(number, -0) ? '-0' : String(number);
  return `${op} ${type} ${args.map(({ id }) => id).join()} ${imm} ${symbol ?? ''} ${place} ${float} ${unsigned === true} ${name ?? ''}`;
}

interface Numbering {
  readonly fn: IrFunction;
  readonly dominators: Dominators;
  readonly slots: Map<object, number>;
  readonly known: Map<string, Value>;
}

/** Values of the block with their replacements; `added` is undone when the blocks below have been walked. */
function numberBlock(numbering: Numbering, block: Block, added: string[]): void {
  const values: Value[] = [];
  const place = (value: Value): Value => {
    if (!isPure(value)) {
      values.push(value);
      return value;
    }
    const key = keyOf(value, numbering.slots);
    const before = numbering.known.get(key);
    if (before !== undefined) return before;
    numbering.known.set(key, value);
    added.push(key);
    values.push(value);
    return value;
  };
  for (const value of block.values) {
    if (value.op === 'phi') {
      values.push(value);
      continue;
    }
    value.args = value.args.map(resolve);
    const simpler = isPure(value) ? simplifyIn(numbering, block, value, place) : undefined;
    const found = simpler ?? place(value);
    if (found !== value) value.forward = found;
  }
  block.values = values;
  resolveTerminator(block);
}

function simplifyIn({ fn }: Numbering, block: Block, value: Value, place: (value: Value) => Value): Value | undefined {
  const make: Parameters<typeof simplify>[1] = (op, type, args, extra = {}) => {
    const made: Value = { id: fn.nextId++, op, type, args: args.map(resolve), imm: 0n, block, at: value.at, ...extra };
    return simplify(made, make) ?? place(made);
  };
  return simplify(value, make);
}

export function numberValues(fn: IrFunction): void {
  const dominators = findDominators(fn);
  const numbering: Numbering = { fn, dominators, slots: new Map(), known: new Map() };
  const stack: { readonly block: Block; readonly added: string[]; next: number }[] = [];
  const enter = (block: Block): void => {
    const added: string[] = [];
    numberBlock(numbering, block, added);
    stack.push({ block, added, next: 0 });
  };
  enter(fn.entry);
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const child = dominators.children.get(top.block)?.[top.next++];
    if (child !== undefined) enter(child);
    else {
      for (const key of top.added) numbering.known.delete(key);
      stack.pop();
    }
  }
}
