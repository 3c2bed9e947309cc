/** The whole instruction set: look-up by name, decoding and encoding. */
import { atomic } from './atomic.ts';
import { base } from './base.ts';
import { bitManipulation, conditional } from './bit-manipulation.ts';
import { cacheBlocks } from './cache-blocks.ts';
import { compressedRows } from './compressed.ts';
import { extractField, fieldHolds, fieldRange, insertField, isReserved } from './encoding.ts';
import { floating } from './floating.ts';
import { hints } from './hints.ts';
import { hypervisor } from './hypervisor.ts';
import type { Instruction } from './instruction.ts';
import { markerRows } from './markers.ts';
import { muldiv } from './muldiv.ts';
import { quirk } from './quirk.ts';
import { system } from './system.ts';

const fullLength: readonly Instruction[] = [
  ...base,
  ...muldiv,
  ...atomic,
  ...floating,
  ...bitManipulation,
  ...conditional,
  ...cacheBlocks,
  ...hints,
  ...markerRows,
  ...system,
  ...hypervisor,
  ...quirk,
];

export const instructions: readonly Instruction[] = [...fullLength, ...compressedRows(fullLength)];

const byName = new Map<string, Instruction>(instructions.map((row) => [row.name, row]));

export const instructionByName = (name: string): Instruction | undefined => byName.get(name);

export type Operands = Readonly<Record<string, number>>;

/** Fields that are left out are zero. Throws a `RangeError` that names the field when a value does not fit. */
export function encode(row: Instruction, operands: Operands): number {
  let word = row.encoding.match;
  for (const field of row.encoding.fields) {
    const value = operands[field.name] ?? 0;
    if (!fieldHolds(field, value)) {
      const { min, max, step } = fieldRange(field);
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

function bitCount(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** Two rows both match some word: only allowed where one is strictly more specific, and that one wins. A test holds it. */
export function overlaps(a: Instruction, b: Instruction): boolean {
  const common = a.encoding.mask & b.encoding.mask;
  return a.encoding.bits === b.encoding.bits && ((a.encoding.match ^ b.encoding.match) & common) === 0;
}

/** More specific rows first. */
export function bySpecificity(rows: readonly Instruction[]): Instruction[] {
  return [...rows].sort((a, b) => bitCount(b.encoding.mask) - bitCount(a.encoding.mask));
}

/** Bytes of the instruction that begins with these bits. Unprivileged Spec 20240411 §1.5; none is longer than four. */
export const lengthOf = (word: number): 2 | 4 => ((word & 3) === 3 ? 4 : 2);

/** Rows that a word may be by its low bits: the opcode, of a compressed instruction the quadrant. */
const keyOf = (word: number): number => (lengthOf(word) === 4 ? word & 0x7f : word & 3);

const byKey = Map.groupBy(bySpecificity(instructions), (row) => keyOf(row.encoding.match));

/** The instruction that a word begins with, or undefined for a reserved encoding. */
export function decode(word: number): Decoded | undefined {
  const bits = lengthOf(word) === 4 ? word >>> 0 : word & 0xffff;
  const row = byKey.get(keyOf(bits))?.find(({ encoding }) => (bits & encoding.mask) >>> 0 === encoding.match);
  if (row === undefined || isReserved(row.encoding, bits)) return undefined;
  const operands: Record<string, number> = {};
  for (const field of row.encoding.fields) operands[field.name] = extractField(bits, field);
  return { row, operands };
}

/** The operands under the names that the row's effect has for them: for `c.addi`, rs1 as well as rd. */
export function effectOperands({ row, operands }: Decoded): Operands {
  const { expansion } = row;
  if (expansion === undefined) return operands;
  const bound: Record<string, number> = {};
  for (const [name, source] of Object.entries(expansion.fields)) {
    bound[name] = 'constant' in source ? source.constant : (operands[source.from] ?? 0);
  }
  return bound;
}
