/** How one spelling stands for another: which operand, or which constant, each field of the other row takes. */
import type { Instruction } from './instruction.ts';
import { registerNumber } from './registers.ts';

/** Where a field gets its value: from an operand of the spelling, or a constant. */
export type Source = { readonly from: string } | { readonly constant: number };

export interface Binding {
  readonly row: Instruction;
  readonly fields: Readonly<Record<string, Source>>;
}

/** Operands whose field has another name. */
const fieldNames: Readonly<Record<string, string>> = { target: 'imm', imm20: 'imm' };

const fieldName = (name: string): string => fieldNames[name] ?? name;

/** The fields that an operand fills: `imm(rs1)` fills `imm` and `rs1`, `uimm(sp)` only `uimm`. */
export const fieldsOfOperand = (operand: string): string[] =>
  (operand.match(/[a-z]\w*/g) ?? []).filter((name) => registerNumber(name) === undefined).map(fieldName);

/** What a name in the row's effect stands for; only compressed rows have other names for their operands. */
export const sourceOf = (row: Instruction, name: string): Source => row.expansion?.fields[name] ?? { from: name };

const splitOperands = (text: string): string[] => (text === '' ? [] : text.split(',').map((operand) => operand.trim()));

/**
 * Reads `line`, an instruction over the operands of a spelling. `rowNamed` finds rows, `constantIn` reads what is not an
 * operand; both are the caller's to choose.
 */
export function bindOperands(
  operands: readonly string[],
  line: string,
  rowNamed: (name: string) => Instruction | undefined,
  constantIn: (text: string) => number | undefined,
): Binding {
  const [, mnemonic = '', rest = ''] = /^(\S+)\s*(.*)$/.exec(line) ?? [];
  const row = rowNamed(mnemonic);
  if (row === undefined) throw new Error(`'${line}': no row '${mnemonic}'`);
  const written = splitOperands(rest);
  if (written.length !== row.operands.length) throw new Error(`'${line}': the row has other operands`);
  const given = new Set(operands.flatMap(fieldsOfOperand));
  const sourceOf = (part: string): Source => {
    const name = fieldName(part);
    if (given.has(name)) return { from: name };
    const constant = constantIn(part);
    if (constant === undefined) throw new Error(`'${line}': cannot read '${part}'`);
    return { constant };
  };
  const fields: Record<string, Source> = {};
  row.operands.forEach((operand, index) => {
    const parts = (written[index] ?? '').split(/[()]/).filter((part) => part !== '');
    fieldsOfOperand(operand).forEach((field, position) => {
      fields[field] = sourceOf((parts[position] ?? '').replace("'", ''));
    });
  });
  return { row, fields };
}

/** A register by name, or a decimal number. */
export function plainConstant(text: string): number | undefined {
  return registerNumber(text) ?? (/^-?\d+$/.test(text) ? Number(text) : undefined);
}
