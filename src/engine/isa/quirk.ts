/**
 * NOT RISC-V. Two instructions in the space that the manual leaves to vendors (custom-0), for lessons on instruction sets
 * that cannot be virtualized by trapping alone (Popek and Goldberg, 1974). They are illegal on every board that does not
 * ask for them. The first is sensitive and does not trap, as x86's `smsw`; the second is ignored where it may not act, as
 * `popf`.
 */
import { type Instruction, rowsOf } from './instruction.ts';

const insn = rowsOf('Xghquirk');

export const quirk: readonly Instruction[] = [
  insn(
    'gh.readstatus rd',
    '000000000000 00000 000 rd 0001011',
    { does: { kind: 'gh.readstatus' } },
    'Not RISC-V, and only on boards with the quirk: reads sstatus in every mode, without a trap.',
  ),
  insn(
    'gh.writestatus rs1',
    '000000000000 rs1 001 00000 0001011',
    { does: { kind: 'gh.writestatus' } },
    'Not RISC-V, and only on boards with the quirk: writes sstatus; in U-mode it does nothing, without a trap.',
  ),
];
