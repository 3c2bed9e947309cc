/** The rows' encodings: round trips, and against what GNU as makes of every statement. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldRange } from '../../src/engine/isa/encoding.ts';
import type { Instruction } from '../../src/engine/isa/instruction.ts';
import { decode, encode, instructions, type Operands } from '../../src/engine/isa/instructions.ts';
import { build } from '../../src/engine/toolchain/build.ts';
import { disassemble } from '../../src/engine/toolchain/disassemble.ts';
import { built, flatBytes, hex, inWords, origin } from '../toolchain/building.ts';
import statements from './fixtures/statements.json' with { type: 'json' };
import { allStatements } from './samples.ts';

/** Every field at a value that it can hold. */
function operandsOf(row: Instruction): fc.Arbitrary<Operands> {
  return fc.record(
    Object.fromEntries(
      row.encoding.fields.map((field) => {
        const { min, max, step } = fieldRange(field);
        return [field.name, fc.integer({ min: min / step, max: max / step }).map((value) => value * step + 0)];
      }),
    ),
  );
}

const wordOf = (bytes: Uint8Array, at: number): number => new DataView(bytes.buffer).getUint32(at, true);

describe('encoding', () => {
  for (const row of instructions) {
    it(`${row.name}: decode gives back what encode took`, () => {
      fc.assert(
        fc.property(operandsOf(row), (operands) => {
          const decoded = decode(encode(row, operands));
          // A more specific row may own this word.
          if (decoded?.row === row) expect(decoded.operands).toEqual(operands);
          else expect(decoded?.row.encoding.mask).not.toBe(row.encoding.mask);
        }),
        { numRuns: 50 },
      );
    });
  }

  it('refuses values that do not fit, by name', () => {
    const addi = instructions.find((row) => row.name === 'addi');
    const jal = instructions.find((row) => row.name === 'jal');
    if (addi === undefined || jal === undefined) throw new Error('no addi or jal');
    expect(() => encode(addi, { imm: 2048 })).toThrow('imm is 2048');
    expect(() => encode(jal, { imm: 3 })).toThrow('steps of 2');
  });

  it('random words: what decodes encodes to the same word', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), (word) => {
        const decoded = decode(word);
        if (decoded !== undefined) expect(encode(decoded.row, decoded.operands)).toBe(word);
      }),
      { numRuns: 20_000 },
    );
  });
});

describe('against GNU as', () => {
  it('every sample statement is in the fixtures', () => {
    expect(Object.keys(statements).toSorted()).toEqual([...new Set(allStatements)].toSorted());
  });

  it('every row is in the fixtures', () => {
    const mnemonics = new Set(Object.keys(statements).map((statement) => statement.split(' ')[0]));
    for (const row of instructions) expect(mnemonics).toContain(row.name);
  });

  for (const [statement, expected] of Object.entries(statements)) {
    it(statement, () => {
      const text = `.globl _start\n_start: .zero 0x100000\n.text\n${statement}\n.zero 0x100000`;
      const bytes = flatBytes(built(text));
      expect(hex(bytes.subarray(0x100000, -0x100000))).toBe(expected);
    });
  }
});

/** Assembles one statement at `address`; fails the test on any diagnostic. */
function assembled(text: string, address: bigint): number {
  const result = build([{ name: 'a.s', text: `.globl _start\n_start: ${text}` }], { origin: address });
  expect(result.diagnostics.map(inWords), text).toEqual([]);
  return result.ok ? wordOf(flatAt(result.image.segments[0]?.bytes), 0) : 0;
}

const flatAt = (bytes: Uint8Array | undefined): Uint8Array => Uint8Array.from(bytes ?? []);

describe('disassembly assembles back to the same word', () => {
  for (const raw of [false, true]) {
    const title = raw ? 'rows only' : 'with pseudo-instructions';
    for (const row of instructions) {
      it(`${row.name}, ${title}`, () => {
        fc.assert(
          fc.property(operandsOf(row), (operands) => {
            const word = encode(row, operands);
            const { text } = disassemble(word, origin + 0x10000000n, undefined, { raw });
            expect(assembled(text, origin + 0x10000000n), text).toBe(word);
          }),
          { numRuns: 20 },
        );
      });
    }

    it(`the samples, ${title}`, () => {
      for (const bytes of Object.values(statements)) {
        const word = Buffer.from(bytes, 'hex').readUInt32LE(0);
        expect(assembled(disassemble(word, origin, undefined, { raw }).text, origin)).toBe(word);
      }
    });
  }
});
