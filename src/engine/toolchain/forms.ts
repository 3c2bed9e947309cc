/**
 * Every way to write an instruction, compiled from the rows and the pseudo rows: which operands stand in the source, and
 * which fields of which rows they fill. The assembler reads forms one way, the disassembler the other.
 */
import { csrByName } from '../isa/csrs.ts';
import { roundingModes } from '../isa/float-format.ts';
import type { Instruction, Pseudo } from '../isa/instruction.ts';
import { instructionByName, instructions } from '../isa/instructions.ts';
import { immediateForms, pseudos } from '../isa/pseudos.ts';
import { registerNumber } from '../isa/registers.ts';

/** Where a field of a row gets its value: from the form's operands, or a constant. */
export type Source = { readonly from: string } | { readonly constant: number };

export type Step =
  | { readonly kind: 'row'; readonly row: Instruction; readonly fields: Readonly<Record<string, Source>> }
  | { readonly kind: 'word'; readonly word: number };

export interface Form {
  readonly name: string;
  readonly operands: readonly string[];
  readonly steps: readonly Step[];
  /** The row itself, not a pseudo-instruction. */
  readonly plain: boolean;
}

/** Operands whose field has another name. */
const fieldNames: Readonly<Record<string, string>> = { target: 'imm', imm20: 'imm' };

/** The fields that an operand fills: `imm(rs1)` fills `imm` and `rs1`. */
export const fieldsOfOperand = (operand: string): string[] =>
  (operand.match(/[a-z]\w*/g) ?? []).map((name) => fieldNames[name] ?? name);

/** `iorw` → 15. Undefined if a letter is foreign, repeated or out of order. */
export function fenceSet(letters: string): number | undefined {
  if (!/^i?o?r?w?$/.test(letters) || letters === '') return undefined;
  return ['w', 'r', 'o', 'i'].reduce((set, letter, bit) => (letters.includes(letter) ? set | (1 << bit) : set), 0);
}

export const fenceLetters = (set: number): string =>
  ['i', 'o', 'r', 'w'].filter((_, index) => (set & (8 >> index)) !== 0).join('');

function constantIn(text: string, pseudoName: string): number {
  if (text === 'dyn') return roundingModes.dyn;
  const value = registerNumber(text) ?? csrByName(text)?.number ?? fenceSet(text);
  if (value !== undefined) return value;
  if (!/^-?\d+$/.test(text)) throw new Error(`pseudo '${pseudoName}': cannot read '${text}'`);
  return Number(text);
}

const splitOperands = (text: string): string[] => (text === '' ? [] : text.split(',').map((operand) => operand.trim()));

function compileStep(line: string, pseudo: Pseudo): Step {
  const [, mnemonic = '', rest = ''] = /^(\S+)\s*(.*)$/.exec(line) ?? [];
  if (mnemonic === '.insn') return { kind: 'word', word: Number(rest) };
  const row = instructionByName(mnemonic);
  if (row === undefined) throw new Error(`pseudo '${pseudo.name}': no row '${mnemonic}'`);
  const written = splitOperands(rest);
  if (written.length !== row.operands.length) throw new Error(`pseudo '${pseudo.name}': operands of '${line}'`);
  const given = new Set(pseudo.operands.flatMap(fieldsOfOperand));
  const fields: Record<string, Source> = {};
  row.operands.forEach((operand, index) => {
    const targets = fieldsOfOperand(operand);
    const parts = (written[index] ?? '').split(/[()]/).filter((part) => part !== '');
    targets.forEach((target, position) => {
      const part = parts[position] ?? '';
      const name = fieldNames[part] ?? part;
      fields[target] = given.has(name) ? { from: name } : { constant: constantIn(part, pseudo.name) };
    });
  });
  return { kind: 'row', row, fields };
}

const rowForm = (row: Instruction): Form => ({
  name: row.name,
  operands: row.operands,
  steps: [
    {
      kind: 'row',
      row,
      fields: Object.fromEntries(row.operands.flatMap(fieldsOfOperand).map((field) => [field, { from: field }])),
    },
  ],
  plain: true,
});

const pseudoForm = (pseudo: Pseudo): Form => ({
  name: pseudo.name,
  operands: pseudo.operands,
  steps: pseudo.expansion.map((line) => compileStep(line, pseudo)),
  plain: false,
});

/** Rows first: where a row and a pseudo both fit, the row is meant. */
export const forms: readonly Form[] = [...instructions.map(rowForm), ...pseudos.map(pseudoForm)];

function groupByName(list: readonly Form[]): Map<string, Form[]> {
  const groups = new Map<string, Form[]>();
  for (const form of list) groups.set(form.name, [...(groups.get(form.name) ?? []), form]);
  for (const [name, other] of Object.entries(immediateForms)) {
    const immediate = groups.get(other) ?? [];
    groups.set(name, [...(groups.get(name) ?? []), ...immediate]);
  }
  return groups;
}

/** By the mnemonic as written, without an ordering suffix; immediate forms stand behind the register form. */
export const formsByName: ReadonlyMap<string, readonly Form[]> = groupByName(forms);

/** The form with a register where `name` takes an immediate (`addi` → `add`), and the other way round. */
export const registerFormOf = (name: string): string | undefined =>
  Object.entries(immediateForms).find(([, immediate]) => immediate === name)?.[0];

const suffixes: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  '.aqrl': { aq: 1, rl: 1 },
  '.aq': { aq: 1, rl: 0 },
  '.rl': { aq: 0, rl: 1 },
};

export const orderingSuffix = (aq: number, rl: number): string =>
  `${aq || rl ? '.' : ''}${aq ? 'aq' : ''}${rl ? 'rl' : ''}`;

/** Splits `amoadd.d.aqrl` into the row's name and the ordering bits. */
export function splitOrdering(mnemonic: string): {
  readonly name: string;
  readonly bits: Readonly<Record<string, number>>;
} {
  for (const [suffix, bits] of Object.entries(suffixes)) {
    if (!mnemonic.endsWith(suffix)) continue;
    const name = mnemonic.slice(0, -suffix.length);
    if (instructionByName(name)?.encoding.fields.some((field) => field.name === 'aq')) return { name, bits };
  }
  return { name: mnemonic, bits: {} };
}
