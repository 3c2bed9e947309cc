/** The rows' encodings: round trips, and against what GNU as makes of every statement. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findSymbol } from '../../src/engine/image.ts';
import { decode, encode, instructions, lengthOf } from '../../src/engine/isa/instructions.ts';
import { build } from '../../src/engine/toolchain/build.ts';
import { disassemble } from '../../src/engine/toolchain/disassemble.ts';
import { built, flatBytes, hex, inWords, origin } from '../toolchain/building.ts';
import statements from './fixtures/statements.json' with { type: 'json' };
import { operandsOf } from './operands.ts';
import { allStatements } from './samples.ts';

/** The instruction that the bytes begin with. */
function wordOf(bytes: Uint8Array): number {
  const [a = 0, b = 0, c = 0, d = 0] = bytes;
  const low = a | (b << 8);
  return lengthOf(low) === 2 ? low : (low | (c << 16) | (d << 24)) >>> 0;
}

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
        if (decoded === undefined) return;
        const bits = lengthOf(word) === 2 ? word & 0xffff : word;
        expect(encode(decoded.row, decoded.operands)).toBe(bits);
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
      const image = built(`.globl _start\n_start: .zero 0x100000\n.text\n${statement}\nbehind: .zero 0x100000`);
      const end = Number((findSymbol(image, 'behind')?.address ?? origin) - origin);
      expect(hex(flatBytes(image).subarray(0x100000, end))).toBe(expected);
    });
  }
});

/** Assembles one statement at `address`; fails the test on any diagnostic. */
function assembled(text: string, address: bigint): number {
  const result = build([{ name: 'a.s', text: `.globl _start\n_start: ${text}` }], { origin: address });
  expect(result.diagnostics.map(inWords), text).toEqual([]);
  return result.ok ? wordOf(result.image.segments[0]?.bytes ?? new Uint8Array()) : 0;
}

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
        const word = wordOf(Buffer.from(bytes, 'hex'));
        expect(assembled(disassemble(word, origin, undefined, { raw }).text, origin)).toBe(word);
      }
    });
  }
});
