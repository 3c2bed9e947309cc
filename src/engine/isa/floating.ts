/** F and D. Unprivileged Spec 20240411, chapters "F" and "D". Each row of a format stands once for both. */
import {
  add,
  and,
  box,
  type Expr,
  float,
  frs1,
  frs2,
  frs3,
  imm,
  load,
  or,
  rs1,
  sext,
  unbox,
  xor,
} from './expression.ts';
import type { FloatName, FormatName, IntegerName } from './float.ts';
import { type Effect, type Instruction, type RowMaker, rowsOf } from './instruction.ts';

const address = add(rs1, imm);

interface Variant {
  readonly insn: RowMaker;
  readonly letter: 's' | 'd';
  readonly format: FormatName;
  /** The two bits `fmt` of the encoding. */
  readonly fmt: string;
  readonly what: string;
  /** The bits of a number in a register, and back. */
  readonly number: (register: Expr) => Expr;
  readonly register: (number: Expr) => Expr;
  readonly sign: bigint;
  readonly funct3: string;
}

const singles: Variant = {
  insn: rowsOf('F'),
  letter: 's',
  format: 'single',
  fmt: '00',
  what: 'single-precision',
  number: unbox,
  register: box,
  sign: 1n << 31n,
  funct3: '010',
};

const doubles: Variant = {
  insn: rowsOf('D'),
  letter: 'd',
  format: 'double',
  fmt: '01',
  what: 'double-precision',
  number: (register) => register,
  register: (number) => number,
  sign: 1n << 63n,
  funct3: '011',
};

function memoryRows({ insn, format, funct3, what, register }: Variant): Instruction[] {
  const bytes = format === 'single' ? 4 : 8;
  const width = format === 'single' ? 'w' : 'd';
  return [
    insn(
      `fl${width} frd, imm(rs1)`,
      `imm[11:0] rs1 ${funct3} frd 0000111`,
      { frd: register(load(bytes, false, address)) },
      `Loads a ${what} number.`,
    ),
    insn(
      `fs${width} frs2, imm(rs1)`,
      `imm[11:5] frs2 rs1 ${funct3} imm[4:0] 0100111`,
      { store: { bytes, address, value: frs2 } },
      `Stores a ${what} number.`,
    ),
  ];
}

function arithmeticRows({ insn, letter, format, fmt, what, number, register, sign }: Variant): Instruction[] {
  const result = (name: FloatName, ...operands: readonly Expr[]): Effect => ({
    frd: register(float(format, name, ...operands.map(number))),
  });
  const two = (name: 'add' | 'sub' | 'mul' | 'div', funct5: string, verb: string): Instruction =>
    insn(
      `f${name}.${letter} frd, frs1, frs2, rm`,
      `${funct5} ${fmt} frs2 frs1 rm frd 1010011`,
      result(name, frs1, frs2),
      `${verb} ${what} numbers.`,
    );
  const extreme = (name: 'min' | 'max', funct3: string, which: string): Instruction =>
    insn(
      `f${name}.${letter} frd, frs1, frs2`,
      `00101 ${fmt} frs2 frs1 ${funct3} frd 1010011`,
      result(name, frs1, frs2),
      `The ${which} of two ${what} numbers; a NaN gives way to a number, and −0 is less than +0.`,
    );
  const negated = (operand: Expr): Expr => xor(operand, sign);
  const fused = (name: string, opcode: string, product: Expr, addend: Expr, formula: string): Instruction =>
    insn(
      `${name}.${letter} frd, frs1, frs2, frs3, rm`,
      `frs3 ${fmt} frs2 frs1 rm frd ${opcode}`,
      { frd: register(float(format, 'fma', product, number(frs2), addend)) },
      `Gives ${formula} in ${what}, with a single rounding.`,
    );
  return [
    two('add', '00000', 'Adds'),
    two('sub', '00001', 'Subtracts'),
    two('mul', '00010', 'Multiplies'),
    two('div', '00011', 'Divides'),
    insn(
      `fsqrt.${letter} frd, frs1, rm`,
      `01011 ${fmt} 00000 frs1 rm frd 1010011`,
      result('sqrt', frs1),
      `Square root of a ${what} number.`,
    ),
    extreme('min', '000', 'smaller'),
    extreme('max', '001', 'larger'),
    fused('fmadd', '1000011', number(frs1), number(frs3), 'frs1 × frs2 + frs3'),
    fused('fmsub', '1000111', number(frs1), negated(number(frs3)), 'frs1 × frs2 − frs3'),
    fused('fnmsub', '1001011', negated(number(frs1)), number(frs3), '−(frs1 × frs2) + frs3'),
    fused('fnmadd', '1001111', negated(number(frs1)), negated(number(frs3)), '−(frs1 × frs2) − frs3'),
  ];
}

function signRows({ insn, letter, fmt, what, number, register, sign }: Variant): Instruction[] {
  const [a, b] = [number(frs1), number(frs2)];
  const withSign = (bits: Expr): Expr => or(and(a, sign - 1n), and(bits, sign));
  const row = (suffix: string, funct3: string, value: Expr, which: string): Instruction =>
    insn(
      `fsgnj${suffix}.${letter} frd, frs1, frs2`,
      `00100 ${fmt} frs2 frs1 ${funct3} frd 1010011`,
      { frd: register(value) },
      `The ${what} number frs1 with ${which}.`,
    );
  return [
    row('', '000', withSign(b), 'the sign of frs2'),
    row('n', '001', withSign(xor(b, sign)), 'the opposite of the sign of frs2'),
    row('x', '010', xor(a, and(b, sign)), 'its sign inverted if frs2 is negative'),
  ];
}

function compareRows({ insn, letter, format, fmt, what, number }: Variant): Instruction[] {
  const row = (name: 'eq' | 'lt' | 'le', funct3: string, relation: string, nan: string): Instruction =>
    insn(
      `f${name}.${letter} rd, frs1, frs2`,
      `10100 ${fmt} frs2 frs1 ${funct3} rd 1010011`,
      { rd: float(format, name, number(frs1), number(frs2)) },
      `Sets rd to 1 if frs1 ${relation} frs2 as ${what} numbers, else to 0. ${nan} raises NV.`,
    );
  return [
    row('eq', '010', 'equals', 'Only a signaling NaN'),
    row('lt', '001', 'is less than', 'Any NaN'),
    row('le', '000', 'is at most', 'Any NaN'),
    insn(
      `fclass.${letter} rd, frs1`,
      `11100 ${fmt} 00000 frs1 001 rd 1010011`,
      { rd: float(format, 'class', number(frs1)) },
      `Sets one bit of rd by the kind of a ${what} number: 0 −∞, 1 negative normal, 2 negative subnormal, 3 −0, ` +
        '4 +0, 5 positive subnormal, 6 positive normal, 7 +∞, 8 signaling NaN, 9 quiet NaN.',
    ),
  ];
}

const integers: readonly (readonly [IntegerName, string, string])[] = [
  ['w', '00000', 'a signed word'],
  ['wu', '00001', 'an unsigned word'],
  ['l', '00010', 'a signed double-word'],
  ['lu', '00011', 'an unsigned double-word'],
];

/** Conversions that are always exact have the field, but no assembler writes it. */
const isExact = ({ format }: Variant, type: IntegerName): boolean => format === 'double' && type.startsWith('w');

function integerRows(variant: Variant): Instruction[] {
  const { insn, letter, format, fmt, what, number, register } = variant;
  return integers.flatMap(([type, code, integer]) => [
    insn(
      `fcvt.${type}.${letter} rd, frs1, rm`,
      `11000 ${fmt} ${code} frs1 rm rd 1010011`,
      { rd: float(format, `to.${type}`, number(frs1)) },
      `Converts a ${what} number to ${integer}; what is out of range gives the nearest bound, a NaN the upper one.`,
    ),
    insn(
      `fcvt.${letter}.${type} frd, rs1${isExact(variant, type) ? '' : ', rm'}`,
      `11010 ${fmt} ${code} rs1 rm frd 1010011`,
      { frd: register(float(format, `from.${type}`, rs1)) },
      `Converts ${integer} to a ${what} number.`,
    ),
  ]);
}

const rowsOfFormat = (variant: Variant): Instruction[] => [
  ...memoryRows(variant),
  ...arithmeticRows(variant),
  ...signRows(variant),
  ...compareRows(variant),
  ...integerRows(variant),
];

const moves: readonly Instruction[] = [
  singles.insn(
    'fmv.x.w rd, frs1',
    '1110000 00000 frs1 000 rd 1010011',
    { rd: sext(32, frs1) },
    'Copies the bits of a single-precision number to an integer register, sign-extended.',
  ),
  singles.insn(
    'fmv.w.x frd, rs1',
    '1111000 00000 rs1 000 frd 1010011',
    { frd: box(rs1) },
    'Copies 32 bits from an integer register as a single-precision number.',
  ),
  doubles.insn(
    'fmv.x.d rd, frs1',
    '1110001 00000 frs1 000 rd 1010011',
    { rd: frs1 },
    'Copies the bits of a double-precision number to an integer register.',
  ),
  doubles.insn(
    'fmv.d.x frd, rs1',
    '1111001 00000 rs1 000 frd 1010011',
    { frd: rs1 },
    'Copies 64 bits from an integer register as a double-precision number.',
  ),
];

const resizes: readonly Instruction[] = [
  doubles.insn(
    'fcvt.s.d frd, frs1, rm',
    '0100000 00001 frs1 rm frd 1010011',
    { frd: box(float('single', 'resize', frs1)) },
    'Rounds a double-precision number to single precision.',
  ),
  doubles.insn(
    'fcvt.d.s frd, frs1',
    '0100001 00000 frs1 rm frd 1010011',
    { frd: float('double', 'resize', unbox(frs1)) },
    'Converts a single-precision number to double precision, exactly.',
  ),
];

export const floating: readonly Instruction[] = [
  ...rowsOfFormat(singles),
  ...rowsOfFormat(doubles),
  ...moves,
  ...resizes,
];
