/** The instructions that a machine stands before, read without touching it. */
import { type Decoded, decode, effectOperands, lengthOf } from '../engine/isa/instructions.ts';
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

/** What an instruction does to the flow of calls, as the calling convention hints at it (Unprivileged Spec §2.5.1). */
export type Flow = 'call' | 'return' | 'jump' | 'other';

export interface Manners {
  readonly flow: Flow;
  /** The integer register that it writes; 0 for none. */
  readonly writes: number;
  /** The floating-point register that it writes. */
  readonly writesFloat: number | undefined;
  /** Bytes. */
  readonly length: number;
}

const linkRegisters = [1, 5];
const known = new Map<number, Manners>();
const mostKnown = 4096;

/** Kept, as searches ask about the same few words again and again. */
export function mannersOf(word: number): Manners {
  const found = known.get(word);
  if (found !== undefined) return found;
  if (known.size >= mostKnown) known.clear();
  const manners = readManners(decode(word), lengthOf(word));
  known.set(word, manners);
  return manners;
}

function readManners(decoded: Decoded | undefined, length: number): Manners {
  if (decoded === undefined) return { flow: 'other', writes: 0, writesFloat: undefined, length };
  const { rd = 0, rs1 = 0, frd } = effectOperands(decoded);
  return { flow: flowOf(decoded.row.name, rd, rs1), writes: rd, writesFloat: frd, length };
}

const jumps = new Set(['jal', 'jalr', 'c.j', 'c.jr', 'c.jalr']);
const returns = new Set(['sret', 'mret']);

function flowOf(name: string, rd: number, rs1: number): Flow {
  if (returns.has(name)) return 'return';
  if (!jumps.has(name)) return /^(c\.)?b/.test(name) ? 'jump' : 'other';
  if (linkRegisters.includes(rd)) return 'call';
  return linkRegisters.includes(rs1) ? 'return' : 'jump';
}
