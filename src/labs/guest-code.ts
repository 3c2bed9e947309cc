/** The instructions that a machine stands before, read without touching it. */
import { lengthOf } from '../engine/isa/instructions.ts';
import { M } from '../engine/isa/privilege.ts';
import type { Machine } from '../engine/machine/types.ts';

/** Where a hart's access to a virtual address goes; undefined where nothing is mapped. */
export function physicalAt(machine: Machine, va: bigint, hart: number): bigint | undefined {
  if (machine.core(hart).mode === M) return va;
  const { mapped, pa } = machine.translate(va, hart);
  return mapped ? pa : undefined;
}

/** Finds physical addresses; undefined where nothing is mapped. */
export type Locate = (address: bigint) => bigint | undefined;

/** The word at an address, of which an instruction takes half or all; zeros, which are none, where nothing can be read. */
export const instructionAt = (machine: Machine, va: bigint, hart: number): number =>
  instructionIn(machine, (address) => physicalAt(machine, address, hart), va);

export function instructionIn(machine: Machine, locate: Locate, va: bigint): number {
  const half = halfAt(machine, locate, va);
  if (half === undefined) return 0;
  if (lengthOf(half) === 2) return half;
  return (half | ((halfAt(machine, locate, va + 2n) ?? 0) << 16)) >>> 0;
}

/** Each half on its own: an instruction may lie across two pages. */
function halfAt(machine: Machine, locate: Locate, va: bigint): number | undefined {
  const physical = locate(va);
  const bytes = physical === undefined ? undefined : machine.readMemory(Number(physical), 2);
  return bytes === undefined ? undefined : (bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8);
}
