/** RV64I. Unprivileged Spec 20240411, chapters "RV32I" and "RV64I". */
import {
  add,
  and,
  type Bytes,
  type CompareOp,
  type Expr,
  eq,
  ge,
  geu,
  imm,
  load,
  lt,
  ltu,
  ne,
  next,
  or,
  pc,
  rs1,
  rs2,
  select,
  sext,
  shamt,
  sll,
  sra,
  srl,
  sub,
  xor,
  zext,
} from './expression.ts';
import { type Instruction, rowsOf } from './instruction.ts';

const insn = rowsOf('I');

const address = add(rs1, imm);

const loadRow = (name: string, funct3: string, bytes: Bytes, signed: boolean, what: string): Instruction =>
  insn(
    `${name} rd, imm(rs1)`,
    `imm[11:0] rs1 ${funct3} rd 0000011`,
    { rd: load(bytes, signed, address) },
    `Loads ${what}.`,
  );

const storeRow = (name: string, funct3: string, bytes: Bytes, what: string): Instruction =>
  insn(
    `${name} rs2, imm(rs1)`,
    `imm[11:5] rs2 rs1 ${funct3} imm[4:0] 0100011`,
    { store: { bytes, address, value: rs2 } },
    `Stores ${what}.`,
  );

const branchRow = (name: CompareOp, funct3: string, test: (a: Expr, b: Expr) => Expr, what: string): Instruction =>
  insn(
    `b${name} rs1, rs2, target`,
    `imm[12|10:5] rs2 rs1 ${funct3} imm[4:1|11] 1100011`,
    { pc: select(test(rs1, rs2), add(pc, imm), next) },
    `Branches if rs1 ${what} rs2.`,
  );

const low5 = and(rs2, 31n);
const word1 = zext(32, rs1);

export const base: readonly Instruction[] = [
  insn('lui rd, imm20', 'imm[31:12] rd 0110111', { rd: imm }, 'Loads the upper 20 bits of a 32-bit value.'),
  insn('auipc rd, imm20', 'imm[31:12] rd 0010111', { rd: add(pc, imm) }, 'Adds an upper immediate to the pc.'),
  insn(
    'jal rd, target',
    'imm[20|10:1|11|19:12] rd 1101111',
    { rd: next, pc: add(pc, imm) },
    'Jumps, and saves the return address.',
  ),
  insn(
    'jalr rd, imm(rs1)',
    'imm[11:0] rs1 000 rd 1100111',
    { rd: next, pc: and(add(rs1, imm), -2n) },
    'Jumps to an address in a register, and saves the return address.',
  ),
  branchRow('eq', '000', eq, 'equals'),
  branchRow('ne', '001', ne, 'differs from'),
  branchRow('lt', '100', lt, 'is less (signed) than'),
  branchRow('ge', '101', ge, 'is greater than or equal (signed) to'),
  branchRow('ltu', '110', ltu, 'is less (unsigned) than'),
  branchRow('geu', '111', geu, 'is greater than or equal (unsigned) to'),
  loadRow('lb', '000', 1, true, 'a byte, sign-extended'),
  loadRow('lh', '001', 2, true, 'a half-word, sign-extended'),
  loadRow('lw', '010', 4, true, 'a word, sign-extended'),
  loadRow('ld', '011', 8, true, 'a double-word'),
  loadRow('lbu', '100', 1, false, 'a byte, zero-extended'),
  loadRow('lhu', '101', 2, false, 'a half-word, zero-extended'),
  loadRow('lwu', '110', 4, false, 'a word, zero-extended'),
  storeRow('sb', '000', 1, 'the low byte of rs2'),
  storeRow('sh', '001', 2, 'the low half-word of rs2'),
  storeRow('sw', '010', 4, 'the low word of rs2'),
  storeRow('sd', '011', 8, 'rs2'),
  insn('addi rd, rs1, imm', 'imm[11:0] rs1 000 rd 0010011', { rd: address }, 'Adds an immediate.'),
  insn(
    'slti rd, rs1, imm',
    'imm[11:0] rs1 010 rd 0010011',
    { rd: lt(rs1, imm) },
    'Sets rd to 1 if rs1 is less (signed) than the immediate, else to 0.',
  ),
  insn(
    'sltiu rd, rs1, imm',
    'imm[11:0] rs1 011 rd 0010011',
    { rd: ltu(rs1, imm) },
    'Sets rd to 1 if rs1 is less (unsigned) than the sign-extended immediate, else to 0.',
  ),
  insn('xori rd, rs1, imm', 'imm[11:0] rs1 100 rd 0010011', { rd: xor(rs1, imm) }, 'Exclusive or with an immediate.'),
  insn('ori rd, rs1, imm', 'imm[11:0] rs1 110 rd 0010011', { rd: or(rs1, imm) }, 'Or with an immediate.'),
  insn('andi rd, rs1, imm', 'imm[11:0] rs1 111 rd 0010011', { rd: and(rs1, imm) }, 'And with an immediate.'),
  insn(
    'slli rd, rs1, shamt',
    '000000 shamt[5:0] rs1 001 rd 0010011',
    { rd: sll(rs1, shamt) },
    'Shifts left by an immediate.',
  ),
  insn(
    'srli rd, rs1, shamt',
    '000000 shamt[5:0] rs1 101 rd 0010011',
    { rd: srl(rs1, shamt) },
    'Shifts right by an immediate, filling with zeros.',
  ),
  insn(
    'srai rd, rs1, shamt',
    '010000 shamt[5:0] rs1 101 rd 0010011',
    { rd: sra(rs1, shamt) },
    'Shifts right by an immediate, filling with the sign.',
  ),
  insn('add rd, rs1, rs2', '0000000 rs2 rs1 000 rd 0110011', { rd: add(rs1, rs2) }, 'Adds.'),
  insn('sub rd, rs1, rs2', '0100000 rs2 rs1 000 rd 0110011', { rd: sub(rs1, rs2) }, 'Subtracts rs2 from rs1.'),
  insn('sll rd, rs1, rs2', '0000000 rs2 rs1 001 rd 0110011', { rd: sll(rs1, rs2) }, 'Shifts rs1 left by rs2.'),
  insn(
    'slt rd, rs1, rs2',
    '0000000 rs2 rs1 010 rd 0110011',
    { rd: lt(rs1, rs2) },
    'Sets rd to 1 if rs1 is less (signed) than rs2, else to 0.',
  ),
  insn(
    'sltu rd, rs1, rs2',
    '0000000 rs2 rs1 011 rd 0110011',
    { rd: ltu(rs1, rs2) },
    'Sets rd to 1 if rs1 is less (unsigned) than rs2, else to 0.',
  ),
  insn('xor rd, rs1, rs2', '0000000 rs2 rs1 100 rd 0110011', { rd: xor(rs1, rs2) }, 'Exclusive or.'),
  insn(
    'srl rd, rs1, rs2',
    '0000000 rs2 rs1 101 rd 0110011',
    { rd: srl(rs1, rs2) },
    'Shifts rs1 right by rs2, filling with zeros.',
  ),
  insn(
    'sra rd, rs1, rs2',
    '0100000 rs2 rs1 101 rd 0110011',
    { rd: sra(rs1, rs2) },
    'Shifts rs1 right by rs2, filling with the sign.',
  ),
  insn('or rd, rs1, rs2', '0000000 rs2 rs1 110 rd 0110011', { rd: or(rs1, rs2) }, 'Or.'),
  insn('and rd, rs1, rs2', '0000000 rs2 rs1 111 rd 0110011', { rd: and(rs1, rs2) }, 'And.'),
  insn(
    'addiw rd, rs1, imm',
    'imm[11:0] rs1 000 rd 0011011',
    { rd: sext(32, address) },
    'Adds an immediate in 32 bits, and sign-extends the result.',
  ),
  insn(
    'slliw rd, rs1, shamt',
    '0000000 shamt[4:0] rs1 001 rd 0011011',
    { rd: sext(32, sll(rs1, shamt)) },
    'Shifts a word left by an immediate, and sign-extends the result.',
  ),
  insn(
    'srliw rd, rs1, shamt',
    '0000000 shamt[4:0] rs1 101 rd 0011011',
    { rd: sext(32, srl(word1, shamt)) },
    'Shifts a word right by an immediate, filling with zeros, and sign-extends the result.',
  ),
  insn(
    'sraiw rd, rs1, shamt',
    '0100000 shamt[4:0] rs1 101 rd 0011011',
    { rd: sra(sext(32, rs1), shamt) },
    'Shifts a word right by an immediate, filling with the sign.',
  ),
  insn(
    'addw rd, rs1, rs2',
    '0000000 rs2 rs1 000 rd 0111011',
    { rd: sext(32, add(rs1, rs2)) },
    'Adds in 32 bits, and sign-extends the result.',
  ),
  insn(
    'subw rd, rs1, rs2',
    '0100000 rs2 rs1 000 rd 0111011',
    { rd: sext(32, sub(rs1, rs2)) },
    'Subtracts in 32 bits, and sign-extends the result.',
  ),
  insn(
    'sllw rd, rs1, rs2',
    '0000000 rs2 rs1 001 rd 0111011',
    { rd: sext(32, sll(rs1, low5)) },
    'Shifts a word left by rs2, and sign-extends the result.',
  ),
  insn(
    'srlw rd, rs1, rs2',
    '0000000 rs2 rs1 101 rd 0111011',
    { rd: sext(32, srl(word1, low5)) },
    'Shifts a word right by rs2, filling with zeros, and sign-extends the result.',
  ),
  insn(
    'sraw rd, rs1, rs2',
    '0100000 rs2 rs1 101 rd 0111011',
    { rd: sra(sext(32, rs1), low5) },
    'Shifts a word right by rs2, filling with the sign.',
  ),
  insn(
    'fence pred, succ',
    'fm pred succ rs1 000 rd 0001111',
    { does: { kind: 'fence' } },
    'Orders memory and device accesses before it against those after it.',
  ),
  insn('ecall', '000000000000 00000 000 00000 1110011', { does: { kind: 'ecall' } }, 'Asks the environment: traps.'),
  insn(
    'ebreak',
    '000000000001 00000 000 00000 1110011',
    { does: { kind: 'ebreak' } },
    'Raises a breakpoint exception.',
  ),
];
