/** Zicbom and Zicboz. Unprivileged Spec 20240411, chapter "CMO". */
import { type Instruction, rowsOf } from './instruction.ts';

/** Size of a cache block, and its alignment. */
export const cacheBlockBytes = 64;

const zicbom = rowsOf('Zicbom');
const zicboz = rowsOf('Zicboz');

export const cacheBlocks: readonly Instruction[] = [
  zicbom(
    'cbo.inval (rs1)',
    '000000000000 rs1 010 00000 0001111',
    { does: { kind: 'cbo.inval' } },
    'Drops copies of a cache block; there is no cache here, so it only checks that the block may be accessed.',
  ),
  zicbom(
    'cbo.clean (rs1)',
    '000000000001 rs1 010 00000 0001111',
    { does: { kind: 'cbo.clean' } },
    'Writes a changed cache block to memory; there is no cache here, so it only checks that the block may be accessed.',
  ),
  zicbom(
    'cbo.flush (rs1)',
    '000000000010 rs1 010 00000 0001111',
    { does: { kind: 'cbo.flush' } },
    'Writes a changed cache block to memory and drops it; without a cache it only checks that the block may be accessed.',
  ),
  zicboz(
    'cbo.zero (rs1)',
    '000000000100 rs1 010 00000 0001111',
    { does: { kind: 'cbo.zero' } },
    'Fills the 64-byte cache block that holds the address with zeros.',
  ),
];
