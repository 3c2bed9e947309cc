/**
 * Floating-point operations as wasm functions: wasm's own operation where its result and its flags are the specified
 * ones, else the machine's procedure.
 *
 * wasm rounds to nearest, ties to even, and tells no flags. So its result serves if the mode is that one, if NX is set
 * already (flags only accrue), and if the result shows that no other flag was raised: see `emitIfUsual`. Operations
 * that are exact serve always. NaNs never pass: their bits differ between engines.
 */
import { type FloatName, type FormatName, floatNames, floatOperations, integerTypes } from '../isa/float.ts';
import { exceptions, roundingModes } from '../isa/float-format.ts';
import { Code, op, type ValueType } from './code.ts';
import { ExactEmitter } from './float-exact.ts';
import type { DefinedFunction } from './module.ts';

/** Where the functions find the hart's state: offsets, and the index of the machine's procedure. */
export interface FloatPlaces {
  readonly fcsr: number;
  readonly operands: number;
  /** Function index of the high half of an unsigned product. */
  readonly mulhu: number;
  /** Takes the operation's index, times 8, plus the rounding mode; its result replaces the first operand. */
  readonly procedure: number;
}

const formatNames = ['single', 'double'] as const satisfies readonly FormatName[];

export interface NamedOperation {
  readonly format: FormatName;
  readonly name: FloatName;
}

/** In the order of their indices. */
export const floatIndex: readonly NamedOperation[] = formatNames.flatMap((format) =>
  floatNames.map((name) => ({ format, name })),
);

export const indexOfFloat = (format: FormatName, name: FloatName): number =>
  formatNames.indexOf(format) * floatNames.length + floatNames.indexOf(name);

const operandCount = (name: FloatName): number =>
  name === 'fma' ? 3 : name === 'sqrt' || name === 'class' || name === 'resize' || name.includes('.') ? 1 : 2;

/** wasm's instructions on a format, and its bounds. */
const types = {
  single: {
    type: 'f32',
    ...{ add: op.f32Add, sub: op.f32Sub, mul: op.f32Mul, div: op.f32Div, sqrt: op.f32Sqrt, abs: op.f32Abs },
    ...{ eq: op.f32Eq, lt: op.f32Lt, le: op.f32Le, gt: op.f32Gt, min: op.f32Min, max: op.f32Max },
    fromBits: [op.i32WrapI64, op.f32ReinterpretI32],
    toBits: [op.i32ReinterpretF32, op.i64ExtendI32U],
    ...{ fromSigned: op.f32ConvertI64S, fromUnsigned: op.f32ConvertI64U },
    leastNormal: 2 ** -126,
    wholeBits: 24n,
  },
  double: {
    type: 'f64',
    ...{ add: op.f64Add, sub: op.f64Sub, mul: op.f64Mul, div: op.f64Div, sqrt: op.f64Sqrt, abs: op.f64Abs },
    ...{ eq: op.f64Eq, lt: op.f64Lt, le: op.f64Le, gt: op.f64Gt, min: op.f64Min, max: op.f64Max },
    fromBits: [op.f64ReinterpretI64],
    toBits: [op.i64ReinterpretF64],
    ...{ fromSigned: op.f64ConvertI64S, fromUnsigned: op.f64ConvertI64U },
    leastNormal: 2 ** -1022,
    wholeBits: 53n,
  },
} as const;

const hart = 0;

/** The body of one function: parameters are the hart's address, the operands' bits, and the mode if it rounds. */
class FloatFunction {
  readonly code: Code;
  readonly parameters: readonly ValueType[];
  private readonly count: number;
  private readonly rounds: boolean;
  private readonly operation: NamedOperation;
  private readonly places: FloatPlaces;

  constructor(operation: NamedOperation, places: FloatPlaces) {
    this.operation = operation;
    this.places = places;
    this.count = operandCount(operation.name);
    this.rounds = floatOperations[operation.format][operation.name].rounds;
    const operands = new Array<ValueType>(this.count).fill('i64');
    this.parameters = ['i32', ...operands, ...(this.rounds ? (['i32'] as const) : [])];
    this.code = new Code(this.parameters.length);
  }

  emit(): Code {
    this.emitFast();
    this.emitExact();
    this.emitProcedure();
    return this.code;
  }

  private emitFast(): void {
    const { name } = this.operation;
    switch (name) {
      case 'add':
      case 'sub':
      case 'mul':
      case 'div':
      case 'sqrt':
        return this.emitArithmetic(name);
      case 'eq':
      case 'lt':
      case 'le':
      case 'min':
      case 'max':
        return this.emitOrdered(name);
      case 'resize':
        return this.emitResize();
      case 'to.w':
      case 'to.wu':
      case 'to.l':
      case 'to.lu':
        return this.emitToInteger(integerTypes[name.slice(3) as keyof typeof integerTypes]);
      case 'from.w':
      case 'from.wu':
      case 'from.l':
      case 'from.lu':
        return this.emitFromInteger(integerTypes[name.slice(5) as keyof typeof integerTypes]);
    }
  }

  private emitExact(): void {
    const { code, places } = this;
    const { format, name } = this.operation;
    const raise = (flags: number): void => this.raise(flags);
    const exact = new ExactEmitter({ code, format, mode: this.mode, mulhu: places.mulhu, raise });
    const [a, b, c] = [1, 2, 3] as const;
    if (name === 'add' || name === 'sub') exact.emitSum(a, b, name === 'sub');
    if (name === 'mul') exact.emitProduct(a, b);
    if (name === 'fma') exact.emitFused(a, b, c);
  }

  /** Who writes a floating-point register makes its state dirty; that is not repeated here. */
  private raise(flags: number): void {
    const { code, places } = this;
    code.get(hart);
    code.get(hart);
    code.memory(op.i32Load, places.fcsr);
    code.i32(flags);
    code.op(op.i32Or);
    code.memory(op.i32Store, places.fcsr);
  }

  private get mode(): number {
    return 1 + this.count;
  }

  /** Leaves the n-th operand as a float. */
  private operand(index: number, format = this.operation.format): void {
    this.code.get(1 + index);
    this.code.op(...types[format].fromBits);
  }

  /** Leaves an i32: whether the instruction rounds by `mode` and rounding has nothing more to tell. NX is bit 0. */
  private roundsQuietly(mode: number): void {
    const { code } = this;
    code.get(this.mode);
    code.i32(mode);
    code.op(op.i32Eq);
    code.get(hart);
    code.memory(op.i32Load, this.places.fcsr);
    code.i32(exceptions.NX);
    code.op(op.i32And, op.i32And);
  }

  private returnBits(local: number): void {
    this.code.get(local);
    this.code.op(...types[this.operation.format].toBits, op.return);
  }

  private emitArithmetic(name: 'add' | 'sub' | 'mul' | 'div' | 'sqrt'): void {
    const { code } = this;
    const type = types[this.operation.format];
    this.roundsQuietly(roundingModes.rne);
    code.if(() => {
      for (let index = 0; index < this.count; index++) this.operand(index);
      code.op(type[name]);
      this.emitIfUsual(name === 'add' || name === 'sub');
    });
  }

  /**
   * Returns the float on the stack if it is finite (so no operand was NaN or infinite, nothing was invalid, divided by
   * zero or overflowed) and above the least normal number in magnitude (so it did not underflow; the least one itself
   * may have been rounded up to). Sums do not underflow: a tiny one is exact.
   */
  private emitIfUsual(neverUnderflows: boolean): void {
    const { code } = this;
    const type = types[this.operation.format];
    const result = code.local(type.type);
    code.tee(result);
    code.op(type.abs);
    code.float(type.type, Number.POSITIVE_INFINITY);
    code.op(type.lt);
    if (!neverUnderflows) {
      code.get(result);
      code.op(type.abs);
      code.float(type.type, type.leastNormal);
      code.op(type.gt, op.i32And);
    }
    code.if(() => this.returnBits(result));
  }

  /** Exact, if neither operand is NaN. wasm's minimum and maximum order the zeros as specified. */
  private emitOrdered(name: 'eq' | 'lt' | 'le' | 'min' | 'max'): void {
    const { code } = this;
    const type = types[this.operation.format];
    for (const index of [0, 1]) {
      this.operand(index);
      this.operand(index);
      code.op(type.eq);
    }
    code.op(op.i32And);
    code.if(() => {
      this.operand(0);
      this.operand(1);
      code.op(type[name]);
      if (name === 'min' || name === 'max') code.op(...type.toBits);
      else code.op(op.i64ExtendI32U);
      code.op(op.return);
    });
  }

  private emitResize(): void {
    const { code } = this;
    if (this.operation.format === 'single') {
      this.roundsQuietly(roundingModes.rne);
      code.if(() => {
        this.operand(0, 'double');
        code.op(op.f32DemoteF64);
        this.emitIfUsual(false);
      });
      return;
    }
    this.operand(0, 'single');
    this.operand(0, 'single');
    code.op(op.f32Eq);
    code.if(() => {
      this.operand(0, 'single');
      code.op(op.f64PromoteF32, ...types.double.toBits, op.return);
    });
  }

  /** Exact, or rounded quietly to zero, if the whole part is in range. */
  private emitToInteger({ bits, signed }: { readonly bits: number; readonly signed: boolean }): void {
    const { code } = this;
    const [number, whole] = [code.local('f64'), code.local('f64')];
    this.operand(0);
    if (this.operation.format === 'single') code.op(op.f64PromoteF32);
    code.tee(number);
    code.op(op.f64Trunc);
    code.tee(whole);
    code.float('f64', signed ? -(2 ** (bits - 1)) : 0);
    code.op(op.f64Ge);
    code.get(whole);
    code.float('f64', 2 ** (signed ? bits - 1 : bits));
    code.op(op.f64Lt, op.i32And);
    code.get(whole);
    code.get(number);
    code.op(op.f64Eq);
    this.roundsQuietly(roundingModes.rtz);
    code.op(op.i32Or, op.i32And);
    code.if(() => {
      code.get(whole);
      code.op(signed ? op.i64TruncF64S : op.i64TruncF64U);
      if (bits === 32) code.op(op.i64Extend32S);
      code.op(op.return);
    });
  }

  private emitFromInteger({ bits, signed }: { readonly bits: number; readonly signed: boolean }): void {
    const { code } = this;
    const type = types[this.operation.format];
    const value = code.local('i64');
    code.get(1);
    if (bits === 32) code.op(op.i32WrapI64, signed ? op.i64ExtendI32S : op.i64ExtendI32U);
    code.set(value);
    this.isWhole(value, type.wholeBits, signed);
    this.roundsQuietly(roundingModes.rne);
    code.op(op.i32Or);
    code.if(() => {
      code.get(value);
      code.op(signed ? type.fromSigned : type.fromUnsigned, ...type.toBits, op.return);
    });
  }

  /** Leaves an i32: whether the integer has at most so many bits, and is exact therefore. */
  private isWhole(value: number, bits: bigint, signed: boolean): void {
    const { code } = this;
    code.get(value);
    if (signed) {
      code.i64(1n << bits);
      code.op(op.i64Add);
    }
    code.i64(1n << (signed ? bits + 1n : bits));
    code.op(op.i64LtU);
  }

  private emitProcedure(): void {
    const { code, places } = this;
    for (let index = 0; index < this.count; index++) {
      code.get(hart);
      code.get(1 + index);
      code.memory(op.i64Store, places.operands + 8 * index);
    }
    code.i32(8 * indexOfFloat(this.operation.format, this.operation.name));
    if (this.rounds) {
      code.get(this.mode);
      code.op(op.i32Add);
    }
    code.call(places.procedure);
    code.op(op.drop);
    code.get(hart);
    code.memory(op.i64Load, places.operands);
  }
}

export function floatHelpers(places: FloatPlaces): DefinedFunction[] {
  return floatIndex.map((operation) => {
    const body = new FloatFunction(operation, places);
    return { signature: { parameters: body.parameters, results: ['i64'] }, code: body.emit() };
  });
}
