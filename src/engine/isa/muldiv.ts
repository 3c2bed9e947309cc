/** M. Unprivileged Spec 20240411, chapter "M". */
import { div, divu, type Expr, mul, mulh, mulhsu, mulhu, rem, remu, rs1, rs2, sext, zext } from './expression.ts';
import { type Instruction, rowsOf } from './instruction.ts';

const insn = rowsOf('M');

const row = (name: string, funct3: string, rd: Expr, summary: string): Instruction =>
  insn(`${name} rd, rs1, rs2`, `0000001 rs2 rs1 ${funct3} rd 0110011`, { rd }, summary);

const wordRow = (name: string, funct3: string, rd: Expr, summary: string): Instruction =>
  insn(`${name} rd, rs1, rs2`, `0000001 rs2 rs1 ${funct3} rd 0111011`, { rd: sext(32, rd) }, summary);

const signed1 = sext(32, rs1);
const signed2 = sext(32, rs2);
const unsigned1 = zext(32, rs1);
const unsigned2 = zext(32, rs2);

export const muldiv: readonly Instruction[] = [
  row('mul', '000', mul(rs1, rs2), 'Multiplies; the low 64 bits.'),
  row('mulh', '001', mulh(rs1, rs2), 'Multiplies signed by signed; the high 64 bits.'),
  row('mulhsu', '010', mulhsu(rs1, rs2), 'Multiplies signed rs1 by unsigned rs2; the high 64 bits.'),
  row('mulhu', '011', mulhu(rs1, rs2), 'Multiplies unsigned by unsigned; the high 64 bits.'),
  row('div', '100', div(rs1, rs2), 'Divides, signed, towards zero; by zero gives −1.'),
  row('divu', '101', divu(rs1, rs2), 'Divides, unsigned; by zero gives 2⁶⁴ − 1.'),
  row('rem', '110', rem(rs1, rs2), 'Remainder of the signed division; by zero gives rs1.'),
  row('remu', '111', remu(rs1, rs2), 'Remainder of the unsigned division; by zero gives rs1.'),
  wordRow('mulw', '000', mul(rs1, rs2), 'Multiplies in 32 bits, and sign-extends the result.'),
  wordRow('divw', '100', div(signed1, signed2), 'Divides words, signed, towards zero; by zero gives −1.'),
  wordRow('divuw', '101', divu(unsigned1, unsigned2), 'Divides words, unsigned; by zero gives −1.'),
  wordRow('remw', '110', rem(signed1, signed2), 'Remainder of the signed division of words; by zero gives rs1.'),
  wordRow(
    'remuw',
    '111',
    remu(unsigned1, unsigned2),
    'Remainder of the unsigned division of words; by zero gives rs1.',
  ),
];
