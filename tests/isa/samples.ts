/** Statements with sample operands for every row and pseudo row, each for a place in `.text`. */
import { csrRows } from '../../src/engine/isa/csrs.ts';
import { fieldRange } from '../../src/engine/isa/encoding.ts';
import type { Instruction, Pseudo } from '../../src/engine/isa/instruction.ts';
import { instructionByName, instructions } from '../../src/engine/isa/instructions.ts';
import { immediateForms, pseudos } from '../../src/engine/isa/pseudos.ts';
import { floatRegisterNames, registerNames } from '../../src/engine/isa/registers.ts';

const registers = ['zero', 'x31', 'a0', 'fp', 's11'];
const floatRegisters = ['ft0', 'f31', 'fa0', 'fs1', 'ft11'];
const roundingModes = ['rne', 'rtz', 'rdn', 'dyn', 'rmm'];
const isRegister = (operand: string): boolean => /^f?r[ds][123]?$/.test(operand);
const csrNames = ['mstatus', 'satp', 'cycle', 'pmpaddr15', '0x7c0'];
const fenceSets = ['iorw', 'rw', 'w', 'r', 'io'];

/** Samples for an operand; the n-th instruction takes the n-th of each. */
function samplesFor(operand: string, row: Instruction | undefined): readonly string[] {
  const field = row?.encoding.fields.find((each) => each.name === 'imm' || each.name === operand);
  const { min, max, step } = field === undefined ? { min: 0, max: 31, step: 1 } : fieldRange(field);
  if (isRegister(operand)) return operand.startsWith('f') ? floatRegisters : registers;
  if (operand === 'rm') return roundingModes;
  if (operand === 'csr') return csrNames;
  if (operand === 'pred' || operand === 'succ') return fenceSets;
  if (operand === '(rs1)') return ['(a1)', '0(sp)', '(x0)', '(s11)', '(t6)'];
  if (operand === 'imm20') return ['0', '0xfffff', '0x80000', '1', '%hi(0x12345fff)'];
  if (operand === 'imm(rs1)') return [`${min}(sp)`, `${max}(x0)`, '-1(t6)', '(a0)', '2 * 4 + 1(ra)'];
  if (operand === 'target') return ['. + 8', `. + ${min}`, `. + ${max}`, `. - ${step}`, '.'];
  return [String(min), String(max), '0', '1', String(Math.floor(max / 2))];
}

const targetRow = (pseudo: Pseudo): Instruction | undefined =>
  instructionByName(pseudo.expansion[0]?.split(' ')[0] ?? '');

/** Registers move on by one operand, so that no two operands of a statement are always the same. */
function statements(name: string, operands: readonly string[], row: Instruction | undefined): string[] {
  if (operands.length === 0) return [name];
  return [0, 1, 2, 3, 4].map((n) => {
    const texts = operands.map((operand, position) => {
      const samples = samplesFor(operand, row);
      return samples[(isRegister(operand) ? n + position : n) % samples.length] ?? '';
    });
    return `${name} ${texts.join(', ')}`;
  });
}

const ordered = instructions
  .filter((row) => row.encoding.fields.some((field) => field.name === 'aq'))
  .flatMap((row) =>
    ['.aq', '.rl', '.aqrl'].flatMap((suffix) => statements(row.name + suffix, row.operands, row)[2] ?? []),
  );

/** `add a0, a1, 4` for `addi`. */
const immediates = Object.entries(immediateForms).flatMap(([name, other]) => {
  const row = instructionByName(other);
  const operands = row?.operands ?? pseudos.find((each) => each.name === other)?.operands ?? [];
  return statements(name, operands, row).slice(2);
});

export const constants: readonly string[] = [
  ...[0, 1, -1, 31, 2047, 2048, -2048, -2049, 4095, 4096, 0x7ff, 0x800, 0xfff, 0x1800].map(String),
  ...['0x7fffffff', '0x80000000', '-0x80000000', '-0x80000001', '0xffffffff', '0x100000000', '0xfffff7ff'],
  ...['0x7ffff800', '0x7fffffffffffffff', '0x8000000000000000', '0xffffffffffffffff', '0x123456789abcdef0'],
  ...['0xdeadbeefcafebabe', '0x8000000080000000', '0x0000ffff0000ffff', '1 << 40', '(1 << 63) | 1', '8 << 60'],
  ...['0x5555555555555555', '0xaaaaaaaaaaaaaaaa', '0x1000000000000800', '0x7ff0000000000000', "'a'", '~0xff'],
];

export const allStatements: readonly string[] = [
  ...instructions.flatMap((row) => statements(row.name, row.operands, row)),
  ...ordered,
  ...pseudos
    .filter(({ name }) => name !== 'li')
    .flatMap((each) => statements(each.name, each.operands, targetRow(each))),
  ...immediates,
  ...constants.flatMap((value) => [`li a0, ${value}`]),
  ...registerNames.map((name) => `mv ${name}, ${name}`),
  ...floatRegisterNames.map((name) => `fmv.d ${name}, ${name}`),
  ...csrRows.map((row) => `csrr a0, ${row.name}`),
  ...['.insn r 0x33, 0, 0, a0, a1, a2', '.insn r CUSTOM_0, 7, 0x7f, t0, t1, t2', '.insn i 0x13, 0, a0, a1, -5'],
  ...['.insn i LOAD, 3, a0, 8(sp)', '.insn s STORE, 3, a0, -8(sp)', '.insn sb BRANCH, 1, a0, a1, . + 16'],
  ...['.insn b 0x63, 0, a0, a1, . - 16', '.insn u LUI, a0, 0x12345', '.insn uj JAL, ra, . + 2048', '.insn 0x00100073'],
  ...['.insn r4 CUSTOM_1, 1, 2, a0, a1, a2, a3', '.insn 4, 0x00000013', '.insn r 0x43, 1, 2, a0, a1, a2, a3'],
];
