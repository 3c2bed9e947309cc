/**
 * Sums, products and fused products in integers, for every rounding mode: where wasm's own operations do not serve.
 * Zeros and normal numbers only, as operands and as results; all else falls through, to the machine's procedure.
 *
 * A number on its way has 128 bits, a high and a low word, and the biased exponent of its bit 126. What is shifted out
 * at the low end leaves a *sticky* one there: no format keeps these bits, it only matters whether they hold anything.
 */
import { type FormatName, formats } from '../isa/float.ts';
import { exceptions, roundingModes } from '../isa/float-format.ts';
import { type Code, op } from './code.ts';
import { type Term, Terms } from './terms.ts';

/** Locals, all i64. */
interface Wide {
  /** 0 or 1. */
  readonly sign: number;
  readonly exponent: number;
  readonly high: number;
  readonly low: number;
}

export interface ExactPlaces {
  readonly code: Code;
  readonly format: FormatName;
  /** The local that holds the rounding mode. */
  readonly mode: number;
  /** Function index of the high half of an unsigned product. */
  readonly mulhu: number;
  readonly raise: (flags: number) => void;
}

export class ExactEmitter {
  private readonly places: ExactPlaces;
  private readonly code: Code;
  private readonly terms: Terms;
  private readonly precision: bigint;
  private readonly signShift: bigint;
  /** The biased exponent of infinities. */
  private readonly top: bigint;

  constructor(places: ExactPlaces) {
    const { bits, precision } = formats[places.format];
    this.places = places;
    this.code = places.code;
    this.terms = new Terms(places.code);
    this.precision = BigInt(precision);
    this.signShift = BigInt(bits - 1);
    this.top = (1n << BigInt(bits - precision)) - 1n;
  }

  /** Returns a + b, or a − b, from the function; or falls through. Operands are locals with the numbers' bits. */
  emitSum(a: number, b: number, subtract: boolean): void {
    this.ifOrdinary([a, b], () => {
      const [x, y] = [this.wide(), this.wide()];
      this.unpack(a, x);
      this.unpack(b, y);
      if (subtract) this.terms.set(y.sign, this.terms.xor(y.sign, 1n));
      this.add(x, y);
      this.round(x);
    });
  }

  emitProduct(a: number, b: number): void {
    this.ifOrdinary([a, b], () => {
      const x = this.wide();
      this.multiply(a, b, x);
      this.if(this.isZero(x), () => this.return(this.terms.shl(x.sign, this.signShift)));
      this.round(x);
    });
  }

  emitFused(a: number, b: number, c: number): void {
    this.ifOrdinary([a, b, c], () => {
      const [x, y] = [this.wide(), this.wide()];
      this.multiply(a, b, x);
      this.unpack(c, y);
      this.add(x, y);
      this.round(x);
    });
  }

  private wide(): Wide {
    const local = (): number => this.code.local('i64');
    return { sign: local(), exponent: local(), high: local(), low: local() };
  }

  private if(condition: Term, then: () => void, otherwise?: () => void): void {
    this.terms.push(condition);
    this.code.if(then, otherwise);
  }

  private exponentOf(bits: number): Term {
    const { and, shr } = this.terms;
    return and(shr(bits, this.precision - 1n), this.top);
  }

  private return(bits: Term): void {
    this.terms.push(bits);
    this.code.op(op.return);
  }

  private isZero({ high, low }: Wide): Term {
    const { isZero, or } = this.terms;
    return isZero(or(high, low));
  }

  private ifOrdinary(operands: readonly number[], body: () => void): void {
    const { apply, isZero, less, shl, sub } = this.terms;
    const ordinary = (bits: number): Term =>
      apply(op.i32Or, less(sub(this.exponentOf(bits), 1n), this.top - 1n), isZero(shl(bits, 64n - this.signShift)));
    this.if(
      operands.map(ordinary).reduce((all, each) => apply(op.i32And, all, each)),
      body,
    );
  }

  /** In the low bits, with its leading one, which a zero does not have. */
  private significand(bits: number): Term {
    const { and, any, or, shl } = this.terms;
    const place = this.precision - 1n;
    return or(and(bits, (1n << place) - 1n), shl(any(this.exponentOf(bits)), place));
  }

  private unpack(bits: number, to: Wide): void {
    const { shl, shr } = this.terms;
    this.terms.set(to.sign, shr(bits, this.signShift));
    this.terms.set(to.exponent, this.exponentOf(bits));
    this.terms.set(to.high, shl(this.significand(bits), 63n - this.precision));
    this.terms.set(to.low, 0n);
  }

  /** A product of significands is below 4: the leading one of 1…2 would be bit 125. */
  private multiply(a: number, b: number, to: Wide): void {
    const { add, call, mul, shl, shr, sub, xor } = this.terms;
    const bias = this.top >> 1n;
    this.terms.set(to.sign, shr(xor(a, b), this.signShift));
    this.terms.set(to.exponent, sub(add(this.exponentOf(a), this.exponentOf(b)), bias - 1n));
    const first = shl(this.significand(a), 64n - this.precision);
    const second = shl(this.significand(b), 63n - this.precision);
    this.terms.set(to.high, call(this.places.mulhu, first, second));
    this.terms.set(to.low, mul(first, second));
  }

  /** x + y, in x. A zero is returned at once. */
  private add(x: Wide, y: Wide): void {
    const { apply, equal } = this.terms;
    // A zero stands at any exponent; a product's would shift the other's bits out.
    this.if(this.isZero(x), () => this.terms.set(x.exponent, y.exponent));
    this.if(this.isZero(y), () => this.terms.set(y.exponent, x.exponent));
    this.if(
      apply(op.i64LtS, x.exponent, y.exponent),
      () => this.align(x, y.exponent),
      () => this.align(y, x.exponent),
    );
    this.if(
      equal(x.sign, y.sign),
      () => this.addMagnitudes(x, y),
      () => this.subtractMagnitudes(x, y),
    );
    this.if(this.isZero(x), () => this.returnZeroSum(x.sign, y.sign));
  }

  /** Raises the exponent of `x` to `exponent`: shifts right, and keeps a sticky bit. */
  private align(x: Wide, exponent: number): void {
    const { and, any, choose, less, or, shl, shr, sub } = this.terms;
    const distance = this.code.local('i64');
    const lost = this.code.local('i64');
    this.terms.set(distance, sub(exponent, x.exponent));
    this.terms.set(x.exponent, exponent);
    this.if(less(63n, distance), () => {
      this.terms.set(x.low, or(x.high, any(x.low)));
      this.terms.set(x.high, 0n);
      this.terms.set(distance, sub(distance, 64n));
      this.terms.set(distance, choose(less(distance, 63n), distance, 63n));
    });
    this.terms.set(lost, any(and(x.low, sub(shl(1n, distance), 1n))));
    // In two steps, for a distance of 0 is one of 64 the other way.
    const fromHigh = shl(shl(x.high, 1n), sub(63n, distance));
    this.terms.set(x.low, or(or(shr(x.low, distance), fromHigh), lost));
    this.terms.set(x.high, shr(x.high, distance));
  }

  private addMagnitudes(x: Wide, y: Wide): void {
    const { add, less, widen } = this.terms;
    this.terms.set(x.low, add(x.low, y.low));
    this.terms.set(x.high, add(add(x.high, y.high), widen(less(x.low, y.low))));
  }

  private subtractMagnitudes(x: Wide, y: Wide): void {
    const { any, less, negative, sub, widen, xor } = this.terms;
    this.terms.set(x.high, sub(sub(x.high, y.high), widen(less(x.low, y.low))));
    this.terms.set(x.low, sub(x.low, y.low));
    this.if(negative(x.high), () => {
      this.terms.set(x.high, sub(sub(0n, x.high), any(x.low)));
      this.terms.set(x.low, sub(0n, x.low));
      this.terms.set(x.sign, xor(x.sign, 1n));
    });
  }

  /** −0 for −0 + −0, and for x − x when rounding down. The sign of x is that of the sum or of the operand. */
  private returnZeroSum(signX: number, signY: number): void {
    const { choose, equal, shl, widen } = this.terms;
    const sign = choose(equal(signX, signY), signX, widen(this.modeIs(roundingModes.rdn)));
    this.return(shl(sign, this.signShift));
  }

  private modeIs(mode: number): Term {
    const { apply, i32 } = this.terms;
    return apply(op.i32Eq, this.places.mode, i32(mode));
  }

  /** Moves the leading one to bit 127; the exponent is that of this bit then. The low word ends as a sticky bit. */
  private normalize(x: Wide): void {
    const { add, any, isZero, leadingZeros, or, shl, shr, sub } = this.terms;
    const shift = this.code.local('i64');
    this.if(isZero(x.high), () => {
      this.terms.set(x.high, x.low);
      this.terms.set(x.low, 0n);
      this.terms.set(x.exponent, sub(x.exponent, 64n));
    });
    this.terms.set(shift, leadingZeros(x.high));
    const fromLow = shr(shr(x.low, 1n), sub(63n, shift));
    this.terms.set(x.high, or(shl(x.high, shift), fromLow));
    this.terms.set(x.high, or(x.high, any(shl(x.low, shift))));
    this.terms.set(x.exponent, sub(add(x.exponent, 1n), shift));
  }

  /** Returns the number; falls through if its exponent, or one more, is not a normal number's. */
  private round(x: Wide): void {
    const { add, and, any, less, or, shl, shr, sub } = this.terms;
    const dropped = 64n - this.precision;
    const [rest, kept] = [this.code.local('i64'), this.code.local('i64')];
    this.normalize(x);
    this.if(less(sub(x.exponent, 1n), this.top - 2n), () => {
      this.terms.set(rest, and(x.high, (1n << dropped) - 1n));
      this.terms.set(kept, shr(x.high, dropped));
      this.if(this.terms.apply(op.i32WrapI64, any(rest)), () => this.places.raise(exceptions.NX));
      const up = shr(add(rest, this.increment(x.sign, kept, dropped)), dropped);
      // The leading one of `kept` counts the exponent up by one, a carry out of it by one more.
      const magnitude = add(add(shl(sub(x.exponent, 1n), this.precision - 1n), kept), up);
      this.return(or(shl(x.sign, this.signShift), magnitude));
    });
  }

  /** What to add below the last place so that a carry into it rounds. */
  private increment(sign: number, kept: number, dropped: bigint): Term {
    const { add, and, apply, choose, equal, widen } = this.terms;
    const half = 1n << (dropped - 1n);
    const awayIfTowards = equal(sign, widen(this.modeIs(roundingModes.rdn)));
    const directed = choose(awayIfTowards, (1n << dropped) - 1n, 0n);
    const nearest = choose(this.modeIs(roundingModes.rmm), half, add(half - 1n, and(kept, 1n)));
    const isDirected = apply(op.i32Or, this.modeIs(roundingModes.rdn), this.modeIs(roundingModes.rup));
    return choose(this.modeIs(roundingModes.rtz), 0n, choose(isDirected, directed, nearest));
  }
}
