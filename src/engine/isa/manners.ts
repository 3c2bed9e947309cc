/** What an instruction does to the flow of calls, as the calling convention hints at it (Unprivileged Spec §2.5.1). */
import { type Decoded, decode, effectOperands, lengthOf } from './instructions.ts';

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
