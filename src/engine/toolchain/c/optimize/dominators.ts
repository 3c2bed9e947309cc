/** Which blocks every way to a block goes through (Cooper, Harvey, Kennedy, "A Simple, Fast Dominance Algorithm"). */
import { type Block, type IrFunction, successors } from '../ir/ir.ts';

export interface Dominators {
  /** Blocks in reverse postorder: before each come those that dominate it. */
  readonly order: readonly Block[];
  readonly children: ReadonlyMap<Block, readonly Block[]>;
  dominates(a: Block, b: Block): boolean;
}

function reversePostorder({ entry }: IrFunction): Block[] {
  const order: Block[] = [];
  const seen = new Set<Block>([entry]);
  const stack: { readonly block: Block; readonly next: Block[] }[] = [{ block: entry, next: successors(entry) }];
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const next = top.next.pop();
    if (next === undefined) {
      order.push(top.block);
      stack.pop();
    } else if (!seen.has(next)) {
      seen.add(next);
      stack.push({ block: next, next: successors(next) });
    }
  }
  return order.reverse();
}

function immediateDominators(order: readonly Block[]): number[] {
  const numbers = new Map(order.map((block, index): [Block, number] => [block, index]));
  const dominator: number[] = order.map((_, index) => (index === 0 ? 0 : -1));
  const meet = (a: number, b: number): number => {
    let left = a;
    let right = b;
    while (left !== right) {
      while (left > right) left = dominator[left] ?? 0;
      while (right > left) right = dominator[right] ?? 0;
    }
    return left;
  };
  for (let changed = true; changed; ) {
    changed = false;
    order.forEach((block, index) => {
      if (index === 0) return;
      let found = -1;
      for (const previous of block.predecessors) {
        const number = numbers.get(previous);
        if (number === undefined || dominator[number] === -1) continue;
        found = found < 0 ? number : meet(number, found);
      }
      if (dominator[index] !== found) {
        dominator[index] = found;
        changed = true;
      }
    });
  }
  return dominator;
}

export function findDominators(fn: IrFunction): Dominators {
  const order = reversePostorder(fn);
  const dominator = immediateDominators(order);
  const numbers = new Map(order.map((block, index): [Block, number] => [block, index]));
  const children = new Map<Block, Block[]>(order.map((block) => [block, []]));
  order.forEach((block, index) => {
    const parent = index === 0 ? undefined : order[dominator[index] ?? 0];
    if (parent !== undefined) children.get(parent)?.push(block);
  });
  return {
    order,
    children,
    dominates(a, b) {
      const wanted = numbers.get(a) ?? -1;
      let at = numbers.get(b) ?? -1;
      while (at > wanted) at = dominator[at] ?? -1;
      return at === wanted && at >= 0;
    },
  };
}
