/** Instruction words → text that assembles to the same word. */

import { fieldsOfOperand } from '../isa/binding.ts';
import { csrByNumber } from '../isa/csrs.ts';
import { extractField, type Field, fieldMask, insertField } from '../isa/encoding.ts';
import { roundingModes } from '../isa/float-format.ts';
import type { Instruction } from '../isa/instruction.ts';
import { decode, lengthOf } from '../isa/instructions.ts';
import { abiNames, floatAbiNames } from '../isa/registers.ts';
import { type Form, fenceLetters, forms, orderingSuffix, type Step } from './forms.ts';

export interface Disassembly {
  readonly text: string;
  /** Bytes. */
  readonly length: 2 | 4;
}

/** A name for an address, as the assembler reads it: `loop` or `loop+8`. */
export type Symbolize = (address: bigint) => string | undefined;

export interface DisassembleOptions {
  /** Print rows only, no pseudo-instructions. */
  readonly raw?: boolean;
}

/** A form of one instruction, and the words that it stands for. */
interface Pattern {
  readonly form: Form;
  readonly row: Instruction;
  /** The row's field for each name among the form's operands. */
  readonly fields: ReadonlyMap<string, Field>;
  /** Fields that one operand fills together: `fmv.s` is `fsgnj.s` with its sources equal. */
  readonly agreeing: readonly (readonly [Field, Field])[];
  readonly mask: number;
  readonly match: number;
}

const bitCount = (mask: number): number => mask.toString(2).replaceAll('0', '').length;

/** Fields that no operand shows must be zero in the word, or the text would lose them; aq and rl are a suffix. */
function toPattern(form: Form, row: Instruction, step: Step & { kind: 'row' }): Pattern {
  let { mask, match } = row.encoding;
  const fields = new Map<string, Field>();
  const agreeing: (readonly [Field, Field])[] = [];
  for (const field of row.encoding.fields) {
    const source = form.plain && !(field.name in step.fields) ? undefined : step.fields[field.name];
    if (source !== undefined && 'from' in source) {
      const other = fields.get(source.from);
      if (other !== undefined) agreeing.push([other, field]);
      fields.set(source.from, field);
    } else if (field.name !== 'aq' && field.name !== 'rl') {
      mask = (mask | fieldMask(field)) >>> 0;
      match = (match | insertField(0, field, source?.constant ?? 0)) >>> 0;
    }
  }
  return { form, row, fields, agreeing, mask, match };
}

function patternsOf(form: Form): { row: string; pattern: Pattern }[] {
  const [step] = form.steps;
  if (step === undefined || form.steps.length > 1) return [];
  if (step.kind === 'word') {
    const row = decode(step.word)?.row;
    if (row === undefined) return [];
    return [
      { row: row.name, pattern: { form, row, fields: new Map(), agreeing: [], mask: 0xffffffff, match: step.word } },
    ];
  }
  return [{ row: step.row.name, pattern: toPattern(form, step.row, step) }];
}

/** How many bits a pattern decides. */
const strictness = ({ mask, agreeing }: Pattern): number =>
  agreeing.reduce((sum, [field]) => sum + field.width, bitCount(mask));

function matches({ mask, match, agreeing }: Pattern, word: number): boolean {
  if ((word & mask) >>> 0 !== match) return false;
  return agreeing.every(([a, b]) => extractField(word, a) === extractField(word, b));
}

const roundingNames = new Map<number, string>(Object.entries(roundingModes).map(([name, mode]) => [mode, name]));

/** By row, most specific first. A pseudo-instruction that only renames or reorders is never chosen. */
function groupPatterns(): ReadonlyMap<string, readonly Pattern[]> {
  const groups = new Map<string, Pattern[]>();
  for (const form of forms) {
    for (const { row, pattern } of patternsOf(form)) {
      const group = groups.get(row) ?? [];
      const plain = group.find((each) => each.form.plain);
      if (plain === undefined || strictness(pattern) > strictness(plain)) group.push(pattern);
      groups.set(row, group);
    }
  }
  for (const group of groups.values()) group.sort((a, b) => strictness(b) - strictness(a));
  return groups;
}

const patterns = groupPatterns();

const hex = (value: bigint | number): string => `0x${value.toString(16)}`;

/** Text of one name within an operand. */
function valueText(
  name: string,
  operand: string,
  value: number,
  address: bigint,
  symbolize: Symbolize | undefined,
): string {
  if (name === 'rd' || name === 'rs1' || name === 'rs2' || name === 'rs3') return abiNames[value] ?? `x${value}`;
  if (/^fr[ds][123]?$/.test(name)) return floatAbiNames[value] ?? `f${value}`;
  if (name === 'rm') return roundingNames.get(value) ?? String(value);
  if (name === 'csr') return csrByNumber(value)?.name ?? hex(value);
  if (name === 'pred' || name === 'succ') return value === 0 ? '0' : fenceLetters(value);
  if (operand === 'imm20') return hex((value >>> 12) & 0xfffff);
  if (operand === 'target') {
    const target = BigInt.asUintN(64, address + BigInt(value));
    return symbolize?.(target) ?? hex(target);
  }
  return String(value);
}

function operandText(
  operand: string,
  pattern: Pattern,
  word: number,
  address: bigint,
  symbolize: Symbolize | undefined,
): string {
  const [own] = fieldsOfOperand(operand);
  const text = (name: string): string => {
    const [fieldName = ''] = fieldsOfOperand(name);
    const field = pattern.fields.get(fieldName);
    // A register that the syntax names, as the stack pointer of `c.ldsp`.
    if (fieldName === '') return name;
    return valueText(fieldName, operand, field === undefined ? 0 : extractField(word, field), address, symbolize);
  };
  return own === undefined ? operand : operand.replace(/[a-z]\w*'?/g, text);
}

/** `word` holds at least the bytes of one instruction; `address` is where it lies. */
export function disassemble(
  word: number,
  address: bigint,
  symbolize?: Symbolize,
  options: DisassembleOptions = {},
): Disassembly {
  const length = lengthOf(word);
  const unsigned = length === 4 ? word >>> 0 : word & 0xffff;
  const decoded = decode(unsigned);
  const unknown: Disassembly = { text: `.insn ${hex(unsigned)}`, length };
  if (decoded === undefined) return unknown;
  const pattern = patterns
    .get(decoded.row.name)
    ?.find((each) => matches(each, unsigned) && (options.raw !== true || each.form.plain));
  if (pattern === undefined) return unknown;
  const { aq = 0, rl = 0, rm } = decoded.operands;
  if (rm !== undefined && !roundingNames.has(rm)) return unknown;
  const mnemonic = pattern.form.name + orderingSuffix(aq, rl);
  const operands = pattern.form.operands.map((each) => operandText(each, pattern, unsigned, address, symbolize));
  return { text: operands.length === 0 ? mnemonic : `${mnemonic} ${operands.join(', ')}`, length };
}
