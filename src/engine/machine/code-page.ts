/** The page that the interpreter fetches from, as it keeps it in locals: most instructions follow on the same one. */
import { type Code, op } from '../wasm/code.ts';
import { addendAt, emitProbe, type ProbeLocals } from './emit-probe.ts';
import { hartAt, pageBytes } from './layout.ts';

/** Distances from the beginning of a page at which four bytes can be fetched, in units of two. */
const wholeFetches = BigInt((pageBytes - 2) / 2);
const none = -1n;

export class CodePage {
  /** Local: what to add to pc to reach wasm memory. */
  readonly addend: number;
  private readonly code: Code;
  private readonly probe: ProbeLocals;
  private readonly pc: number;
  private readonly page: number;
  private readonly regime: number;

  /** `pc`: its local. */
  constructor(code: Code, probe: ProbeLocals, pc: number) {
    this.code = code;
    this.probe = probe;
    this.pc = pc;
    this.addend = code.local('i32');
    this.page = code.local('i64');
    this.regime = code.local('i64');
  }

  /** Where the next instruction lies is found anew, in the address space and mode that are then in force. */
  leave(): void {
    this.probe.hart.load(op.i64Load32U, hartAt.fetchRegime);
    this.code.set(this.regime);
    this.code.i64(none);
    this.code.set(this.page);
  }

  /**
   * Leaves an i32: whether pc is not on the page, or too far at its end. pc is even, so that the distance from a page is
   * even and that from −1, no page, is odd: rotated, one comparison tells both from what is too far.
   */
  emitIsElsewhere(): void {
    const { code } = this;
    code.get(this.pc);
    code.get(this.page);
    code.op(op.i64Sub);
    code.i64(1n);
    code.op(op.i64Rotr);
    code.i64(wholeFetches);
    code.op(op.i64GeU);
  }

  /** Leaves an i32: whether the inline TLB maps pc, with four bytes left on the page. */
  emitProbe(): void {
    const { code, probe } = this;
    emitProbe(code, probe, hartAt.inlineFetch, this.pc);
    code.get(this.pc);
    code.i64(2n);
    code.op(op.i64Add);
    code.i64(BigInt(-pageBytes));
    code.op(op.i64And);
    code.tee(probe.address);
    code.get(this.regime);
    code.op(op.i64Or, op.i64Eq);
  }

  /** After a probe that has hit. */
  enter(): void {
    const { code, probe } = this;
    code.get(probe.address);
    code.set(this.page);
    code.get(probe.entry);
    code.memory(op.i32Load, hartAt.inlineFetch + addendAt);
    code.set(this.addend);
  }

  /** After the machine has found it. */
  enterFound(): void {
    const { hart } = this.probe;
    hart.load(op.i64Load, hartAt.codePage);
    this.code.set(this.page);
    hart.load(op.i32Load, hartAt.codeAddend);
    this.code.set(this.addend);
  }

  /** Leaves the four bytes at pc. */
  emitWord(): void {
    const { code } = this;
    code.get(this.addend);
    code.get(this.pc);
    code.op(op.i32WrapI64, op.i32Add);
    code.memory(op.i32Load);
  }
}
