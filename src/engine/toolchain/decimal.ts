/** Decimal numbers → the nearest binary floating-point number, exactly: IEEE 754-2019 §5.12.2. */
import { bitLength, type Format, infinity, round, roundingModes, zero } from '../isa/float-format.ts';

/** Beyond this no format has a number, and exact arithmetic would only take long. */
const largestExponent = 5000;

/** `-1.5e3`, `inf`, `nan`; `0f1.5` and `0d1.5` as GNU as has them. Undefined for anything else. */
export function decimalBits(format: Format, written: string): bigint | undefined {
  const [, sign, rest = ''] = /^([-+]?)(.*)$/.exec(written) ?? [];
  const negative = sign === '-';
  const text = rest.replace(/^0[fd](?=[\d.])/i, '').toLowerCase();
  if (text === 'inf' || text === 'infinity') return infinity(format, negative);
  if (text === 'nan') return zero(format, negative) | format.canonicalNan;
  const [, whole = '', fraction = '', power = '0'] = /^(\d*)(?:\.(\d*))?(?:e([-+]?\d+))?$/.exec(text) ?? [];
  if (whole + fraction === '') return undefined;
  const digits = BigInt(whole + fraction);
  const exponent = Number(power) - fraction.length;
  if (digits === 0n || exponent + whole.length + fraction.length < -largestExponent) return zero(format, negative);
  if (exponent > largestExponent) return infinity(format, negative);
  return round(format, roundingModes.rne, { kind: 'finite', negative, ...binary(digits, exponent) }).value;
}

/** digits × 10^exponent as a binary number; where it has no end, its last bit says that there is more. */
function binary(digits: bigint, exponent: number): { significand: bigint; exponent: number } {
  if (exponent >= 0) return { significand: digits * 10n ** BigInt(exponent), exponent: 0 };
  const divisor = 10n ** BigInt(-exponent);
  const shift = Math.max(0, bitLength(divisor) - bitLength(digits)) + 66;
  const dividend = digits << BigInt(shift);
  const more = dividend % divisor === 0n ? 0n : 1n;
  return { significand: ((dividend / divisor) << 1n) | more, exponent: -shift - 1 };
}
