/** The whole instruction set: look-up by name, decoding and encoding. */
import { atomic } from './atomic.ts';
import { base } from './base.ts';
import { extractField, fieldRange, insertField } from './encoding.ts';
import { floating } from './floating.ts';
import { hypervisor } from './hypervisor.ts';
import type { Instruction } from './instruction.ts';
import { muldiv } from './muldiv.ts';
import { system } from './system.ts';

export const instructions: readonly Instruction[] = [
  ...base,
  ...muldiv,
  ...atomic,
  ...floating,
  ...system,
  ...hypervisor,
];

const byName = new Map<string, Instruction>(instructions.map((row) => [row.name, row]));

export const instructionByName = (name: string): Instruction | undefined => byName.get(name);

export type Operands = Readonly<Record<string, number>>;

/** Fields that are left out are zero. Throws a `RangeError` that names the field when a value does not fit. */
export function encode(row: Instruction, operands: Operands): number {
  let word = row.encoding.match;
  for (const field of row.encoding.fields) {
    const value = operands[field.name] ?? 0;
    const { min, max, step } = fieldRange(field);
    if (value < min || value > max || value % step !== 0) {
      throw new RangeError(`${row.name}: ${field.name} is ${value}; it takes ${min} to ${max} in steps of ${step}`);
    }
    word = insertField(word, field, value);
  }
  return word;
}

export interface Decoded {
  readonly row: Instruction;
  readonly operands: Operands;
}

const bitCount = (mask: number): number => mask.toString(2).replaceAll('0', '').length;

/** Two rows both match some word: only allowed where one is strictly more specific, and that one wins. */
export function overlaps(a: Instruction, b: Instruction): boolean {
  const common = a.encoding.mask & b.encoding.mask;
  return a.encoding.bits === b.encoding.bits && ((a.encoding.match ^ b.encoding.match) & common) === 0;
}

/** More specific rows first. */
export function bySpecificity(rows: readonly Instruction[]): Instruction[] {
  return [...rows].sort((a, b) => bitCount(b.encoding.mask) - bitCount(a.encoding.mask));
}

function checkOverlaps(rows: readonly Instruction[]): void {
  rows.forEach((a, index) => {
    for (const b of rows.slice(index + 1)) {
      if (!overlaps(a, b)) continue;
      const both = (a.encoding.mask & b.encoding.mask) >>> 0;
      const nested = (both === a.encoding.mask) !== (both === b.encoding.mask);
      if (!nested) throw new Error(`rows '${a.name}' and '${b.name}' overlap`);
    }
  });
}
checkOverlaps(instructions);

const byOpcode = new Map<number, Instruction[]>();
for (const row of bySpecificity(instructions)) {
  const opcode = row.encoding.match & 0x7f;
  const rows = byOpcode.get(opcode) ?? [];
  rows.push(row);
  byOpcode.set(opcode, rows);
}

/** The instruction in a 32-bit word, or undefined for a reserved encoding. */
export function decode(word: number): Decoded | undefined {
  const row = byOpcode.get(word & 0x7f)?.find(({ encoding }) => (word & encoding.mask) >>> 0 === encoding.match);
  if (row === undefined) return undefined;
  const operands: Record<string, number> = {};
  for (const field of row.encoding.fields) operands[field.name] = extractField(word, field);
  return { row, operands };
}
