/**
 * Binary floating point: bits ↔ numbers, and rounding between them. IEEE 754-2019, with the choices of the Unprivileged
 * Spec 20240411, chapter "F": one canonical NaN, and tininess detected after rounding (§20.3). Numbers are exact: an
 * integer times a power of two.
 */

export interface Format {
  readonly bits: 32 | 64;
  /** Bits of the significand, the leading one included. */
  readonly precision: number;
  /** Exponent of the last place of subnormal numbers. */
  readonly leastPlace: number;
  readonly canonicalNan: bigint;
}

export const single: Format = { bits: 32, precision: 24, leastPlace: -149, canonicalNan: 0x7fc0_0000n };
export const double: Format = { bits: 64, precision: 53, leastPlace: -1074, canonicalNan: 0x7ff8_0000_0000_0000n };

/** Bits of `fflags`. */
export const exceptions = { NX: 1, UF: 2, OF: 4, DZ: 8, NV: 16 } as const;
export type Exception = keyof typeof exceptions;

/** Values of `frm` and of an instruction's `rm`; the latter's 7 means what `frm` says. 5 and 6 are reserved. */
export const roundingModes = { rne: 0, rtz: 1, rdn: 2, rup: 3, rmm: 4, dyn: 7 } as const;
export const lastRoundingMode = roundingModes.rmm;

/** ± significand × 2^exponent. */
export interface Finite {
  readonly kind: 'finite';
  readonly negative: boolean;
  readonly significand: bigint;
  readonly exponent: number;
}

export type Unpacked =
  | Finite
  | { readonly kind: 'infinity'; readonly negative: boolean }
  | { readonly kind: 'nan'; readonly signaling: boolean };

/** The bits of a result and the exception flags that it raises. */
export interface Rounded {
  readonly value: bigint;
  readonly flags: number;
}

const fractionBits = (format: Format): bigint => BigInt(format.precision - 1);
const signBit = (format: Format): bigint => 1n << BigInt(format.bits - 1);
/** The biased exponent of infinities and NaNs. */
const topExponent = (format: Format): bigint => (1n << BigInt(format.bits - format.precision)) - 1n;

export function unpack(format: Format, bits: bigint): Unpacked {
  const negative = (bits & signBit(format)) !== 0n;
  const fraction = BigInt.asUintN(format.precision - 1, bits);
  const biased = (bits >> fractionBits(format)) & topExponent(format);
  if (biased === topExponent(format)) {
    if (fraction === 0n) return { kind: 'infinity', negative };
    return { kind: 'nan', signaling: fraction >> (fractionBits(format) - 1n) === 0n };
  }
  if (biased === 0n) return { kind: 'finite', negative, significand: fraction, exponent: format.leastPlace };
  const significand = fraction | (1n << fractionBits(format));
  return { kind: 'finite', negative, significand, exponent: format.leastPlace + Number(biased) - 1 };
}

const signed = (format: Format, negative: boolean, magnitude: bigint): bigint =>
  negative ? magnitude | signBit(format) : magnitude;

export const zero = (format: Format, negative: boolean): bigint => signed(format, negative, 0n);

export const infinity = (format: Format, negative: boolean): bigint =>
  signed(format, negative, topExponent(format) << fractionBits(format));

export function bitLength(value: bigint): number {
  const digits = value.toString(16);
  return value === 0n ? 0 : 4 * digits.length - Math.clz32(Number.parseInt(digits.charAt(0), 16)) + 28;
}

/** Away from zero, by what is left behind the last place kept, doubled, against one unit of that place. */
function roundsUp(mode: number, negative: boolean, odd: boolean, half: 'below' | 'at' | 'above'): boolean {
  switch (mode) {
    case roundingModes.rtz:
      return false;
    case roundingModes.rdn:
      return negative;
    case roundingModes.rup:
      return !negative;
    case roundingModes.rmm:
      return half !== 'below';
    default:
      return half === 'above' || (half === 'at' && odd);
  }
}

/** The multiple of 2^place that the number rounds to, without its sign, as a count of 2^place. */
export function roundToPlace(number: Finite, place: number, mode: number): { count: bigint; inexact: boolean } {
  const { significand, exponent, negative } = number;
  if (exponent >= place) return { count: significand << BigInt(exponent - place), inexact: false };
  const dropped = BigInt(place - exponent);
  const count = significand >> dropped;
  const rest = significand - (count << dropped);
  if (rest === 0n) return { count, inexact: false };
  const middle = 1n << (dropped - 1n);
  const half = rest < middle ? 'below' : rest === middle ? 'at' : 'above';
  const up = roundsUp(mode, negative, (count & 1n) === 1n, half);
  return { count: up ? count + 1n : count, inexact: true };
}

/** A number that is not zero → the nearest of the format, as `mode` has it. */
export function round(format: Format, mode: number, number: Finite): Rounded {
  const { precision, leastPlace } = format;
  const place = bitLength(number.significand) + number.exponent - precision;
  const { count, inexact } = roundToPlace(number, Math.max(place, leastPlace), mode);
  // A carry out of the significand, and one from the subnormal numbers, is right as it stands: it counts the exponent up.
  const biased = BigInt(Math.max(place, leastPlace) - leastPlace);
  const magnitude = (biased << fractionBits(format)) + count;
  if (magnitude >= infinity(format, false)) return overflow(format, mode, number.negative);
  const underflow = inexact && place < leastPlace && isTiny(format, mode, number, place);
  const flags = (inexact ? exceptions.NX : 0) | (underflow ? exceptions.UF : 0);
  return { value: signed(format, number.negative, magnitude), flags };
}

/** Whether the number, rounded as if exponents had no lower bound, lies below the normal numbers. */
function isTiny({ precision, leastPlace }: Format, mode: number, number: Finite, place: number): boolean {
  const { count } = roundToPlace(number, place, mode);
  return bitLength(count) + place < leastPlace + precision;
}

function overflow(format: Format, mode: number, negative: boolean): Rounded {
  const toInfinity = roundsUp(mode, negative, true, 'above');
  const magnitude = infinity(format, false) - (toInfinity ? 0n : 1n);
  return { value: signed(format, negative, magnitude), flags: exceptions.OF | exceptions.NX };
}
