/** Zicsr, Zifencei, the privileged instructions and Svinval. Privileged Spec 20240411 §3.3 and the supervisor's chapters. */
import { type Expr, rs1, uimm } from './expression.ts';
import { type Instruction, rowsOf } from './instruction.ts';

const zicsr = rowsOf('Zicsr');
const zifencei = rowsOf('Zifencei');
const privileged = rowsOf('privileged');
const svinval = rowsOf('Svinval');

type Access = 'write' | 'set' | 'clear';

const csrRow = (name: string, funct3: string, access: Access, what: string): Instruction =>
  zicsr(
    `${name} rd, csr, rs1`,
    `csr rs1 ${funct3} rd 1110011`,
    { does: { kind: 'csr', access, source: rs1 } },
    `Reads a CSR into rd and ${what} rs1.`,
  );

const csrImmediateRow = (name: string, funct3: string, access: Access, what: string): Instruction => {
  const source: Expr = uimm;
  return zicsr(
    `${name} rd, csr, uimm`,
    `csr uimm ${funct3} rd 1110011`,
    { does: { kind: 'csr', access, source } },
    `Reads a CSR into rd and ${what} the 5-bit immediate.`,
  );
};

export const system: readonly Instruction[] = [
  csrRow('csrrw', '001', 'write', 'replaces it by'),
  csrRow('csrrs', '010', 'set', 'sets the bits given by'),
  csrRow('csrrc', '011', 'clear', 'clears the bits given by'),
  csrImmediateRow('csrrwi', '101', 'write', 'replaces it by'),
  csrImmediateRow('csrrsi', '110', 'set', 'sets the bits given by'),
  csrImmediateRow('csrrci', '111', 'clear', 'clears the bits given by'),
  zifencei(
    'fence.i',
    'imm[11:0] rs1 001 rd 0001111',
    { does: { kind: 'fence.i' } },
    'Makes earlier stores visible to later instruction fetches of this hart.',
  ),
  privileged(
    'mret',
    '0011000 00010 00000 000 00000 1110011',
    { does: { kind: 'mret' } },
    'Returns from a trap taken in M-mode.',
  ),
  privileged(
    'sret',
    '0001000 00010 00000 000 00000 1110011',
    { does: { kind: 'sret' } },
    'Returns from a trap taken in S-mode.',
  ),
  privileged(
    'wfi',
    '0001000 00101 00000 000 00000 1110011',
    { does: { kind: 'wfi' } },
    'Waits until an interrupt is pending.',
  ),
  privileged(
    'sfence.vma rs1, rs2',
    '0001001 rs2 rs1 000 00000 1110011',
    { does: { kind: 'sfence.vma' } },
    'Orders page-table writes against later translations: of address rs1 and address space rs2, or of all (x0).',
  ),
  svinval(
    'sinval.vma rs1, rs2',
    '0001011 rs2 rs1 000 00000 1110011',
    { does: { kind: 'sinval.vma' } },
    'Forgets translations as sfence.vma does, ordered only by the two fences around a batch of them.',
  ),
  svinval(
    'sfence.w.inval',
    '0001100 00000 00000 000 00000 1110011',
    { does: { kind: 'sfence.w.inval' } },
    'Begins a batch of sinval.vma: orders earlier page-table writes before them.',
  ),
  svinval(
    'sfence.inval.ir',
    '0001100 00001 00000 000 00000 1110011',
    { does: { kind: 'sfence.inval.ir' } },
    'Ends a batch of sinval.vma: orders them before later translations.',
  ),
];
