/** Virtual registers → physical ones. */
import { color } from './color.ts';
import { type Instruction, isMove, type MachineFunction } from './machine.ts';
import { firstVirtual, framePointer, scratch } from './registers.ts';
import { spill } from './spill.ts';
import { trackVariables } from './track.ts';

const pure = new Set<Instruction['format']>(['li', 'address', 'slot', 'unary', 'immediate', 'register']);

/** Takes out computations that nobody reads. */
export function removeUnused({ blocks }: MachineFunction): void {
  const uses = new Map<number, number>();
  for (const { instructions } of blocks) {
    for (const each of instructions) for (const use of each.uses) uses.set(use, (uses.get(use) ?? 0) + 1);
  }
  for (let index = blocks.length - 1; index >= 0; index--) {
    const block = blocks[index];
    if (block === undefined) continue;
    const kept: Instruction[] = [];
    for (let at = block.instructions.length - 1; at >= 0; at--) {
      const instruction = block.instructions[at];
      if (instruction === undefined) continue;
      const [def] = instruction.defs;
      const unread = def !== undefined && def >= firstVirtual && (uses.get(def) ?? 0) === 0;
      if (unread && pure.has(instruction.format) && instruction.defs.length === 1) {
        for (const use of instruction.uses) uses.set(use, (uses.get(use) ?? 0) - 1);
      } else kept.push(instruction);
    }
    block.instructions = kept.reverse();
  }
}

function substitute(machine: MachineFunction, colors: ReadonlyMap<number, number>): void {
  const { names } = machine;
  const real = (register: number): number => (register < firstVirtual ? register : (colors.get(register) ?? scratch));
  for (const block of machine.blocks) {
    for (const instruction of block.instructions) {
      const note = instruction.defs.length === 1 ? names[instruction.defs[0] ?? 0] : undefined;
      if (note !== undefined) instruction.note = note;
      instruction.defs = instruction.defs.map(real);
      instruction.uses = instruction.uses.map(real);
    }
    block.instructions = block.instructions.filter((each) => !isMove(each) || each.defs[0] !== each.uses[0]);
  }
}

/** A frame beyond the reach of an offset needs a register to get there. */
const mostReach = 1900;

const frameBytes = ({ slots, outgoing, incoming }: MachineFunction): number =>
  slots.reduce((all, { size, alignment }) => all + size + alignment, outgoing + incoming) + 30 * 8;

/** Far more rounds than any function takes; each one shortens what it spills. */
const mostRounds = 40;
/** After these, registers stay as short as spilling made them. */
const mostCoalescing = 4;

export function allocate(machine: MachineFunction): void {
  const short = new Set<number>();
  for (let round = 0; round < mostRounds; round++) {
    const far = frameBytes(machine) > mostReach;
    const reserved = new Set([...(far ? [scratch] : []), ...(machine.dynamic ? [framePointer] : [])]);
    const { colors, spilled } = color(machine, { short, reserved, coalescing: round < mostCoalescing });
    if (spilled.length === 0) {
      if (machine.debug) trackVariables(machine, colors);
      substitute(machine, colors);
      return;
    }
    spill(machine, spilled, short);
  }
  throw new Error('registers could not be allocated');
}
