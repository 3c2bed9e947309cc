/** A place for the copies that a phi asks for: no edge may lead from a fork to a join. */
import { type Block, type IrFunction, newBlock, successors } from '../ir/ir.ts';

export function splitEdge(fn: IrFunction, from: Block, to: Block): Block {
  const middle = newBlock(fn);
  middle.terminator = { kind: 'jump', to };
  middle.at = from.at;
  middle.depth = Math.min(from.depth, to.depth);
  middle.predecessors = [from];
  to.predecessors = to.predecessors.map((each) => (each === from ? middle : each));
  const { terminator } = from;
  if (terminator.kind === 'branch') {
    if (terminator.whenTrue === to) terminator.whenTrue = middle;
    else terminator.otherwise = middle;
  } else if (terminator.kind === 'switch') {
    for (const each of terminator.cases) if (each.to === to) each.to = middle;
    if (terminator.fallback === to) terminator.fallback = middle;
  }
  return middle;
}

export function splitCriticalEdges(fn: IrFunction): void {
  const added: { readonly before: Block; readonly block: Block }[] = [];
  for (const block of fn.blocks) {
    const next = successors(block);
    if (next.length < 2) continue;
    for (const to of next) {
      if (to.predecessors.length < 2 || to.values[0]?.op !== 'phi') continue;
      added.push({ before: block, block: splitEdge(fn, block, to) });
    }
  }
  for (const { before, block } of added) fn.blocks.splice(fn.blocks.indexOf(before) + 1, 0, block);
}
