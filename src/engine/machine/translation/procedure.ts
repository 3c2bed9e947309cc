/** A procedure of the machine as a wasm function: statements over the terms of `wasm/terms.ts`, and a hart's fields. */
import { Code, type Label, op, type ValueType } from '../../wasm/code.ts';
import type { DefinedFunction } from '../../wasm/module.ts';
import { type Term, Terms } from '../../wasm/terms.ts';

/** Parameter: the address of a hart's state. */
export const hart = 0;

export class Procedure extends Terms {
  private readonly parameters: readonly ValueType[];

  /** `parameters`: those behind the hart, which every procedure has. */
  constructor(...parameters: readonly ValueType[]) {
    super(new Code(parameters.length + 1));
    this.parameters = ['i32', ...parameters];
  }

  finish(results: readonly ValueType[], exportAs?: string): DefinedFunction {
    const { code, parameters } = this;
    // Every path returns before, which wasm does not see.
    if (results.length > 0) code.op(op.unreachable);
    const made = { signature: { parameters, results }, code };
    return exportAs === undefined ? made : { ...made, exportAs };
  }

  long(): number {
    return this.code.local('i64');
  }

  word(): number {
    return this.code.local('i32');
  }

  double(): number {
    return this.code.local('f64');
  }

  /** Of one that gives nothing. */
  leave(): void {
    this.code.op(op.return);
  }

  return(value: Term): void {
    this.push(value);
    this.code.op(op.return);
  }

  if(condition: Term, then: () => void, otherwise?: () => void): void {
    this.push(condition);
    this.code.if(then, otherwise);
  }

  block(body: (end: Label) => void): void {
    this.code.block(body);
  }

  loop(body: (again: Label) => void): void {
    this.code.loop(body);
  }

  br(label: Label): void {
    this.code.br(label);
  }

  /** Of one that gives nothing, or whose result is of no interest. */
  run(call: Term, results: 0 | 1): void {
    this.push(call);
    if (results === 1) this.code.op(op.drop);
  }

  readonly load =
    (opcode: number, address: Term, offset: number): Term =>
    () => {
      this.push(address);
      this.code.memory(opcode, offset);
    };

  store(opcode: number, address: Term, offset: number, value: Term): void {
    this.push(address);
    this.push(value);
    this.code.memory(opcode, offset);
  }

  /** A 64-bit field of the hart; a 32-bit one, widened; the latter as it is. */
  readonly field = (offset: number): Term => this.load(op.i64Load, hart, offset);
  readonly narrow = (offset: number): Term => this.load(op.i64Load32U, hart, offset);
  readonly wordAt = (offset: number): Term => this.load(op.i32Load, hart, offset);
  /** A word that all harts share. */
  readonly shared = (address: number): Term => this.load(op.i32Load, this.i32(0), address);

  setField(offset: number, value: Term): void {
    this.store(op.i64Store, hart, offset, value);
  }

  /** `value`: i32. */
  setWord(offset: number, value: Term): void {
    this.store(op.i32Store, hart, offset, value);
  }

  readonly float64 =
    (value: number): Term =>
    () =>
      this.code.float('f64', value);
  readonly wrap = (a: Term): Term => this.apply(op.i32WrapI64, a);
  readonly has = (a: Term, bits: number): Term => this.apply(op.i64Ne, this.and(a, BigInt(bits)), 0n);
  readonly lacks = (a: Term, bits: number): Term => this.isZero(this.and(a, BigInt(bits)));
  readonly not = (condition: Term): Term => this.apply(op.i32Eqz, condition);
  readonly both = (a: Term, b: Term): Term => this.apply(op.i32And, a, b);
  readonly either = (a: Term, b: Term): Term => this.apply(op.i32Or, a, b);
  /** Of i32. */
  readonly same = (a: Term, b: number): Term => this.apply(op.i32Eq, a, this.i32(b));
  readonly plus = (a: Term, b: Term): Term => this.apply(op.i32Add, a, b);
  readonly bits = (a: Term, mask: number): Term => this.apply(op.i32And, a, this.i32(mask));
}
