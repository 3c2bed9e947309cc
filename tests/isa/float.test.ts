/** Floating-point procedures: against JavaScript's doubles where these round alike, and rows known by hand. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FloatName, type FormatName, floatNames, floatOperations } from '../../src/engine/isa/float.ts';
import { exceptions, roundingModes } from '../../src/engine/isa/float-format.ts';
import { doubles, integers, singles } from './float-values.ts';

const fromDouble = (value: number): bigint => new BigUint64Array(Float64Array.of(value).buffer)[0] ?? 0n;
const toDouble = (bits: bigint): number => new Float64Array(BigUint64Array.of(bits).buffer)[0] ?? 0;
const fromSingle = (value: number): bigint => BigInt(new Uint32Array(Float32Array.of(value).buffer)[0] ?? 0);
const toSingle = (bits: bigint): number => new Float32Array(Uint32Array.of(Number(bits)).buffer)[0] ?? 0;

/** The canonical NaN where JavaScript has any. */
const doubleResult = (value: number): bigint => (Number.isNaN(value) ? 0x7ff8_0000_0000_0000n : fromDouble(value));
const singleResult = (value: number): bigint => (Number.isNaN(value) ? 0x7fc0_0000n : fromSingle(Math.fround(value)));

const arithmetic: readonly (readonly [FloatName, (a: number, b: number) => number])[] = [
  ['add', (a, b) => a + b],
  ['sub', (a, b) => a - b],
  ['mul', (a, b) => a * b],
  ['div', (a, b) => a / b],
  ['sqrt', (a) => Math.sqrt(a)],
];

const nearest = (format: FormatName, name: FloatName, ...operands: bigint[]): bigint =>
  floatOperations[format][name].compute(operands, roundingModes.rne).value;

describe('to nearest, as JavaScript', () => {
  for (const [name, meaning] of arithmetic) {
    it(`${name} of doubles`, () => {
      fc.assert(
        fc.property(doubles, doubles, (a, b) => {
          expect(nearest('double', name, a, b)).toBe(doubleResult(meaning(toDouble(a), toDouble(b))));
        }),
        { numRuns: 2000 },
      );
    });

    // A double has more than twice the precision of a single, so that rounding twice rounds as once.
    it(`${name} of singles`, () => {
      fc.assert(
        fc.property(singles, singles, (a, b) => {
          expect(nearest('single', name, a, b)).toBe(singleResult(meaning(toSingle(a), toSingle(b))));
        }),
        { numRuns: 2000 },
      );
    });
  }

  it('between formats, and from integers', () => {
    fc.assert(
      fc.property(doubles, singles, integers, (wide, narrow, integer) => {
        expect(nearest('single', 'resize', wide)).toBe(singleResult(toDouble(wide)));
        expect(nearest('double', 'resize', narrow)).toBe(doubleResult(toSingle(narrow)));
        expect(nearest('double', 'from.l', integer)).toBe(fromDouble(Number(BigInt.asIntN(64, integer))));
        expect(nearest('double', 'from.lu', integer)).toBe(fromDouble(Number(integer)));
        expect(nearest('single', 'from.wu', integer)).toBe(fromSingle(Number(BigInt.asUintN(32, integer))));
      }),
      { numRuns: 2000 },
    );
  });

  it('comparisons and extremes', () => {
    fc.assert(
      fc.property(doubles, doubles, (bitsA, bitsB) => {
        const [a, b] = [toDouble(bitsA), toDouble(bitsB)];
        expect(nearest('double', 'lt', bitsA, bitsB)).toBe(a < b ? 1n : 0n);
        expect(nearest('double', 'le', bitsA, bitsB)).toBe(a <= b ? 1n : 0n);
        expect(nearest('double', 'eq', bitsA, bitsB)).toBe(a === b ? 1n : 0n);
        if (Number.isNaN(a) || Number.isNaN(b)) return;
        expect(nearest('double', 'min', bitsA, bitsB)).toBe(fromDouble(Math.min(a, b)));
        expect(nearest('double', 'max', bitsA, bitsB)).toBe(fromDouble(Math.max(a, b)));
      }),
      { numRuns: 2000 },
    );
  });
});

type Mode = keyof typeof roundingModes;
type Row = readonly [string, FormatName, FloatName, Mode, readonly bigint[], bigint, string];

const inf32 = 0x7f80_0000n;
const nan32 = 0x7fc0_0000n;
const signaling32 = 0x7f80_0001n;
const max32 = 0x7f7f_ffffn;
const one32 = 0x3f80_0000n;
const sign32 = 0x8000_0000n;
const ones = (1n << 64n) - 1n;

const rows: readonly Row[] = [
  [
    'tiny, though it rounds to the least normal',
    'single',
    'mul',
    'rne',
    [0x80_0000n, 0x3f7f_ffffn],
    0x80_0000n,
    'UF NX',
  ],
  ['not tiny once rounded', 'single', 'fma', 'rne', [0x1980_0000n, 0x9980_0000n, 0x80_0000n], 0x80_0000n, 'NX'],
  [
    'the same rounded down is tiny',
    'single',
    'fma',
    'rtz',
    [0x1980_0000n, 0x9980_0000n, 0x80_0000n],
    0x7f_ffffn,
    'UF NX',
  ],
  ['an exact subnormal does not underflow', 'single', 'mul', 'rne', [0x80_0000n, 0x3f00_0000n], 0x40_0000n, ''],
  ['a difference of neighbours is exact', 'single', 'sub', 'rne', [0x80_0001n, 0x80_0000n], 1n, ''],
  [
    'one rounding, not two',
    'double',
    'fma',
    'rne',
    [0x3ff0_0000_0000_0001n, 0x3fef_ffff_ffff_fffen, 0xbff0_0000_0000_0000n],
    0xb970_0000_0000_0000n,
    '',
  ],
  ['∞ × 0 + quiet NaN', 'single', 'fma', 'rne', [inf32, 0n, nan32], nan32, 'NV'],
  ['∞ × 1 − ∞', 'single', 'fma', 'rne', [inf32, one32, inf32 | sign32], nan32, 'NV'],
  ['quiet NaN with a payload', 'single', 'add', 'rne', [0xffc1_2345n, one32], nan32, ''],
  ['signaling NaN', 'single', 'add', 'rne', [signaling32, one32], nan32, 'NV'],
  ['∞ − ∞', 'single', 'sub', 'rne', [inf32, inf32], nan32, 'NV'],
  ['x − x', 'single', 'sub', 'rne', [one32, one32], 0n, ''],
  ['x − x, down', 'single', 'sub', 'rdn', [one32, one32], sign32, ''],
  ['−0 + −0', 'single', 'add', 'rup', [sign32, sign32], sign32, ''],
  ['1 ÷ 0', 'single', 'div', 'rne', [one32, sign32], inf32 | sign32, 'DZ'],
  ['0 ÷ 0', 'single', 'div', 'rne', [0n, 0n], nan32, 'NV'],
  ['∞ ÷ 0', 'single', 'div', 'rne', [inf32, 0n], inf32, ''],
  ['1 ÷ 3, up', 'double', 'div', 'rup', [0x3ff0_0000_0000_0000n, 0x4008_0000_0000_0000n], 0x3fd5_5555_5555_5556n, 'NX'],
  ['√−0', 'single', 'sqrt', 'rne', [sign32], sign32, ''],
  ['√−1', 'single', 'sqrt', 'rne', [one32 | sign32], nan32, 'NV'],
  ['√2, to zero', 'double', 'sqrt', 'rtz', [0x4000_0000_0000_0000n], 0x3ff6_a09e_667f_3bccn, 'NX'],
  ['too large, to nearest', 'single', 'add', 'rne', [max32, max32], inf32, 'OF NX'],
  ['too large, to zero', 'single', 'add', 'rtz', [max32, max32], max32, 'OF NX'],
  ['too large, down', 'single', 'add', 'rdn', [max32, max32], max32, 'OF NX'],
  ['too small a negative, down', 'single', 'add', 'rdn', [max32 | sign32, max32 | sign32], inf32 | sign32, 'OF NX'],
  ['too large, ties away', 'single', 'add', 'rmm', [max32, max32], inf32, 'OF NX'],
  ['a tie goes to even', 'single', 'add', 'rne', [0x4b80_0000n, one32], 0x4b80_0000n, 'NX'],
  ['a tie goes away', 'single', 'add', 'rmm', [0x4b80_0000n, one32], 0x4b80_0001n, 'NX'],
  ['the least of −0 and 0', 'single', 'min', 'rne', [0n, sign32], sign32, ''],
  ['the greatest of −0 and 0', 'single', 'max', 'rne', [sign32, 0n], 0n, ''],
  ['a NaN gives way', 'single', 'min', 'rne', [nan32, one32], one32, ''],
  ['a signaling one too', 'single', 'max', 'rne', [one32, signaling32], one32, 'NV'],
  ['two NaNs', 'single', 'min', 'rne', [0xffff_ffffn, 0x7fc0_0001n], nan32, ''],
  ['equal to a quiet NaN', 'single', 'eq', 'rne', [nan32, nan32], 0n, ''],
  ['equal to a signaling NaN', 'single', 'eq', 'rne', [signaling32, one32], 0n, 'NV'],
  ['less than a quiet NaN', 'single', 'lt', 'rne', [nan32, one32], 0n, 'NV'],
  ['−0 = 0', 'single', 'eq', 'rne', [0n, sign32], 1n, ''],
  ['−0 < 0', 'single', 'lt', 'rne', [sign32, 0n], 0n, ''],
  ['2³¹ as a word', 'single', 'to.w', 'rtz', [0x4f00_0000n], 0x7fff_ffffn, 'NV'],
  ['−2³¹ as a word', 'single', 'to.w', 'rtz', [0xcf00_0000n], 0xffff_ffff_8000_0000n, ''],
  ['NaN as a word', 'single', 'to.w', 'rtz', [nan32], 0x7fff_ffffn, 'NV'],
  ['−∞ as a double-word', 'single', 'to.l', 'rtz', [inf32 | sign32], 1n << 63n, 'NV'],
  ['NaN as an unsigned word, sign-extended', 'single', 'to.wu', 'rtz', [nan32], ones, 'NV'],
  ['−0.5 as unsigned', 'single', 'to.wu', 'rtz', [0xbf00_0000n], 0n, 'NX'],
  ['−0.5 as unsigned, down', 'single', 'to.wu', 'rdn', [0xbf00_0000n], 0n, 'NV'],
  ['−1 as unsigned', 'single', 'to.lu', 'rtz', [one32 | sign32], 0n, 'NV'],
  ['2.5 to nearest', 'single', 'to.w', 'rne', [0x4020_0000n], 2n, 'NX'],
  ['2.5 ties away', 'single', 'to.w', 'rmm', [0x4020_0000n], 3n, 'NX'],
  ['−2.5 down', 'single', 'to.w', 'rdn', [0xc020_0000n], BigInt.asUintN(64, -3n), 'NX'],
  ['2³¹ − 0.5 rounds out of range', 'double', 'to.w', 'rne', [0x41df_ffff_ffe0_0000n], 0x7fff_ffffn, 'NV'],
  ['an unsigned word looks at 32 bits', 'double', 'from.wu', 'rne', [ones], 0x41ef_ffff_ffe0_0000n, ''],
  ['2⁶⁴ − 1, to zero', 'double', 'from.lu', 'rtz', [ones], 0x43ef_ffff_ffff_ffffn, 'NX'],
  ['0 has no sign', 'single', 'from.w', 'rdn', [0n], 0n, ''],
  ['narrowing underflows', 'single', 'resize', 'rne', [0x3690_0000_0000_0001n], 1n, 'UF NX'],
  ['narrowing overflows', 'single', 'resize', 'rtz', [0x7fe0_0000_0000_0000n], max32, 'OF NX'],
  ['widening a signaling NaN', 'double', 'resize', 'rne', [signaling32], 0x7ff8_0000_0000_0000n, 'NV'],
];

const flagsOf = (names: string): number =>
  names.split(' ').reduce((flags, name) => flags | (exceptions[name as keyof typeof exceptions] ?? 0), 0);

describe('edges', () => {
  for (const [title, format, name, mode, operands, value, flags] of rows) {
    it(`${title}: ${name}, ${format}`, () => {
      const result = floatOperations[format][name].compute(operands, roundingModes[mode]);
      expect(result).toEqual({ value, flags: flagsOf(flags) });
    });
  }

  it('fclass has a bit for each kind', () => {
    const kinds = [inf32 | sign32, one32 | sign32, 1n | sign32, sign32, 0n, 1n, one32, inf32, signaling32, nan32];
    expect(kinds.map((bits) => nearest('single', 'class', bits))).toEqual(kinds.map((_, bit) => 1n << BigInt(bit)));
  });

  it('no operation raises a flag that it does not declare', () => {
    const anything = fc.tuple(doubles, doubles, doubles, fc.constantFrom(0, 1, 2, 3, 4));
    fc.assert(
      fc.property(anything, ([a, b, c, mode]) => {
        for (const format of ['single', 'double'] as const) {
          const operands = [a, b, c].map((bits) => (format === 'single' ? bits >> 32n : bits));
          for (const name of floatNames) {
            const { compute, raises } = floatOperations[format][name];
            const allowed = raises.reduce((flags, each) => flags | exceptions[each], 0);
            const inputs = name === 'resize' ? [format === 'single' ? a : a >> 32n] : operands;
            expect(compute(inputs, mode).flags & ~allowed, `${name}, ${format}`).toBe(0);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
