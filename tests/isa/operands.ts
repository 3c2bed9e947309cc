/** Operands that rows can have, as fast-check draws them. */
import fc from 'fast-check';
import { type Field, fieldHolds, fieldRange } from '../../src/engine/isa/encoding.ts';
import type { Instruction } from '../../src/engine/isa/instruction.ts';

/** Any value that the field can hold. */
export function fieldValue(field: Field): fc.Arbitrary<number> {
  const { min, max, step } = fieldRange(field);
  return fc
    .integer({ min: min / step, max: max / step })
    .map((value) => value * step + 0)
    .filter((value) => fieldHolds(field, value));
}

/** Every field at a value that it can hold. */
export const operandsOf = ({ encoding }: Instruction): fc.Arbitrary<Record<string, number>> =>
  fc.record(Object.fromEntries(encoding.fields.map((field) => [field.name, fieldValue(field)])));
