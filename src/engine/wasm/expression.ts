/** Expression tree → wasm. One emitter for every environment in which an instruction can run. */
import type { BinaryOp, Bytes, CompareOp, Expr, SourceRegister, UnaryOp } from '../isa/expression.ts';
import type { FloatName, FormatName } from '../isa/float.ts';
import { single } from '../isa/float-format.ts';
import type { HelperName } from './arithmetic.ts';
import { type Code, op } from './code.ts';

/**
 * Where the operands of an instruction come from: run-time fields and registers in memory for the interpreter,
 * constants and wasm locals for translated code. Each method leaves one i64 on the stack.
 */
export interface OperandEnvironment {
  readonly code: Code;
  register(name: SourceRegister): void;
  field(name: string): void;
  pc(): void;
  next(): void;
  /** What the memory operand of an AMO held, sign-extended. */
  memory(): void;
  /** The value at the address that `address` leaves on the stack; does not come back here if it faults. */
  load(bytes: Bytes, signed: boolean, address: () => void): void;
  helper(name: HelperName): number;
  /** The operation on the values that `operands` leaves on the stack, rounded as the instruction asks. */
  float(format: FormatName, name: FloatName, operands: () => void): void;
}

const direct: Partial<Record<BinaryOp, number>> = {
  add: op.i64Add,
  sub: op.i64Sub,
  and: op.i64And,
  or: op.i64Or,
  xor: op.i64Xor,
  sll: op.i64Shl,
  srl: op.i64ShrU,
  sra: op.i64ShrS,
  rotl: op.i64Rotl,
  rotr: op.i64Rotr,
  mul: op.i64Mul,
};

const directUnary: Partial<Record<UnaryOp, number>> = { clz: op.i64Clz, ctz: op.i64Ctz, cpop: op.i64Popcnt };

const comparisons: Record<CompareOp, number> = {
  eq: op.i64Eq,
  ne: op.i64Ne,
  lt: op.i64LtS,
  ge: op.i64GeS,
  ltu: op.i64LtU,
  geu: op.i64GeU,
};

const signExtensions = { 8: op.i64Extend8S, 16: op.i64Extend16S, 32: op.i64Extend32S } as const;

const isComparison = (name: string): name is CompareOp => Object.hasOwn(comparisons, name);

/** Leaves the value of `expr` on the stack as an i64. */
export function emitExpr(env: OperandEnvironment, expr: Expr): void {
  const { code } = env;
  switch (expr.op) {
    case 'const':
      return code.i64(expr.value);
    case 'register':
      return env.register(expr.name);
    case 'field':
      return env.field(expr.name);
    case 'pc':
      return env.pc();
    case 'next':
      return env.next();
    case 'memory':
      return env.memory();
    case 'load':
      return env.load(expr.bytes, expr.signed, () => emitExpr(env, expr.address));
    case 'sext':
      emitExpr(env, expr.a);
      return code.op(signExtensions[expr.bits]);
    case 'zext':
      emitExpr(env, expr.a);
      code.i64((1n << BigInt(expr.bits)) - 1n);
      return code.op(op.i64And);
    case 'box':
      emitExpr(env, expr.a);
      code.i64(boxed);
      return code.op(op.i64Or);
    case 'unbox':
      return emitUnbox(env, expr.a);
    case 'float':
      return env.float(expr.format, expr.name, () => {
        for (const operand of expr.operands) emitExpr(env, operand);
      });
    case 'select':
      emitExpr(env, expr.a);
      emitExpr(env, expr.b);
      emitCondition(env, expr.condition);
      return code.op(op.select);
    case 'clz':
    case 'ctz':
    case 'cpop':
    case 'orcb':
    case 'rev8':
      emitExpr(env, expr.a);
      return emitOperation(env, directUnary[expr.op], expr.op);
    default:
      return emitBinary(env, expr.op, expr.a, expr.b);
  }
}

const boxed = -1n << 32n;

/** Evaluates `expr` twice: it is a register. */
function emitUnbox(env: OperandEnvironment, expr: Expr): void {
  const { code } = env;
  emitExpr(env, expr);
  code.i64(0xffff_ffffn);
  code.op(op.i64And);
  code.i64(single.canonicalNan);
  emitExpr(env, expr);
  code.i64(boxed);
  code.op(op.i64GeU, op.select);
}

function emitBinary(env: OperandEnvironment, name: BinaryOp | CompareOp, a: Expr, b: Expr): void {
  const { code } = env;
  emitExpr(env, a);
  emitExpr(env, b);
  if (isComparison(name)) {
    code.op(comparisons[name], op.i64ExtendI32U);
    return;
  }
  emitOperation(env, direct[name], name);
}

/** By the instruction that wasm has, or by a helper. */
function emitOperation(env: OperandEnvironment, opcode: number | undefined, name: BinaryOp | UnaryOp): void {
  if (opcode !== undefined) env.code.op(opcode);
  else env.code.call(env.helper(name as HelperName));
}

/** Leaves an i32 on the stack: not zero if `expr` is not. */
export function emitCondition(env: OperandEnvironment, expr: Expr): void {
  const { code } = env;
  if (isComparison(expr.op) && 'b' in expr) {
    emitExpr(env, expr.a);
    emitExpr(env, expr.b);
    code.op(comparisons[expr.op]);
    return;
  }
  emitExpr(env, expr);
  code.i64(0n);
  code.op(op.i64Ne);
}
