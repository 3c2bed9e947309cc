/** Keeps registers in memory: each use and definition gets a register of its own, for as long as it takes. */
import type { Slot } from '../ir/ir.ts';
import { isFloat } from './interference.ts';
import type { Instruction, MachineFunction } from './machine.ts';

interface Spilled {
  readonly slot: Slot;
  /** Its only definition, where that can be repeated in place of a load. */
  readonly again: Instruction | undefined;
}

const repeatable = new Set<Instruction['format']>(['li', 'address', 'slot']);

/** Registers with one definition that needs no operand. */
function repeatableDefinitions({ blocks }: MachineFunction, spilled: ReadonlySet<number>): Map<number, Instruction> {
  const found = new Map<number, Instruction>();
  const several = new Set<number>();
  for (const { instructions } of blocks) {
    for (const instruction of instructions) {
      for (const def of instruction.defs) {
        if (!spilled.has(def)) continue;
        if (found.has(def) || !repeatable.has(instruction.format)) several.add(def);
        found.set(def, instruction);
      }
    }
  }
  for (const register of several) found.delete(register);
  return found;
}

interface Rewriter {
  readonly machine: MachineFunction;
  readonly spilled: ReadonlyMap<number, Spilled>;
  readonly short: Set<number>;
}

function temporary({ machine, short }: Rewriter, register: number): number {
  const made = machine.nextRegister++;
  machine.floats[made] = isFloat(machine, register);
  short.add(made);
  return made;
}

function reload({ machine }: Rewriter, { slot, again }: Spilled, into: number, at: Instruction['at']): Instruction {
  if (again !== undefined) return { ...again, defs: [into], uses: [], at };
  const op = isFloat(machine, into) ? 'fld' : 'ld';
  return { op, format: 'load', defs: [into], uses: [], imm: 0n, slot, at };
}

function save({ machine }: Rewriter, { slot }: Spilled, from: number, at: Instruction['at']): Instruction {
  const op = isFloat(machine, from) ? 'fsd' : 'sd';
  return { op, format: 'store', defs: [], uses: [from], imm: 0n, slot, at };
}

function rewrite(rewriter: Rewriter, instruction: Instruction): Instruction[] {
  const { spilled } = rewriter;
  const { at } = instruction;
  const before: Instruction[] = [];
  const after: Instruction[] = [];
  const names = new Map<number, number>();
  const renamed = (register: number): number => {
    const known = names.get(register);
    if (known !== undefined || !spilled.has(register)) return known ?? register;
    const made = temporary(rewriter, register);
    names.set(register, made);
    return made;
  };
  for (const use of new Set(instruction.uses)) {
    const found = spilled.get(use);
    if (found !== undefined) before.push(reload(rewriter, found, renamed(use), at));
  }
  for (const def of instruction.defs) {
    const found = spilled.get(def);
    if (found === undefined) continue;
    if (found.again !== undefined) return [];
    after.push(save(rewriter, found, renamed(def), at));
  }
  if (names.size === 0) return [instruction];
  instruction.uses = instruction.uses.map(renamed);
  instruction.defs = instruction.defs.map(renamed);
  if (instruction.early !== undefined) instruction.early = instruction.early.map(renamed);
  return [...before, instruction, ...after];
}

/** `short` collects the registers that this makes. */
export function spill(machine: MachineFunction, registers: readonly number[], short: Set<number>): void {
  const set = new Set(registers);
  const again = repeatableDefinitions(machine, set);
  const spilled = new Map<number, Spilled>();
  for (const register of set) {
    const slot: Slot = { name: '', size: 8, alignment: 8 };
    if (!again.has(register)) machine.slots.push(slot);
    const repeated = again.get(register);
    spilled.set(register, { slot, again: repeated });
    machine.homes.set(register, repeated === undefined ? { slot } : { again: repeated });
    if (repeated === undefined) machine.spilled.set(slot, register);
  }
  const rewriter: Rewriter = { machine, spilled, short };
  for (const block of machine.blocks) {
    block.instructions = block.instructions.flatMap((instruction) => rewrite(rewriter, instruction));
  }
}
