/** The order of blocks, and jumps that it makes unnecessary. */
import type { Instruction, MachineBlock, MachineFunction } from './machine.ts';

const inverse: Readonly<Record<string, string>> = {
  beq: 'bne',
  bne: 'beq',
  blt: 'bge',
  bge: 'blt',
  bltu: 'bgeu',
  bgeu: 'bltu',
};

/** A block that only jumps on; where it leads in the end. */
function finalTarget(block: MachineBlock): MachineBlock {
  let found = block;
  for (let steps = 0; steps < 50; steps++) {
    const [only] = found.instructions;
    if (found.instructions.length !== 1 || only?.format !== 'jump' || only.target === undefined) return found;
    found = only.target;
  }
  return found;
}

function threadJumps({ blocks }: MachineFunction): void {
  for (const { instructions } of blocks) {
    for (const each of instructions) if (each.target !== undefined) each.target = finalTarget(each.target);
  }
}

function removeUnreached(machine: MachineFunction): void {
  const [entry] = machine.blocks;
  if (entry === undefined) return;
  const seen = new Set([entry]);
  const stack = [entry];
  for (let block = stack.pop(); block !== undefined; block = stack.pop()) {
    for (const { target, targets = [] } of block.instructions) {
      for (const next of target === undefined ? targets : [target]) {
        if (seen.has(next)) continue;
        seen.add(next);
        stack.push(next);
      }
    }
  }
  machine.blocks.splice(0, machine.blocks.length, ...machine.blocks.filter((block) => seen.has(block)));
}

/** `b… A; j B` with A next becomes the inverted branch to B. */
function dropJump(instructions: readonly Instruction[], next: MachineBlock | undefined): Instruction[] {
  const last = instructions.at(-1);
  const branch = instructions.at(-2);
  if (last?.format !== 'jump') return [...instructions];
  if (branch?.format === 'branch' && branch.target === last.target)
    return dropJump([...instructions.slice(0, -2), last], next);
  if (last.target === next) return instructions.slice(0, -1);
  const op = branch?.format === 'branch' && branch.target === next ? inverse[branch.op] : undefined;
  if (branch === undefined || op === undefined || last.target === undefined) return [...instructions];
  return [...instructions.slice(0, -2), { ...branch, op, target: last.target }];
}

/** A return this short is written again rather than jumped to. */
const shortReturn = 3;

function repeatReturns({ blocks }: MachineFunction): void {
  blocks.forEach((block, index) => {
    const last = block.instructions.at(-1);
    const target = last?.format === 'jump' ? last.target : undefined;
    if (target === undefined || target === blocks[index + 1] || target === block) return;
    const { instructions } = target;
    if (instructions.length > shortReturn || instructions.at(-1)?.format !== 'return') return;
    block.instructions = [...block.instructions.slice(0, -1), ...instructions.map((each) => ({ ...each }))];
  });
}

/** Where control goes on unconditionally, the next block follows if it has no place yet. */
function chain(blocks: readonly MachineBlock[]): MachineBlock[] {
  const placed = new Set<MachineBlock>();
  const order: MachineBlock[] = [];
  const index = new Map(blocks.map((block, at): [MachineBlock, number] => [block, at]));
  for (const start of blocks) {
    for (let block: MachineBlock | undefined = start; block !== undefined && !placed.has(block); ) {
      placed.add(block);
      order.push(block);
      const last: Instruction | undefined = block.instructions.at(-1);
      const next: MachineBlock | undefined = last?.format === 'jump' ? last.target : undefined;
      // A block of an outer loop waits for its place: loops stay in one piece.
      const follows: boolean =
        next !== undefined && !placed.has(next) && next.depth >= block.depth && (index.get(next) ?? 0) > 0;
      block = follows ? next : undefined;
    }
  }
  return order;
}

export function orderBlocks(machine: MachineFunction): void {
  threadJumps(machine);
  removeUnreached(machine);
  const order = chain(machine.blocks);
  machine.blocks.splice(0, machine.blocks.length, ...order);
  repeatReturns(machine);
  removeUnreached(machine);
  machine.blocks.forEach((block, index) => {
    block.instructions = dropJump(block.instructions, machine.blocks[index + 1]);
  });
}
