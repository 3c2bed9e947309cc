/**
 * Every way to write an instruction, compiled from the rows and the pseudo rows: which operands stand in the source, and
 * which fields of which rows they fill. The assembler reads forms one way, the disassembler the other.
 */
import { type Binding, bindOperands, fieldsOfOperand, plainConstant } from '../isa/binding.ts';
import { csrByName } from '../isa/csrs.ts';
import { roundingModes } from '../isa/float-format.ts';
import type { Instruction, Pseudo } from '../isa/instruction.ts';
import { instructionByName, instructions } from '../isa/instructions.ts';
import { immediateForms, pseudos } from '../isa/pseudos.ts';

export type Step = ({ readonly kind: 'row' } & Binding) | { readonly kind: 'word'; readonly word: number };

export interface Form {
  readonly name: string;
  readonly operands: readonly string[];
  readonly steps: readonly Step[];
  /** The row itself, not a pseudo-instruction. */
  readonly plain: boolean;
}

/** `iorw` → 15. Undefined if a letter is foreign, repeated or out of order. */
export function fenceSet(letters: string): number | undefined {
  if (!/^i?o?r?w?$/.test(letters) || letters === '') return undefined;
  return ['w', 'r', 'o', 'i'].reduce((set, letter, bit) => (letters.includes(letter) ? set | (1 << bit) : set), 0);
}

export const fenceLetters = (set: number): string =>
  ['i', 'o', 'r', 'w'].filter((_, index) => (set & (8 >> index)) !== 0).join('');

function constantIn(text: string): number | undefined {
  if (text === 'dyn') return roundingModes.dyn;
  return csrByName(text)?.number ?? fenceSet(text) ?? plainConstant(text);
}

function compileStep(line: string, pseudo: Pseudo): Step {
  const bits = /^\.insn (\S+)$/.exec(line)?.[1];
  if (bits !== undefined) return { kind: 'word', word: Number(bits) };
  return { kind: 'row', ...bindOperands(pseudo.operands, line, instructionByName, constantIn) };
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
