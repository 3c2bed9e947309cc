/** Natural loops: a header that dominates the blocks which lead back to it. */
import { type Block, type IrFunction, newBlock } from '../ir/ir.ts';
import { type Dominators, findDominators } from './dominators.ts';

export interface Loop {
  readonly header: Block;
  readonly blocks: ReadonlySet<Block>;
  /** Blocks that lead back to the header. */
  readonly ends: readonly Block[];
}

function blocksOf(header: Block, ends: readonly Block[]): Set<Block> {
  const blocks = new Set<Block>([header]);
  const stack = [...ends];
  for (let block = stack.pop(); block !== undefined; block = stack.pop()) {
    if (blocks.has(block)) continue;
    blocks.add(block);
    stack.push(...block.predecessors);
  }
  return blocks;
}

/** Inner loops before those around them. Sets the depth of every block. */
export function findLoops(fn: IrFunction, dominators: Dominators = findDominators(fn)): Loop[] {
  for (const block of fn.blocks) block.depth = 0;
  const loops: Loop[] = [];
  for (const header of dominators.order) {
    const ends = header.predecessors.filter((previous) => dominators.dominates(header, previous));
    if (ends.length === 0) continue;
    const blocks = blocksOf(header, ends);
    for (const block of blocks) block.depth++;
    loops.push({ header, blocks, ends });
  }
  return loops.sort((a, b) => a.blocks.size - b.blocks.size);
}

function insertBefore(fn: IrFunction, header: Block, outside: readonly Block[]): Block {
  const made = newBlock(fn);
  made.at = outside[0]?.at ?? header.at;
  made.terminator = { kind: 'jump', to: header };
  made.predecessors = [...outside];
  for (const block of outside) retarget(block, header, made);
  for (const phi of header.values) {
    if (phi.op !== 'phi') break;
    const entering = phi.args.filter((_, index) => outside.includes(header.predecessors[index] ?? header));
    const staying = phi.args.filter((_, index) => !outside.includes(header.predecessors[index] ?? header));
    const [only = phi] = entering;
    const merged = entering.every((each) => each === only)
      ? only
      : { ...phi, id: fn.nextId++, args: entering, block: made, previous: made };
    if (merged !== only) made.values.push(merged);
    phi.args = [merged, ...staying];
  }
  header.predecessors = [made, ...header.predecessors.filter((each) => !outside.includes(each))];
  fn.blocks.splice(fn.blocks.indexOf(header), 0, made);
  return made;
}

export function retarget({ terminator }: Block, from: Block, to: Block): void {
  if (terminator.kind === 'jump') terminator.to = to;
  else if (terminator.kind === 'branch') {
    if (terminator.whenTrue === from) terminator.whenTrue = to;
    if (terminator.otherwise === from) terminator.otherwise = to;
  } else if (terminator.kind === 'switch') {
    for (const each of terminator.cases) if (each.to === from) each.to = to;
    if (terminator.fallback === from) terminator.fallback = to;
  }
}

/** The block that leads into the loop and nowhere else; made if there is none. */
export function preheaderOf(fn: IrFunction, { header, blocks }: Loop): Block {
  const outside = header.predecessors.filter((block) => !blocks.has(block));
  const [only] = outside;
  if (only !== undefined && outside.length === 1 && only.terminator.kind === 'jump') return only;
  return insertBefore(fn, header, outside);
}

/** Gives every loop such a block; what analyses knew before does not hold after it. */
export function makePreheaders(fn: IrFunction): void {
  for (const loop of findLoops(fn)) preheaderOf(fn, loop);
}
