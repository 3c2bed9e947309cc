/** Rows → what a person wants to read about them: hover help and reference pages. Plain data, no markup. */
import { type CsrField, csrByName, csrByNumber, csrIsReadOnly, csrPrivilege } from './csrs.ts';
import { effectLines } from './effect-text.ts';
import type { Encoding } from './encoding.ts';
import type { Instruction, Pseudo } from './instruction.ts';
import { instructionByName } from './instructions.ts';
import { pseudos, specialForms } from './pseudos.ts';
import {
  abiNames,
  floatAbiNames,
  floatRegisterNumber,
  floatRegisterRole,
  registerNumber,
  registerRole,
} from './registers.ts';

/** Bits `high` to `low` of the instruction word: fixed ones, or a part of a field. */
export type EncodingPart =
  | { readonly kind: 'bits'; readonly high: number; readonly low: number; readonly value: string }
  /** `name` says which bits of the field stand here: `rs1`, `imm[12|10:5]`. */
  | { readonly kind: 'field'; readonly high: number; readonly low: number; readonly name: string };

export interface InstructionDescription {
  readonly title: string;
  /** Every way to write it, the usual one first. */
  readonly syntax: readonly string[];
  readonly summary: string;
  /** `pseudo` for a pseudo-instruction. */
  readonly extension: string;
  /** Most significant bits first; empty for a pseudo-instruction. */
  readonly encoding: readonly EncodingPart[];
  /** One assignment or action a line: `rd ← sext32(rs1 + rs2)`. */
  readonly effect: readonly string[];
  /** The instructions that a pseudo-instruction or a compressed one stands for. */
  readonly expansion: readonly string[];
}

const syntaxOf = ({ name, operands }: Instruction | Pseudo): string =>
  operands.length === 0 ? name : `${name} ${operands.join(', ')}`;

/** What a mnemonic means, with its ordering suffix if it has one; undefined for an unknown one. */
export function describeInstruction(mnemonic: string): InstructionDescription | undefined {
  const suffix = /\.(aqrl|aq|rl)$/.exec(mnemonic);
  const row = instructionByName(mnemonic) ?? (suffix === null ? undefined : orderedRow(mnemonic, suffix[0]));
  const others = [...pseudos, ...specialForms].filter((each) => each.name === mnemonic);
  if (row !== undefined) {
    return {
      title: mnemonic,
      syntax: [syntaxOf({ ...row, name: mnemonic }), ...others.map(syntaxOf)],
      summary:
        suffix === null || row.name === mnemonic ? row.summary : `${row.summary} ${orderingText[suffix[1] ?? '']}`,
      extension: row.extension,
      encoding: encodingParts(row.encoding),
      effect: effectLines(row),
      expansion: row.expansion === undefined ? [] : [row.expansion.text],
    };
  }
  const [first] = others;
  if (first === undefined) return undefined;
  return {
    title: mnemonic,
    syntax: others.map(syntaxOf),
    summary: first.summary,
    extension: 'pseudo',
    encoding: [],
    effect: [],
    expansion: first.expansion,
  };
}

const orderingText: Readonly<Record<string, string>> = {
  aq: 'Acquire: later accesses stay after it.',
  rl: 'Release: earlier accesses stay before it.',
  aqrl: 'Acquire and release: it is ordered against all other accesses.',
};

function orderedRow(mnemonic: string, suffix: string): Instruction | undefined {
  const row = instructionByName(mnemonic.slice(0, -suffix.length));
  return row?.encoding.fields.some((field) => field.name === 'aq') ? row : undefined;
}

interface Run {
  readonly high: number;
  low: number;
  readonly field: string | undefined;
  /** Bits of the field that stand here, as ranges; or the fixed bits. */
  readonly ranges: { readonly high: number; readonly low: number }[];
  bits: string;
}

/** The word from its most significant bit on, each run of fixed bits and each field once. */
function encodingParts(encoding: Encoding): EncodingPart[] {
  const parts = encoding.fields
    .flatMap((field) => field.parts.map((part) => ({ ...part, field })))
    .sort((a, b) => b.high - a.high);
  const runs: Run[] = [];
  let bit = encoding.bits - 1;
  while (bit >= 0) {
    const part = parts.find((each) => each.high === bit);
    const last = runs.at(-1);
    if (part !== undefined) {
      const range = { high: part.at + part.high - part.low, low: part.at };
      if (last?.field === part.field.name) {
        last.ranges.push(range);
        last.low = part.low;
      } else runs.push({ high: bit, low: part.low, field: part.field.name, ranges: [range], bits: '' });
      bit = part.low - 1;
      continue;
    }
    const value = String((encoding.match >>> bit) & 1);
    if (last !== undefined && last.field === undefined) {
      last.bits += value;
      last.low = bit;
    } else runs.push({ high: bit, low: bit, field: undefined, ranges: [], bits: value });
    bit--;
  }
  const widths = new Map(encoding.fields.map((field) => [field.name, field.width]));
  return runs.map((run): EncodingPart => {
    const { high, low, field, ranges } = run;
    if (field === undefined) return { kind: 'bits', high, low, value: run.bits };
    const whole = ranges.length === 1 && ranges[0]?.low === 0 && ranges[0].high + 1 === widths.get(field);
    const text = ranges
      .map((range) => (range.high === range.low ? range.high : `${range.high}:${range.low}`))
      .join('|');
    return { kind: 'field', high, low, name: whole ? field : `${field}[${text}]` };
  });
}

export interface CsrFieldDescription {
  readonly name: string;
  /** `12:11`, or `63`. */
  readonly bits: string;
  readonly high: number;
  readonly low: number;
  readonly summary: string;
  /** What a write may do: `any value`, `read-only`, `one of 0, 1, 3`. */
  readonly legal: string;
}

export interface CsrDescription {
  readonly title: string;
  readonly number: number;
  readonly summary: string;
  /** `M, read and write`. */
  readonly access: string;
  readonly fields: readonly CsrFieldDescription[];
}

const privileges = ['U', 'S', 'HS', 'M'];

const legalText = (legal: CsrField['legal']): string =>
  legal === 'any' ? 'any value' : legal === 'fixed' ? 'read-only' : `one of ${legal.join(', ')}`;

/** A CSR by its name or number; undefined if the machine has none such. */
export function describeCsr(csr: string | number): CsrDescription | undefined {
  const row = typeof csr === 'number' ? csrByNumber(csr) : csrByName(csr);
  if (row === undefined) return undefined;
  const access = csrIsReadOnly(row.number) ? 'read-only' : 'read and write';
  return {
    title: row.name,
    number: row.number,
    summary: row.summary,
    access: `${privileges[csrPrivilege(row.number)]}, ${access}`,
    fields: row.fields.map(({ name, high, low, summary, legal }) => ({
      name,
      bits: high === low ? String(high) : `${high}:${low}`,
      high,
      low,
      summary,
      legal: legalText(legal),
    })),
  };
}

export interface RegisterDescription {
  /** Its usual name, for example `a0`. */
  readonly title: string;
  readonly number: number;
  readonly summary: string;
}

/** A register by any of its names. */
export function describeRegister(name: string): RegisterDescription | undefined {
  const number = registerNumber(name);
  if (number !== undefined) return { title: abiNames[number] ?? name, number, summary: registerRole(number) };
  const float = floatRegisterNumber(name);
  if (float === undefined) return undefined;
  return { title: floatAbiNames[float] ?? name, number: float, summary: floatRegisterRole(float) };
}
