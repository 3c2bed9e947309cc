import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { double, single } from '../../src/engine/isa/float-format.ts';
import { decimalBits } from '../../src/engine/toolchain/decimal.ts';

const doubleBits = (value: number): bigint => new BigUint64Array(Float64Array.of(value).buffer)[0] ?? 0n;

const singles: readonly (readonly [string, bigint])[] = [
  ['1.1', 0x3f8c_cccdn],
  // Halfway between 1 and the next single, a hair above and below: rounding by way of a double loses the difference.
  ['1.000000059604644775390625', 0x3f80_0000n],
  ['1.0000000596046447753906250000000000000001', 0x3f80_0001n],
  ['1.0000000596046447753906249999999999999999', 0x3f80_0000n],
  ['1e-45', 1n],
  ['7.0e-46', 0n],
  ['-0', 0x8000_0000n],
  ['3.4028235677973367e38', 0x7f80_0000n],
  ['-inf', 0xff80_0000n],
  ['nan', 0x7fc0_0000n],
  ['0f1.5', 0x3fc0_0000n],
  ['1e-99999999999', 0n],
  ['0e99999999999', 0n],
];

describe('decimal numbers', () => {
  it('to doubles as JavaScript reads them', () => {
    const numbers = fc.oneof(
      fc.double({ noNaN: true }).map(String),
      fc
        .tuple(fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }), fc.integer({ min: -360, max: 320 }))
        .map(([digits, exponent]) => `${digits}e${exponent}`),
      fc.constantFrom('1e23', '2.2250738585072011e-308', '1.7976931348623159e308', '.5', '5.', '2e-324', '3e-324'),
    );
    fc.assert(
      fc.property(numbers, (text) => {
        const value = Number(text);
        expect(decimalBits(double, text), text).toBe(doubleBits(value));
      }),
      { numRuns: 2000 },
    );
  });

  for (const [text, bits] of singles) {
    it(`${text} as a single`, () => {
      expect(decimalBits(single, text)).toBe(bits);
    });
  }

  it('nothing else', () => {
    for (const text of ['', '-', '.', '1e', '0x10', '1.2.3', 'infin', '1 + 1', '--1', 'e5']) {
      expect(decimalBits(double, text), text).toBeUndefined();
    }
  });
});
