/** Integer expressions for functions written by hand: `set(sum, add(a, 1n))` for a postfix of opcodes. */
import { type Code, op } from './code.ts';

/** A local, an i64 constant, or code that leaves a value on the stack. */
export type Term = number | bigint | (() => void);

export class Terms {
  protected readonly code: Code;

  constructor(code: Code) {
    this.code = code;
  }

  push(term: Term): void {
    if (typeof term === 'number') this.code.get(term);
    else if (typeof term === 'bigint') this.code.i64(term);
    else term();
  }

  set(local: number, term: Term): void {
    this.push(term);
    this.code.set(local);
  }

  /** An i32 constant: `bigint` terms are i64. */
  readonly i32 = (value: number): Term => {
    return () => this.code.i32(value);
  };

  readonly apply = (opcode: number, ...terms: readonly Term[]): Term => {
    return () => {
      for (const term of terms) this.push(term);
      this.code.op(opcode);
    };
  };

  readonly call = (functionIndex: number, ...terms: readonly Term[]): Term => {
    return () => {
      for (const term of terms) this.push(term);
      this.code.call(functionIndex);
    };
  };

  readonly add = (a: Term, b: Term): Term => this.apply(op.i64Add, a, b);
  readonly sub = (a: Term, b: Term): Term => this.apply(op.i64Sub, a, b);
  readonly mul = (a: Term, b: Term): Term => this.apply(op.i64Mul, a, b);
  readonly and = (a: Term, b: Term): Term => this.apply(op.i64And, a, b);
  readonly or = (a: Term, b: Term): Term => this.apply(op.i64Or, a, b);
  readonly xor = (a: Term, b: Term): Term => this.apply(op.i64Xor, a, b);
  readonly shl = (a: Term, b: Term): Term => this.apply(op.i64Shl, a, b);
  readonly shr = (a: Term, b: Term): Term => this.apply(op.i64ShrU, a, b);
  readonly leadingZeros = (a: Term): Term => this.apply(op.i64Clz, a);
  /** Comparisons, unsigned, leave an i32. */
  readonly equal = (a: Term, b: Term): Term => this.apply(op.i64Eq, a, b);
  readonly less = (a: Term, b: Term): Term => this.apply(op.i64LtU, a, b);
  readonly negative = (a: Term): Term => this.apply(op.i64LtS, a, 0n);
  readonly isZero = (a: Term): Term => this.apply(op.i64Eqz, a);
  /** An i32 as an i64. */
  readonly widen = (a: Term): Term => this.apply(op.i64ExtendI32U, a);
  /** 1 if `a` is not zero, else 0. */
  readonly any = (a: Term): Term => this.widen(this.apply(op.i64Ne, a, 0n));
  readonly choose = (condition: Term, a: Term, b: Term): Term => this.apply(op.select, a, b, condition);
}
