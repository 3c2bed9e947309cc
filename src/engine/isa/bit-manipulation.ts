/** B: Zba, Zbb and Zbs. Unprivileged Spec 20240411, chapter "B" (Bit-Manipulation). */
import {
  add,
  and,
  clz,
  cpop,
  ctz,
  type Expr,
  eq,
  lt,
  ltu,
  ne,
  or,
  orcb,
  rev8,
  rotl,
  rotr,
  rs1,
  rs2,
  select,
  sext,
  shamt,
  sll,
  srl,
  sub,
  xor,
  zext,
} from './expression.ts';
import { type Instruction, rowsOf } from './instruction.ts';

const zba = rowsOf('Zba');
const zbb = rowsOf('Zbb');
const zbs = rowsOf('Zbs');

type Maker = ReturnType<typeof rowsOf>;

const full = '0110011';
const word = '0111011';

const registers = (
  insn: Maker,
  name: string,
  bits: readonly [funct7: string, funct3: string, opcode: string],
  rd: Expr,
  summary: string,
): Instruction => insn(`${name} rd, rs1, rs2`, `${bits[0]} rs2 rs1 ${bits[1]} rd ${bits[2]}`, { rd }, summary);

const immediate = (name: string, funct6: string, funct3: string, insn: Maker, rd: Expr, summary: string): Instruction =>
  insn(`${name} rd, rs1, shamt`, `${funct6} shamt[5:0] rs1 ${funct3} rd 0010011`, { rd }, summary);

/** One operand; `selector` is what stands where rs2 would. */
const unary = (name: string, selector: string, rd: Expr, summary: string, opcode = '0010011'): Instruction =>
  zbb(`${name} rd, rs1`, `0110000 ${selector} rs1 001 rd ${opcode}`, { rd }, summary);

const unsignedWord = zext(32, rs1);

const shiftAndAdd = [1, 2, 3].flatMap((n): Instruction[] => {
  const funct3 = (2 * n).toString(2).padStart(3, '0');
  const scale = `${2 ** n}`;
  return [
    registers(
      zba,
      `sh${n}add`,
      ['0010000', funct3, full],
      add(rs2, sll(rs1, BigInt(n))),
      `Adds ${scale} × rs1 to rs2: the address of an element of ${scale} bytes.`,
    ),
    registers(
      zba,
      `sh${n}add.uw`,
      ['0010000', funct3, word],
      add(rs2, sll(unsignedWord, BigInt(n))),
      `Adds ${scale} × rs1, taken as an unsigned word, to rs2.`,
    ),
  ];
});

const addresses: readonly Instruction[] = [
  registers(
    zba,
    'add.uw',
    ['0000100', '000', word],
    add(rs2, unsignedWord),
    'Adds rs1, taken as an unsigned word, to rs2.',
  ),
  ...shiftAndAdd,
  zba(
    'slli.uw rd, rs1, shamt',
    '000010 shamt[5:0] rs1 001 rd 0011011',
    { rd: sll(unsignedWord, shamt) },
    'Shifts an unsigned word left by an immediate.',
  ),
];

/** The word twice: rotated as 64 bits, its low half is the word rotated. */
const doubled = or(unsignedWord, sll(rs1, 32n));
const inverted2 = xor(rs2, -1n);

const basics: readonly Instruction[] = [
  registers(zbb, 'andn', ['0100000', '111', full], and(rs1, inverted2), 'Clears the bits of rs1 that are set in rs2.'),
  registers(zbb, 'orn', ['0100000', '110', full], or(rs1, inverted2), 'Or with the inverse of rs2.'),
  registers(
    zbb,
    'xnor',
    ['0100000', '100', full],
    xor(xor(rs1, rs2), -1n),
    'Sets the bits in which rs1 and rs2 agree.',
  ),
  unary('clz', '00000', clz(rs1), 'Counts the zeros above the highest one; 64 if there is none.'),
  unary('ctz', '00001', ctz(rs1), 'Counts the zeros below the lowest one; 64 if there is none.'),
  unary('cpop', '00010', cpop(rs1), 'Counts the ones.'),
  unary(
    'clzw',
    '00000',
    sub(clz(unsignedWord), 32n),
    'Counts the zeros above the highest one of a word; 32 if there is none.',
    '0011011',
  ),
  unary(
    'ctzw',
    '00001',
    ctz(or(rs1, 1n << 32n)),
    'Counts the zeros below the lowest one of a word; 32 if there is none.',
    '0011011',
  ),
  unary('cpopw', '00010', cpop(unsignedWord), 'Counts the ones of a word.', '0011011'),
  unary('sext.b', '00100', sext(8, rs1), 'Sign-extends a byte.'),
  unary('sext.h', '00101', sext(16, rs1), 'Sign-extends a half-word.'),
  zbb('zext.h rd, rs1', '0000100 00000 rs1 100 rd 0111011', { rd: zext(16, rs1) }, 'Zero-extends a half-word.'),
  registers(zbb, 'min', ['0000101', '100', full], select(lt(rs1, rs2), rs1, rs2), 'The signed minimum.'),
  registers(zbb, 'minu', ['0000101', '101', full], select(ltu(rs1, rs2), rs1, rs2), 'The unsigned minimum.'),
  registers(zbb, 'max', ['0000101', '110', full], select(lt(rs1, rs2), rs2, rs1), 'The signed maximum.'),
  registers(zbb, 'maxu', ['0000101', '111', full], select(ltu(rs1, rs2), rs2, rs1), 'The unsigned maximum.'),
  registers(zbb, 'rol', ['0110000', '001', full], rotl(rs1, rs2), 'Rotates rs1 left by rs2.'),
  registers(zbb, 'ror', ['0110000', '101', full], rotr(rs1, rs2), 'Rotates rs1 right by rs2.'),
  registers(zbb, 'rolw', ['0110000', '001', word], sext(32, rotl(doubled, rs2)), 'Rotates a word left by rs2.'),
  registers(zbb, 'rorw', ['0110000', '101', word], sext(32, rotr(doubled, rs2)), 'Rotates a word right by rs2.'),
  immediate('rori', '011000', '101', zbb, rotr(rs1, shamt), 'Rotates right by an immediate.'),
  zbb(
    'roriw rd, rs1, shamt',
    '0110000 shamt[4:0] rs1 101 rd 0011011',
    { rd: sext(32, rotr(doubled, shamt)) },
    'Rotates a word right by an immediate.',
  ),
  zbb(
    'orc.b rd, rs1',
    '001010000111 rs1 101 rd 0010011',
    { rd: orcb(rs1) },
    'Turns every byte that is not zero into 0xff: finds the end of a string eight bytes at a time.',
  ),
  zbb('rev8 rd, rs1', '011010111000 rs1 101 rd 0010011', { rd: rev8(rs1) }, 'Reverses the order of the bytes.'),
];

interface BitRow {
  readonly name: string;
  readonly funct6: string;
  readonly funct3: string;
  readonly effect: (bit: Expr, number: Expr) => Expr;
  readonly does: string;
}

const bitRows: readonly BitRow[] = [
  { name: 'bclr', funct6: '010010', funct3: '001', effect: (bit) => and(rs1, xor(bit, -1n)), does: 'Clears one bit' },
  { name: 'bset', funct6: '001010', funct3: '001', effect: (bit) => or(rs1, bit), does: 'Sets one bit' },
  { name: 'binv', funct6: '011010', funct3: '001', effect: (bit) => xor(rs1, bit), does: 'Inverts one bit' },
  { name: 'bext', funct6: '010010', funct3: '101', effect: (_, n) => and(srl(rs1, n), 1n), does: 'Extracts one bit' },
];

const single: readonly Instruction[] = bitRows.flatMap(({ name, funct6, funct3, effect, does }) => {
  const rd = (number: Expr): Expr => effect(sll(1n, number), number);
  return [
    registers(zbs, name, [`${funct6}0`, funct3, full], rd(rs2), `${does} of rs1, the one that rs2 numbers.`),
    immediate(`${name}i`, funct6, funct3, zbs, rd(shamt), `${does} of rs1, given by its number.`),
  ];
});

export const bitManipulation: readonly Instruction[] = [...addresses, ...basics, ...single];

const zicond = rowsOf('Zicond');

/** Unprivileged Spec 20240411, chapter "Zicond". */
export const conditional: readonly Instruction[] = [
  registers(
    zicond,
    'czero.eqz',
    ['0000111', '101', full],
    select(eq(rs2, 0n), 0n, rs1),
    'Zero if rs2 is zero, else rs1.',
  ),
  registers(
    zicond,
    'czero.nez',
    ['0000111', '111', full],
    select(ne(rs2, 0n), 0n, rs1),
    'Zero if rs2 is not zero, else rs1.',
  ),
];
