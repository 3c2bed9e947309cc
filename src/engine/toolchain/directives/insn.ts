/** `.insn`: an instruction by its format, or by its bits. */

import type { Instruction } from '../../isa/instruction.ts';
import { rowsOf } from '../../isa/instruction.ts';
import { floatRegisterNumber } from '../../isa/registers.ts';
import { type Cursor, mistakeAt, peek, splitAtCommas } from '../cursor.ts';
import { Mistake } from '../diagnostics.ts';
import { emitRow } from '../emit.ts';
import { type Fields, parseOperand } from '../operands.ts';
import { emitInteger } from '../sections.ts';
import { didYouMean } from '../suggest.ts';
import type { Unit } from '../unit.ts';
import { constantAt, markData } from './arguments.ts';
import { requireBytes } from './data.ts';
import { type Directive, directive } from './directive.ts';

const format = rowsOf('format');
const row = (syntax: string, encoding: string): Instruction => format(syntax, encoding, {}, '');

const branch = (name: string): Instruction =>
  row(`${name} opcode, funct3, rs1, rs2, target`, 'imm[12|10:5] rs2 rs1 funct3[2:0] imm[4:1|11] opcode[6:0]');
const jump = (name: string): Instruction => row(`${name} opcode, rd, target`, 'imm[20|10:1|11|19:12] rd opcode[6:0]');

/** Unprivileged Spec 20240411, "Base Instruction Formats"; the operands are GNU as's. */
const formats: readonly Instruction[] = [
  row('r opcode, funct3, funct7, rd, rs1, rs2', 'funct7[6:0] rs2 rs1 funct3[2:0] rd opcode[6:0]'),
  row('r opcode, funct3, funct2, rd, rs1, rs2, rs3', 'rs3[4:0] funct2[1:0] rs2 rs1 funct3[2:0] rd opcode[6:0]'),
  row('r4 opcode, funct3, funct2, rd, rs1, rs2, rs3', 'rs3[4:0] funct2[1:0] rs2 rs1 funct3[2:0] rd opcode[6:0]'),
  row('i opcode, funct3, rd, rs1, imm', 'imm[11:0] rs1 funct3[2:0] rd opcode[6:0]'),
  row('i opcode, funct3, rd, imm(rs1)', 'imm[11:0] rs1 funct3[2:0] rd opcode[6:0]'),
  row('s opcode, funct3, rs2, imm(rs1)', 'imm[11:5] rs2 rs1 funct3[2:0] imm[4:0] opcode[6:0]'),
  branch('b'),
  branch('sb'),
  row('u opcode, rd, imm20', 'imm[31:12] rd opcode[6:0]'),
  jump('j'),
  jump('uj'),
];

/** Names of the major opcodes. Unprivileged Spec 20240411, "RV32/64G Instruction Set Listings". */
const opcodes: Readonly<Record<string, bigint>> = {
  LOAD: 0x03n,
  LOAD_FP: 0x07n,
  CUSTOM_0: 0x0bn,
  MISC_MEM: 0x0fn,
  OP_IMM: 0x13n,
  AUIPC: 0x17n,
  OP_IMM_32: 0x1bn,
  STORE: 0x23n,
  STORE_FP: 0x27n,
  CUSTOM_1: 0x2bn,
  AMO: 0x2fn,
  OP: 0x33n,
  LUI: 0x37n,
  OP_32: 0x3bn,
  MADD: 0x43n,
  MSUB: 0x47n,
  NMSUB: 0x4bn,
  NMADD: 0x4fn,
  OP_FP: 0x53n,
  CUSTOM_2: 0x5bn,
  BRANCH: 0x63n,
  JALR: 0x67n,
  JAL: 0x6fn,
  SYSTEM: 0x73n,
  CUSTOM_3: 0x7bn,
};

function readOperand(operand: string, part: Cursor, unit: Unit, fields: Fields): void {
  const token = peek(part);
  const named = token.kind === 'name' ? namedValue(operand, token.text) : undefined;
  if (named === undefined) parseOperand(operand, { ...part }, unit, fields);
  else fields[operand] = { kind: 'number', value: named, start: token.start, end: token.end };
}

/** Opcodes, and registers of either kind. */
function namedValue(operand: string, name: string): bigint | undefined {
  if (operand === 'opcode') return opcodes[name];
  const float = /^r[ds][123]?$/.test(operand) ? floatRegisterNumber(name) : undefined;
  return float === undefined ? undefined : BigInt(float);
}

function byFormat(unit: Unit, cursor: Cursor, name: string): void {
  const token = peek(cursor);
  const named = formats.filter((each) => each.name === name);
  if (named.length === 0) {
    throw mistakeAt(
      token,
      `\`${name}\` is not an instruction format`,
      didYouMean(
        name,
        formats.map((each) => each.name),
      ),
    );
  }
  cursor.index++;
  const parts = splitAtCommas(cursor);
  let mistake: Mistake | undefined;
  for (const each of named.filter(({ operands }) => operands.length === parts.length)) {
    const fields: Fields = {};
    try {
      for (const [index, operand] of each.operands.entries()) {
        const part = parts[index];
        if (part !== undefined) readOperand(operand, part, unit, fields);
      }
    } catch (thrown) {
      if (!(thrown instanceof Mistake)) throw thrown;
      mistake ??= thrown;
      continue;
    }
    emitRow(unit, cursor.statement, each, fields);
    return;
  }
  const syntax = named.map((each) => `\`.insn ${name} ${each.operands.join(', ')}\``).join(' or ');
  throw mistake ?? mistakeAt(token, `this format is written ${syntax}`);
}

/** Length in bytes by the low bits. Unprivileged Spec 20240411, "Expanded Instruction-Length Encoding". */
const lengthOf = (word: bigint): number => ((word & 3n) === 3n ? 4 : 2);

function byBits(unit: Unit, cursor: Cursor): void {
  const { start } = peek(cursor);
  const first = constantAt(unit, cursor, 'the instruction');
  const explicit = peek(cursor).text === ',';
  if (explicit) cursor.index++;
  const value = explicit ? constantAt(unit, cursor, 'the instruction') : first;
  const end = cursor.tokens[cursor.index - 1]?.end ?? start;
  const length = lengthOf(value);
  if (explicit && first !== BigInt(length)) {
    throw new Mistake(`an instruction with these low bits is ${length} bytes long, not ${first}`, start, end);
  }
  if (value < 0n || value >= 1n << BigInt(8 * length)) {
    throw new Mistake(`the instruction does not fit in ${length} bytes, which its two low bits ask for`, start, end);
  }
  emitInteger(unit.section, Number(value), length);
}

export const insnDirective: Directive = directive(
  '.insn',
  'format, operands | word',
  'Places an instruction by its format or its bits.',
  (unit, cursor) => {
    const { start, end, kind, text } = peek(cursor);
    requireBytes(unit, start, end);
    markData(unit, cursor);
    unit.section.alignment = Math.max(unit.section.alignment, 4);
    if (kind === 'name' && unit.symbols.get(text)?.definition === undefined) byFormat(unit, cursor, text);
    else byBits(unit, cursor);
  },
);
