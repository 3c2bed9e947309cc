/** Instructions of the hypervisor extension. Privileged Spec 20240411 §18.3. */
import { type Instruction, rowsOf } from './instruction.ts';

const insn = rowsOf('H');

const loadRow = (name: string, code: string, bytes: 1 | 2 | 4 | 8, signed: boolean, what: string): Instruction =>
  insn(
    `${name} rd, (rs1)`,
    `${code} rs1 100 rd 1110011`,
    { does: { kind: 'hlv', bytes, signed, executable: false } },
    `Loads ${what} as the guest would, at the guest virtual address in rs1.`,
  );

const executableRow = (name: string, code: string, bytes: 2 | 4, what: string): Instruction =>
  insn(
    `${name} rd, (rs1)`,
    `${code} rs1 100 rd 1110011`,
    { does: { kind: 'hlv', bytes, signed: false, executable: true } },
    `Loads ${what} of the guest where it could execute: permission to execute takes the place of permission to read.`,
  );

const storeRow = (name: string, code: string, bytes: 1 | 2 | 4 | 8, what: string): Instruction =>
  insn(
    `${name} rs2, (rs1)`,
    `${code} rs2 rs1 100 00000 1110011`,
    { does: { kind: 'hsv', bytes } },
    `Stores ${what} as the guest would, at the guest virtual address in rs1.`,
  );

const fenceRow = (name: string, code: string, summary: string): Instruction =>
  insn(
    `${name} rs1, rs2`,
    `${code} rs2 rs1 000 00000 1110011`,
    { does: { kind: name.endsWith('vvma') ? 'hfence.vvma' : 'hfence.gvma' } },
    summary,
  );

export const hypervisor: readonly Instruction[] = [
  loadRow('hlv.b', '0110000 00000', 1, true, 'a byte'),
  loadRow('hlv.bu', '0110000 00001', 1, false, 'an unsigned byte'),
  loadRow('hlv.h', '0110010 00000', 2, true, 'a half-word'),
  loadRow('hlv.hu', '0110010 00001', 2, false, 'an unsigned half-word'),
  loadRow('hlv.w', '0110100 00000', 4, true, 'a word'),
  loadRow('hlv.wu', '0110100 00001', 4, false, 'an unsigned word'),
  loadRow('hlv.d', '0110110 00000', 8, true, 'a double-word'),
  executableRow('hlvx.hu', '0110010 00011', 2, 'an unsigned half-word'),
  executableRow('hlvx.wu', '0110100 00011', 4, 'an unsigned word'),
  storeRow('hsv.b', '0110001', 1, 'a byte'),
  storeRow('hsv.h', '0110011', 2, 'a half-word'),
  storeRow('hsv.w', '0110101', 4, 'a word'),
  storeRow('hsv.d', '0110111', 8, 'a double-word'),
  fenceRow(
    'hfence.vvma',
    '0010001',
    'Orders page-table writes against later translations of the first stage: of guest virtual address rs1 and the guest’s address space rs2, or of all (x0).',
  ),
  fenceRow(
    'hfence.gvma',
    '0110001',
    'Orders page-table writes against later translations of the second stage: of guest physical address rs1 (shifted right by two) and virtual machine rs2, or of all (x0).',
  ),
  fenceRow('hinval.vvma', '0010011', 'As hfence.vvma, ordered by sfence.w.inval and sfence.inval.ir.'),
  fenceRow('hinval.gvma', '0110011', 'As hfence.gvma, ordered by sfence.w.inval and sfence.inval.ir.'),
];
