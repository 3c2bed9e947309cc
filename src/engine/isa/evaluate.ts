/**
 * The oracle: what an expression means, in BigInt, for tests. It shares the rows with the emitter, so that it finds
 * mistakes of the emitter and of the environments, never a wrong row.
 */
import type { BinaryOp, Bytes, CompareOp, Expr, SourceRegister, UnaryOp } from './expression.ts';
import { floatOperations } from './float.ts';
import { single } from './float-format.ts';

/** Values are unsigned 64-bit integers. */
export interface EvaluationContext {
  register(name: SourceRegister): bigint;
  field(name: string): bigint;
  readonly pc: bigint;
  readonly next: bigint;
  /** What the memory operand of an AMO held, sign-extended. */
  readonly memory: bigint;
  /** The rounding mode that the instruction asks for, `dyn` resolved: 0 to 4. */
  readonly rounding: number;
  /** Accrues in `fflags`. */
  raise(flags: number): void;
  /** The unsigned value of `bytes` at an address. May throw to say that the access faults. */
  load(address: bigint, bytes: Bytes): bigint;
}

const unsigned = (value: bigint): bigint => BigInt.asUintN(64, value);
const signed = (value: bigint): bigint => BigInt.asIntN(64, value);
const truth = (value: boolean): bigint => (value ? 1n : 0n);
const low6 = (value: bigint): bigint => value & 63n;

const smallest = -(1n << 63n);

const binary: Record<BinaryOp | CompareOp, (a: bigint, b: bigint) => bigint> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  sll: (a, b) => a << low6(b),
  srl: (a, b) => a >> low6(b),
  sra: (a, b) => signed(a) >> low6(b),
  rotl: (a, b) => (a << low6(b)) | (a >> (64n - low6(b))),
  rotr: (a, b) => (a >> low6(b)) | (a << (64n - low6(b))),
  mul: (a, b) => a * b,
  mulh: (a, b) => (signed(a) * signed(b)) >> 64n,
  mulhsu: (a, b) => (signed(a) * b) >> 64n,
  mulhu: (a, b) => (a * b) >> 64n,
  div: (a, b) => {
    if (b === 0n) return -1n;
    return signed(a) === smallest && signed(b) === -1n ? smallest : signed(a) / signed(b);
  },
  divu: (a, b) => (b === 0n ? -1n : a / b),
  rem: (a, b) => {
    if (b === 0n) return a;
    return signed(a) === smallest && signed(b) === -1n ? 0n : signed(a) % signed(b);
  },
  remu: (a, b) => (b === 0n ? a : a % b),
  eq: (a, b) => truth(a === b),
  ne: (a, b) => truth(a !== b),
  lt: (a, b) => truth(signed(a) < signed(b)),
  ge: (a, b) => truth(signed(a) >= signed(b)),
  ltu: (a, b) => truth(a < b),
  geu: (a, b) => truth(a >= b),
};

const boxed = (1n << 64n) - (1n << 32n);

const digits = (value: bigint): string => value.toString(2).padStart(64, '0');
/** The bytes as hexadecimal digits, most significant first. */
const bytes = (value: bigint): string[] => value.toString(16).padStart(16, '0').match(/../g) ?? [];
const fromBytes = (list: readonly string[]): bigint => BigInt(`0x${list.join('')}`);

const unary: Record<UnaryOp, (a: bigint) => bigint> = {
  clz: (a) => BigInt(/^0*/.exec(digits(a))?.[0].length ?? 0),
  ctz: (a) => BigInt(/0*$/.exec(digits(a))?.[0].length ?? 0),
  cpop: (a) => BigInt(digits(a).replaceAll('0', '').length),
  orcb: (a) => fromBytes(bytes(a).map((byte) => (byte === '00' ? '00' : 'ff'))),
  rev8: (a) => fromBytes(bytes(a).toReversed()),
};

export function evaluate(expr: Expr, context: EvaluationContext): bigint {
  const value = (inner: Expr): bigint => evaluate(inner, context);
  switch (expr.op) {
    case 'const':
      return unsigned(expr.value);
    case 'register':
      return context.register(expr.name);
    case 'field':
      return unsigned(context.field(expr.name));
    case 'pc':
      return context.pc;
    case 'next':
      return context.next;
    case 'memory':
      return context.memory;
    case 'load': {
      const loaded = context.load(value(expr.address), expr.bytes);
      return expr.signed ? unsigned(BigInt.asIntN(8 * expr.bytes, loaded)) : loaded;
    }
    case 'sext':
      return unsigned(BigInt.asIntN(expr.bits, value(expr.a)));
    case 'zext':
      return BigInt.asUintN(expr.bits, value(expr.a));
    case 'box':
      return boxed | value(expr.a);
    case 'unbox': {
      const bits = value(expr.a);
      return bits >= boxed ? bits - boxed : single.canonicalNan;
    }
    case 'float': {
      const { compute } = floatOperations[expr.format][expr.name];
      const { value: result, flags } = compute(expr.operands.map(value), context.rounding);
      context.raise(flags);
      return result;
    }
    case 'select':
      return value(expr.condition) !== 0n ? value(expr.a) : value(expr.b);
    case 'clz':
    case 'ctz':
    case 'cpop':
    case 'orcb':
    case 'rev8':
      return unary[expr.op](value(expr.a));
    default:
      return unsigned(binary[expr.op](value(expr.a), value(expr.b)));
  }
}
