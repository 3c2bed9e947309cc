/**
 * C: 16-bit spellings of common instructions. Unprivileged Spec 20240411, chapter "C". A row names its expansion, whose
 * effect it has: nothing is said twice. Encodings that the manual reserves are those where a field is zero that must not
 * be; its HINTs are rows like all others, which change nothing because they write x0 or add zero.
 */
import { bindOperands, plainConstant } from './binding.ts';
import { parseEncoding } from './encoding.ts';
import { type Instruction, splitSyntax } from './instruction.ts';

type Spelling = readonly [syntax: string, encoding: string, expansion: string, summary: string];

const compressed = (syntax: string, encoding: string, expansion: string, summary: string): Spelling => [
  syntax,
  encoding,
  expansion,
  summary,
];

const register = (name: string, bits: string, what: string): Spelling =>
  compressed(
    `c.${name} rd', rs2'`,
    `100 ${bits.slice(0, 1)} 11 rd' ${bits.slice(1)} rs2' 01`,
    `${name} rd', rd', rs2'`,
    `${what}, in place.`,
  );

const spellings: readonly Spelling[] = [
  compressed(
    "c.addi4spn rd', sp, uimm",
    "000 nzuimm[5:4|9:6|2|3] rd' 00",
    "addi rd', sp, uimm",
    'Gives the address of a stack slot: the stack pointer plus a multiple of four.',
  ),
  compressed(
    "c.fld frd', uimm(rs1')",
    "001 uimm[5:3] rs1' uimm[7:6] frd' 00",
    "fld frd', uimm(rs1')",
    'Loads a double-precision number.',
  ),
  compressed("c.lw rd', uimm(rs1')", "010 uimm[5:3] rs1' uimm[2|6] rd' 00", "lw rd', uimm(rs1')", 'Loads a word.'),
  compressed(
    "c.ld rd', uimm(rs1')",
    "011 uimm[5:3] rs1' uimm[7:6] rd' 00",
    "ld rd', uimm(rs1')",
    'Loads a double-word.',
  ),
  compressed(
    "c.fsd frs2', uimm(rs1')",
    "101 uimm[5:3] rs1' uimm[7:6] frs2' 00",
    "fsd frs2', uimm(rs1')",
    'Stores a double-precision number.',
  ),
  compressed("c.sw rs2', uimm(rs1')", "110 uimm[5:3] rs1' uimm[2|6] rs2' 00", "sw rs2', uimm(rs1')", 'Stores a word.'),
  compressed(
    "c.sd rs2', uimm(rs1')",
    "111 uimm[5:3] rs1' uimm[7:6] rs2' 00",
    "sd rs2', uimm(rs1')",
    'Stores a double-word.',
  ),
  compressed('c.nop', '000 0 00000 00000 01', 'addi x0, x0, 0', 'Does nothing, in two bytes.'),
  compressed('c.addi rd, imm', '000 imm[5] rd imm[4:0] 01', 'addi rd, rd, imm', 'Adds a small immediate, in place.'),
  compressed(
    'c.addiw rd, imm',
    '001 imm[5] rd≠0 imm[4:0] 01',
    'addiw rd, rd, imm',
    'Adds a small immediate in 32 bits, in place; with zero it sign-extends a word.',
  ),
  compressed('c.li rd, imm', '010 imm[5] rd imm[4:0] 01', 'addi rd, x0, imm', 'Loads a small constant.'),
  compressed(
    'c.addi16sp sp, imm',
    '011 nzimm[9] 00010 nzimm[4|6|8:7|5] 01',
    'addi sp, sp, imm',
    'Moves the stack pointer by a multiple of 16: a frame is made or given up.',
  ),
  compressed(
    'c.lui rd, imm20',
    '011 nzimm[17] rd nzimm[16:12] 01',
    'lui rd, imm20',
    'Loads bits 17 to 12 of a constant, and sign-extends it.',
  ),
  compressed(
    "c.srli rd', shamt",
    "100 shamt[5] 00 rd' shamt[4:0] 01",
    "srli rd', rd', shamt",
    'Shifts right in place, filling with zeros.',
  ),
  compressed(
    "c.srai rd', shamt",
    "100 shamt[5] 01 rd' shamt[4:0] 01",
    "srai rd', rd', shamt",
    'Shifts right in place, filling with the sign.',
  ),
  compressed(
    "c.andi rd', imm",
    "100 imm[5] 10 rd' imm[4:0] 01",
    "andi rd', rd', imm",
    'And with a small immediate, in place.',
  ),
  register('sub', '000', 'Subtracts rs2'),
  register('xor', '001', 'Exclusive or'),
  register('or', '010', 'Or'),
  register('and', '011', 'And'),
  register('subw', '100', 'Subtracts rs2 in 32 bits'),
  register('addw', '101', 'Adds in 32 bits'),
  compressed('c.j target', '101 imm[11|4|9:8|10|6|7|3:1|5] 01', 'jal x0, target', 'Jumps within 2 KiB.'),
  compressed(
    "c.beqz rs1', target",
    "110 imm[8|4:3] rs1' imm[7:6|2:1|5] 01",
    "beq rs1', x0, target",
    'Branches within 256 bytes if rs1 is zero.',
  ),
  compressed(
    "c.bnez rs1', target",
    "111 imm[8|4:3] rs1' imm[7:6|2:1|5] 01",
    "bne rs1', x0, target",
    'Branches within 256 bytes if rs1 is not zero.',
  ),
  compressed('c.slli rd, shamt', '000 shamt[5] rd shamt[4:0] 10', 'slli rd, rd, shamt', 'Shifts left in place.'),
  compressed(
    'c.fldsp frd, uimm(sp)',
    '001 uimm[5] frd uimm[4:3|8:6] 10',
    'fld frd, uimm(sp)',
    'Loads a double-precision number from the stack.',
  ),
  compressed(
    'c.lwsp rd, uimm(sp)',
    '010 uimm[5] rd≠0 uimm[4:2|7:6] 10',
    'lw rd, uimm(sp)',
    'Loads a word from the stack.',
  ),
  compressed(
    'c.ldsp rd, uimm(sp)',
    '011 uimm[5] rd≠0 uimm[4:3|8:6] 10',
    'ld rd, uimm(sp)',
    'Loads a double-word from the stack.',
  ),
  compressed('c.jr rs1', '100 0 rs1≠0 00000 10', 'jalr x0, 0(rs1)', 'Jumps to an address in a register.'),
  compressed('c.mv rd, rs2', '100 0 rd rs2≠0 10', 'add rd, x0, rs2', 'Copies a register.'),
  compressed('c.ebreak', '100 1 00000 00000 10', 'ebreak', 'Raises a breakpoint exception.'),
  compressed(
    'c.jalr rs1',
    '100 1 rs1≠0 00000 10',
    'jalr ra, 0(rs1)',
    'Calls a function whose address is in a register.',
  ),
  compressed('c.add rd, rs2', '100 1 rd rs2≠0 10', 'add rd, rd, rs2', 'Adds, in place.'),
  compressed(
    'c.fsdsp frs2, uimm(sp)',
    '101 uimm[5:3|8:6] frs2 10',
    'fsd frs2, uimm(sp)',
    'Stores a double-precision number on the stack.',
  ),
  compressed('c.swsp rs2, uimm(sp)', '110 uimm[5:2|7:6] rs2 10', 'sw rs2, uimm(sp)', 'Stores a word on the stack.'),
  compressed(
    'c.sdsp rs2, uimm(sp)',
    '111 uimm[5:3|8:6] rs2 10',
    'sd rs2, uimm(sp)',
    'Stores a double-word on the stack.',
  ),
];

/** The compressed rows, over the rows that they stand for. */
export function compressedRows(rows: readonly Instruction[]): Instruction[] {
  const byName = new Map(rows.map((row) => [row.name, row]));
  return spellings.map(([syntax, encoding, expansion, summary]) => {
    const { name, operands } = splitSyntax(syntax);
    const binding = bindOperands(operands, expansion, (other) => byName.get(other), plainConstant);
    return {
      name,
      operands,
      encoding: parseEncoding(encoding),
      effect: binding.row.effect,
      expansion: { ...binding, text: expansion },
      summary,
      extension: 'C',
    };
  });
}
