/**
 * The floating-point operations that instruction rows are written with: exact arithmetic, then one rounding. Unprivileged
 * Spec 20240411, chapters "F" and "D". This is the meaning; wasm's own operations serve where they give the same.
 */
import {
  bitLength,
  double,
  type Exception,
  exceptions,
  type Finite,
  type Format,
  infinity,
  type Rounded,
  round,
  roundToPlace,
  single,
  type Unpacked,
  unpack,
  zero,
} from './float-format.ts';

/** Takes the operands' bits and a rounding mode (0 to 4). Of an integer operand the width asked for counts. */
export type Compute = (operands: readonly bigint[], mode: number) => Rounded;

export interface FloatOperation {
  readonly compute: Compute;
  /** Whether the instruction's rounding mode must be a valid one. */
  readonly rounds: boolean;
  /** Every flag that the operation can raise. */
  readonly raises: readonly Exception[];
}

const exact = (value: bigint): Rounded => ({ value, flags: 0 });
const truth = (value: boolean): bigint => (value ? 1n : 0n);
const invalid = (format: Format): Rounded => ({ value: format.canonicalNan, flags: exceptions.NV });

const isNan = (number: Unpacked): boolean => number.kind === 'nan';
const isSignaling = (number: Unpacked): boolean => number.kind === 'nan' && number.signaling;
const isZero = (number: Unpacked): boolean => number.kind === 'finite' && number.significand === 0n;
const isNegative = (number: Unpacked): boolean => number.kind !== 'nan' && number.negative;

const nanFrom = (format: Format, operands: readonly Unpacked[]): Rounded =>
  operands.some(isSignaling) ? invalid(format) : exact(format.canonicalNan);

const roundOrZero = (format: Format, mode: number, number: Finite): Rounded =>
  number.significand === 0n ? exact(zero(format, number.negative)) : round(format, mode, number);

function sum(format: Format, mode: number, a: Unpacked, b: Unpacked): Rounded {
  if (isNan(a) || isNan(b)) return nanFrom(format, [a, b]);
  if (a.kind !== 'finite' || b.kind !== 'finite') {
    if (a.kind === b.kind && isNegative(a) !== isNegative(b)) return invalid(format);
    return exact(infinity(format, isNegative(a.kind === 'finite' ? b : a)));
  }
  const exponent = Math.min(a.exponent, b.exponent);
  const aligned = (number: Finite): bigint => {
    const magnitude = number.significand << BigInt(number.exponent - exponent);
    return number.negative ? -magnitude : magnitude;
  };
  const total = aligned(a) + aligned(b);
  const negative = total < 0n;
  if (total !== 0n)
    return round(format, mode, { kind: 'finite', negative, significand: negative ? -total : total, exponent });
  // §6.3 of IEEE 754: x + x keeps its sign, x − x is −0 only when rounding down.
  return exact(zero(format, a.negative === b.negative ? a.negative : mode === 2));
}

/** The exact product; the caller has dealt with NaNs. Undefined for ∞ × 0. */
function product(a: Unpacked, b: Unpacked): Unpacked | undefined {
  const negative = isNegative(a) !== isNegative(b);
  if (a.kind === 'finite' && b.kind === 'finite') {
    return { kind: 'finite', negative, significand: a.significand * b.significand, exponent: a.exponent + b.exponent };
  }
  return isZero(a) || isZero(b) ? undefined : { kind: 'infinity', negative };
}

function multiply(format: Format, mode: number, a: Unpacked, b: Unpacked): Rounded {
  if (isNan(a) || isNan(b)) return nanFrom(format, [a, b]);
  const result = product(a, b);
  if (result === undefined) return invalid(format);
  if (result.kind === 'finite') return roundOrZero(format, mode, result);
  return exact(infinity(format, isNegative(result)));
}

/** a × b + c with one rounding. ∞ × 0 is invalid whatever c is, a quiet NaN too. */
function multiplyAdd(format: Format, mode: number, a: Unpacked, b: Unpacked, c: Unpacked): Rounded {
  if (isNan(a) || isNan(b)) return nanFrom(format, [a, b, c]);
  const result = product(a, b);
  return result === undefined ? invalid(format) : sum(format, mode, result, c);
}

function divide(format: Format, mode: number, a: Unpacked, b: Unpacked): Rounded {
  if (isNan(a) || isNan(b)) return nanFrom(format, [a, b]);
  const negative = isNegative(a) !== isNegative(b);
  if ((isZero(a) && isZero(b)) || (a.kind === 'infinity' && b.kind === 'infinity')) return invalid(format);
  if (a.kind !== 'finite') return exact(infinity(format, negative));
  if (b.kind !== 'finite' || isZero(a)) return exact(zero(format, negative));
  if (isZero(b)) return { value: infinity(format, negative), flags: exceptions.DZ };
  const shift = format.precision + 2 + bitLength(b.significand);
  const dividend = a.significand << BigInt(shift);
  const significand = sticky(dividend / b.significand, dividend % b.significand !== 0n);
  return round(format, mode, { kind: 'finite', negative, significand, exponent: a.exponent - b.exponent - shift - 1 });
}

/** One more bit behind an integer, for what a division or a root left over. */
const sticky = (quotient: bigint, more: boolean): bigint => (quotient << 1n) | truth(more);

function squareRoot(format: Format, mode: number, a: Unpacked): Rounded {
  if (isNan(a)) return nanFrom(format, [a]);
  if (isZero(a)) return exact(zero(format, isNegative(a)));
  if (isNegative(a)) return invalid(format);
  if (a.kind !== 'finite') return exact(infinity(format, false));
  const shift = 2 * format.precision + 4 + (Math.abs(a.exponent) % 2);
  const radicand = a.significand << BigInt(shift);
  const root = integerRoot(radicand);
  const significand = sticky(root, root * root !== radicand);
  return round(format, mode, { kind: 'finite', negative: false, significand, exponent: (a.exponent - shift) / 2 - 1 });
}

/** The largest integer whose square is at most `value`; Newton's iteration from above. */
function integerRoot(value: bigint): bigint {
  let root = 1n << BigInt(Math.ceil(bitLength(value) / 2));
  for (;;) {
    const better = (root + value / root) >> 1n;
    if (better >= root) return root;
    root = better;
  }
}

/** Bits → an integer in the same order as the numbers, −0 below +0. */
function order(format: Format, bits: bigint): bigint {
  const magnitude = BigInt.asUintN(format.bits - 1, bits);
  return magnitude === bits ? magnitude : -magnitude - 1n;
}

/** minimumNumber and maximumNumber of IEEE 754-2019: a NaN gives way to a number. */
function extreme(format: Format, choice: 'min' | 'max', [bitsA = 0n, bitsB = 0n]: readonly bigint[]): Rounded {
  const [a, b] = [unpack(format, bitsA), unpack(format, bitsB)];
  const flags = isSignaling(a) || isSignaling(b) ? exceptions.NV : 0;
  if (isNan(a) && isNan(b)) return { value: format.canonicalNan, flags };
  if (isNan(a) || isNan(b)) return { value: isNan(a) ? bitsB : bitsA, flags };
  const aFirst = order(format, bitsA) < order(format, bitsB);
  return exact(aFirst === (choice === 'min') ? bitsA : bitsB);
}

type Comparison = 'eq' | 'lt' | 'le';

/** Only `eq` is quiet. */
function compare(format: Format, comparison: Comparison, [bitsA = 0n, bitsB = 0n]: readonly bigint[]): Rounded {
  const [a, b] = [unpack(format, bitsA), unpack(format, bitsB)];
  if (isNan(a) || isNan(b)) {
    const raises = comparison !== 'eq' || isSignaling(a) || isSignaling(b);
    return { value: 0n, flags: raises ? exceptions.NV : 0 };
  }
  const bothZero = isZero(a) && isZero(b);
  const difference = bothZero ? 0n : order(format, bitsA) - order(format, bitsB);
  const holds = { eq: difference === 0n, lt: difference < 0n, le: difference <= 0n };
  return exact(truth(holds[comparison]));
}

/** The bit that `fclass` sets. Table 30 of the chapter "F". */
function classify(format: Format, bits: bigint): Rounded {
  const number = unpack(format, bits);
  if (number.kind === 'nan') return exact(number.signaling ? 1n << 8n : 1n << 9n);
  const isSubnormal = number.kind === 'finite' && bitLength(number.significand) < format.precision;
  const distance = number.kind === 'infinity' ? 3n : isZero(number) ? 0n : isSubnormal ? 1n : 2n;
  return exact(1n << (number.negative ? 3n - distance : 4n + distance));
}

export interface IntegerType {
  readonly bits: 32 | 64;
  readonly signed: boolean;
}

export const integerTypes = {
  w: { bits: 32, signed: true },
  wu: { bits: 32, signed: false },
  l: { bits: 64, signed: true },
  lu: { bits: 64, signed: false },
} as const satisfies Record<string, IntegerType>;
export type IntegerName = keyof typeof integerTypes;

/** Out of range and NaN give the nearest bound; 32-bit results are sign-extended, unsigned ones too. */
function toInteger(format: Format, mode: number, { bits, signed }: IntegerType, operand: bigint): Rounded {
  const most = (1n << BigInt(signed ? bits - 1 : bits)) - 1n;
  const least = signed ? -most - 1n : 0n;
  const result = (value: bigint, flags: number): Rounded => ({
    value: BigInt.asUintN(64, BigInt.asIntN(bits, value)),
    flags,
  });
  const number = unpack(format, operand);
  if (number.kind !== 'finite') return result(isNegative(number) ? least : most, exceptions.NV);
  const { count, inexact } = roundToPlace(number, 0, mode);
  const value = number.negative ? -count : count;
  if (value > most || value < least) return result(value < 0n ? least : most, exceptions.NV);
  return result(value, inexact ? exceptions.NX : 0);
}

function fromInteger(format: Format, mode: number, { bits, signed }: IntegerType, operand: bigint): Rounded {
  const value = signed ? BigInt.asIntN(bits, operand) : BigInt.asUintN(bits, operand);
  const negative = value < 0n;
  return roundOrZero(format, mode, { kind: 'finite', negative, significand: negative ? -value : value, exponent: 0 });
}

function resize(from: Format, to: Format, mode: number, operand: bigint): Rounded {
  const number = unpack(from, operand);
  if (number.kind === 'nan') return nanFrom(to, [number]);
  if (number.kind === 'infinity') return exact(infinity(to, number.negative));
  return roundOrZero(to, mode, number);
}

/** Of each format. `to.` gives an integer, `from.` takes one; `resize` takes a number of the other format. */
export const floatNames = [
  ...(['add', 'sub', 'mul', 'div', 'sqrt', 'fma', 'min', 'max', 'eq', 'lt', 'le', 'class', 'resize'] as const),
  ...(['to.w', 'to.wu', 'to.l', 'to.lu', 'from.w', 'from.wu', 'from.l', 'from.lu'] as const),
] as const;
export type FloatName = (typeof floatNames)[number];
export type FormatName = 'single' | 'double';
export const formats: Readonly<Record<FormatName, Format>> = { single, double };

function operationsOf(format: Format): Readonly<Record<FloatName, FloatOperation>> {
  const other = format === single ? double : single;
  const number = (bits: bigint | undefined): Unpacked => unpack(format, bits ?? 0n);
  const rounding = (raises: readonly Exception[], compute: Compute): FloatOperation => ({
    compute,
    rounds: true,
    raises,
  });
  const plain = (compute: Compute): FloatOperation => ({ compute, rounds: false, raises: ['NV'] });
  const to = (type: IntegerType): FloatOperation =>
    rounding(['NV', 'NX'], ([a = 0n], mode) => toInteger(format, mode, type, a));
  const from = (type: IntegerType): FloatOperation =>
    rounding(type.bits < format.precision ? [] : ['NX'], ([a = 0n], mode) => fromInteger(format, mode, type, a));
  return {
    // A sum that is tiny is exact.
    add: rounding(['NV', 'OF', 'NX'], ([a, b], mode) => sum(format, mode, number(a), number(b))),
    sub: rounding(['NV', 'OF', 'NX'], ([a, b = 0n], mode) => sum(format, mode, number(a), negated(number(b)))),
    mul: rounding(['NV', 'OF', 'UF', 'NX'], ([a, b], mode) => multiply(format, mode, number(a), number(b))),
    div: rounding(['NV', 'DZ', 'OF', 'UF', 'NX'], ([a, b], mode) => divide(format, mode, number(a), number(b))),
    sqrt: rounding(['NV', 'NX'], ([a], mode) => squareRoot(format, mode, number(a))),
    fma: rounding(['NV', 'OF', 'UF', 'NX'], ([a, b, c], mode) =>
      multiplyAdd(format, mode, number(a), number(b), number(c)),
    ),
    min: plain((operands) => extreme(format, 'min', operands)),
    max: plain((operands) => extreme(format, 'max', operands)),
    eq: plain((operands) => compare(format, 'eq', operands)),
    lt: plain((operands) => compare(format, 'lt', operands)),
    le: plain((operands) => compare(format, 'le', operands)),
    class: { ...plain(([a = 0n]) => classify(format, a)), raises: [] },
    resize: rounding(format === double ? ['NV'] : ['NV', 'OF', 'UF', 'NX'], ([a = 0n], mode) =>
      resize(other, format, mode, a),
    ),
    'to.w': to(integerTypes.w),
    'to.wu': to(integerTypes.wu),
    'to.l': to(integerTypes.l),
    'to.lu': to(integerTypes.lu),
    'from.w': from(integerTypes.w),
    'from.wu': from(integerTypes.wu),
    'from.l': from(integerTypes.l),
    'from.lu': from(integerTypes.lu),
  };
}

const negated = (number: Unpacked): Unpacked =>
  number.kind === 'nan' ? number : { ...number, negative: !number.negative };

export const floatOperations: Readonly<Record<FormatName, Readonly<Record<FloatName, FloatOperation>>>> = {
  single: operationsOf(single),
  double: operationsOf(double),
};
