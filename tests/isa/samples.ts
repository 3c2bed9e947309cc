/** Statements with sample operands for every row and pseudo row, each for a place in `.text`. */

import { fieldsOfOperand } from '../../src/engine/isa/binding.ts';
import { csrRows } from '../../src/engine/isa/csrs.ts';
import { fieldHolds, fieldRange } from '../../src/engine/isa/encoding.ts';
import type { Instruction, Pseudo } from '../../src/engine/isa/instruction.ts';
import { instructionByName, instructions } from '../../src/engine/isa/instructions.ts';
import { immediateForms, pseudos } from '../../src/engine/isa/pseudos.ts';
import { floatRegisterNames, registerNames } from '../../src/engine/isa/registers.ts';

const registers = ['zero', 'x31', 'a0', 'fp', 's11'];
/** Those that three bits can name. */
const shortRegisters = ['fp', 'x15', 'a0', 's1', 'a3'];
const floatRegisters = ['ft0', 'f31', 'fa0', 'fs1', 'ft11'];
const shortFloatRegisters = ['fs0', 'f15', 'fa0', 'fs1', 'fa3'];
const roundingModes = ['rne', 'rtz', 'rdn', 'dyn', 'rmm'];
const csrNames = ['mstatus', 'satp', 'cycle', 'pmpaddr15', '0x7c0'];
const fenceSets = ['iorw', 'rw', 'w', 'r', 'io'];

const isRegister = (operand: string): boolean => /^f?r[ds][123]?'?$/.test(operand);

function registersFor(operand: string, nonzero: boolean): readonly string[] {
  const short = operand.endsWith("'");
  if (operand.startsWith('f')) return short ? shortFloatRegisters : floatRegisters;
  if (short) return shortRegisters;
  return nonzero ? registers.slice(1) : registers;
}

/** Samples for an operand; the n-th instruction takes the n-th of each. */
function samplesFor(operand: string, row: Instruction | undefined): readonly string[] {
  const named = fieldsOfOperand(operand)[0] ?? '';
  const field = row?.encoding.fields.find((each) => each.name === named);
  const { min, max, step } = field === undefined ? { min: 0, max: 31, step: 1 } : fieldRange(field);
  const holds = (value: number): boolean => field === undefined || fieldHolds(field, value);
  if (operand === 'sp') return ['sp', 'x2'];
  if (isRegister(operand)) return registersFor(operand, field?.nonzero ?? false);
  if (operand === 'rm') return roundingModes;
  if (operand === 'csr') return csrNames;
  if (operand === 'pred' || operand === 'succ') return fenceSets;
  if (operand === '(rs1)') return ['(a1)', '0(sp)', '(x0)', '(s11)', '(t6)'];
  if (operand === 'imm20' && row?.extension === 'C') return ['1', '31', '0xfffe0', '0xfffff', '0x10'];
  if (operand === 'imm20') return ['0', '0xfffff', '0x80000', '1', '%hi(0x12345fff)'];
  if (operand === 'imm(rs1)' && step > 1)
    return [`${min}(sp)`, `${max}(x0)`, `-${step}(t6)`, '(a0)', `2 * ${step}(ra)`];
  if (operand === 'imm(rs1)') return [`${min}(sp)`, `${max}(x0)`, '-1(t6)', '(a0)', '2 * 4 + 1(ra)'];
  if (operand === "uimm(rs1')") return [`${min}(s0)`, `${max}(x15)`, `${step}(a0)`, '(s1)', `2 * ${step}(a3)`];
  if (operand === 'uimm(sp)') return [`${min}(sp)`, `${max}(x2)`, `${step}(sp)`, '(sp)', `2 * ${step}(sp)`];
  if (operand === 'target') return ['. + 8', `. + ${min}`, `. + ${max}`, `. - ${step}`, '.'];
  const half = Math.floor(max / step / 2) * step;
  // GNU as refuses a shift by zero in 16 bits, which is a hint.
  const zero = operand === 'shamt' && row?.extension === 'C' ? [] : [0];
  return [min, max, ...zero, step, half].filter((value) => holds(value) && (value > 0 || zero.length > 0)).map(String);
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
  ...['.insn r OP_FP, 7, 0, fa0, fa1, f12', '.insn i LOAD_FP, 2, fa0, 8(sp)', '.insn s STORE_FP, 3, fs0, -8(sp)'],
  ...['.insn r4 MADD, 7, 0, fa0, fa1, fa2, fa3', '.insn r OP_FP, 0, 0x61, a0, fa1, f12'],
  ...['.insn r4 CUSTOM_1, 1, 2, a0, a1, a2, a3', '.insn 4, 0x00000013', '.insn r 0x43, 1, 2, a0, a1, a2, a3'],
];
