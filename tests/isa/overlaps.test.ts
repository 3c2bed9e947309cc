/** Rows may overlap only where one is strictly more specific: c.addi16sp within c.lui, pause within fence. */
import { expect, it } from 'vitest';
import type { Instruction } from '../../src/engine/isa/instruction.ts';
import { instructions, overlaps } from '../../src/engine/isa/instructions.ts';

const within = (a: Instruction, b: Instruction): boolean =>
  (a.encoding.mask & b.encoding.mask) >>> 0 === b.encoding.mask >>> 0 && a.encoding.mask !== b.encoding.mask;

const clashesIn = (rows: readonly Instruction[]): string[] =>
  rows.flatMap((a, index) =>
    rows
      .slice(index + 1)
      .filter((b) => overlaps(a, b) && !within(a, b) && !within(b, a))
      .map((b) => `${a.name} and ${b.name}`),
  );

it('lets no two rows match the same word, unless one of them is the special case', () => {
  expect(clashesIn(instructions)).toEqual([]);
});

it('finds what clashes', () => {
  const [first] = instructions;
  expect(first && clashesIn([first, { ...first, name: 'other' }])).toEqual([`${first?.name} and other`]);
});
