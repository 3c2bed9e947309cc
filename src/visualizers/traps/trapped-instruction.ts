/** The instruction that `tval` holds after an illegal-instruction or virtual-instruction exception. */
import { csrByNumber } from '../../engine/isa/csrs.ts';
import { decode } from '../../engine/isa/instructions.ts';
import { hex } from '../visualizer.ts';

/** `, csrrw on hgatp (0x68029073)`; empty where `tval` holds nothing. */
export function instructionIn(tval: bigint): string {
  if (tval === 0n) return '';
  const word = Number(tval & 0xffff_ffffn);
  const row = decode(word)?.row;
  if (row === undefined) return `, ${hex(tval)}`;
  const csr = row.name.startsWith('csr') ? csrByNumber(word >>> 20)?.name : undefined;
  return `, ${row.name}${csr === undefined ? '' : ` on ${csr}`} (${hex(tval)})`;
}
