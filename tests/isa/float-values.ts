/** Bit patterns that floating-point mistakes hide behind: borders, NaNs, and numbers near each other. */
import fc from 'fast-check';

const doubleBorders = [
  0n,
  1n,
  0x000f_ffff_ffff_ffffn,
  0x0010_0000_0000_0000n,
  0x0010_0000_0000_0001n,
  0x3ca0_0000_0000_0000n,
  0x3fe0_0000_0000_0000n,
  0x3fef_ffff_ffff_ffffn,
  0x3ff0_0000_0000_0000n,
  0x3ff0_0000_0000_0001n,
  0x41df_ffff_ffc0_0000n,
  0x41e0_0000_0000_0000n,
  0x43e0_0000_0000_0000n,
  0x43f0_0000_0000_0000n,
  0x7fef_ffff_ffff_ffffn,
  0x7ff0_0000_0000_0000n,
  0x7ff0_0000_0000_0001n,
  0x7ff8_0000_0000_0000n,
];
const singleBorders = [
  0n,
  1n,
  0x007f_ffffn,
  0x0080_0000n,
  0x0080_0001n,
  0x3300_0000n,
  0x3f00_0000n,
  0x3f7f_ffffn,
  0x3f80_0000n,
  0x3f80_0001n,
  0x4eff_ffffn,
  0x4f00_0000n,
  0x5f00_0000n,
  0x5f80_0000n,
  0x7f7f_ffffn,
  0x7f80_0000n,
  0x7f80_0001n,
  0x7fc0_0000n,
];

const withSigns = (values: readonly bigint[], sign: bigint): fc.Arbitrary<bigint> =>
  fc.constantFrom(...values.flatMap((value) => [value, value | sign]));

const doubleBits = (value: number): bigint => new BigUint64Array(Float64Array.of(value).buffer)[0] ?? 0n;
const singleBits = (value: number): bigint => BigInt(new Uint32Array(Float32Array.of(value).buffer)[0] ?? 0);

export const doubles: fc.Arbitrary<bigint> = fc.oneof(
  withSigns(doubleBorders, 1n << 63n),
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  // Close exponents, so that sums cancel and products come near the borders.
  fc.bigInt({ min: 0x3fd0_0000_0000_0000n, max: 0x4020_0000_0000_0000n }),
  fc.integer({ min: -1000, max: 1000 }).map((value) => doubleBits(value / 4)),
);

export const singles: fc.Arbitrary<bigint> = fc.oneof(
  withSigns(singleBorders, 1n << 31n),
  fc.bigInt({ min: 0n, max: (1n << 32n) - 1n }),
  fc.bigInt({ min: 0x3e80_0000n, max: 0x4100_0000n }),
  fc.integer({ min: -1000, max: 1000 }).map((value) => singleBits(value / 4)),
);

export const integers: fc.Arbitrary<bigint> = fc.oneof(
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  fc.integer({ min: -1000, max: 1000 }).map((value) => BigInt.asUintN(64, BigInt(value))),
  fc
    .tuple(fc.integer({ min: 0, max: 63 }), fc.integer({ min: -1, max: 1 }))
    .map(([bit, more]) => BigInt.asUintN(64, (1n << BigInt(bit)) + BigInt(more))),
);
