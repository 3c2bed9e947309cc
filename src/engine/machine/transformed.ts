/** What `mtinst` and `htinst` receive: the trapping instruction without its registers' part. Privileged Spec §18.6.3. */
import type { GuestFault } from './translation/findings.ts';

const opcode = { load: 0x03, loadFp: 0x07, store: 0x23, storeFp: 0x27, amo: 0x2f, system: 0x73 } as const;
/** Operand fields that stay: opcode, funct3 and those that each format has beside them. */
const kept: Readonly<Record<number, number>> = {
  [opcode.load]: 0x0000_7fff,
  [opcode.loadFp]: 0x0000_7fff,
  [opcode.store]: 0x01f0_707f,
  [opcode.storeFp]: 0x01f0_707f,
  [opcode.amo]: 0xfff0_7fff,
  [opcode.system]: 0xfff0_7fff,
};
const rs1Low = 15;

/**
 * A load, store or atomic with its immediate cleared and in place of rs1 how far the faulting address lies behind the
 * one that was asked for; 0 for all others. `word`: the instruction, 32 bits long. `short`: it was a compressed one, of
 * which `word` is the expansion.
 */
export function transformedInstruction(word: number, addressOffset: number, short: boolean): number {
  const mask = kept[word & 0x7f];
  if (mask === undefined) return 0;
  const transformed = (word & mask) | ((addressOffset & 31) << rs1Low);
  return (short ? transformed & ~2 : transformed) >>> 0;
}

/** In place of an instruction, for a reference that the hardware made to a guest's page table. */
export const pseudoInstruction = (implicit: NonNullable<GuestFault['implicit']>): number =>
  implicit === 'read' ? 0x3000 : 0x3020;
