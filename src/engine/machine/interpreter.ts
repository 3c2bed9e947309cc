/** The interpreter, emitted from the instruction rows as one wasm function: fetch, decode by tables, execute. */
import { instructions } from '../isa/instructions.ts';
import { type Code, op } from '../wasm/code.ts';
import { decodeTree } from './decode-tree.ts';
import { emitDecode } from './emit-decode.ts';
import { emitLookUp, emitModeTag, regionBit } from './jumps.ts';
import { hartAt, jumpsAt } from './layout.ts';
import { procedureIndex, regionType, slowPaths } from './module-functions.ts';
import { hartParameter, RowEmitter } from './row-emitter.ts';

/** `run(hart)`: runs until `remaining` is spent. */
export class InterpreterEmitter extends RowEmitter {
  /** 1 once code has been jumped to: where a slice begins says nothing about the program. */
  private readonly began = this.code.local('i32');

  emitRun(): Code {
    const { code } = this;
    code.block((exit) => {
      code.loop((reload) => {
        this.reload = reload;
        this.loadState();
        code.loop((jumped) => {
          this.jumped = jumped;
          code.get(this.began);
          code.if(() => this.emitRegions());
          code.i32(1);
          code.set(this.began);
          code.loop((again) => {
            this.again = again;
            code.get(this.remaining);
            code.i32(0);
            code.op(op.i32LeS);
            code.brIf(exit);
            this.emitFetch();
            emitDecode(this, decodeTree(instructions));
          });
        });
      });
    });
    this.saveState();
    return code;
  }

  private loadState(): void {
    this.read(op.i64Load, hartAt.pc, this.pcLocal);
    this.codePage.leave();
    this.reloadBudget();
    emitModeTag(this.code, this.modeTag, hartParameter);
  }

  /**
   * Runs the region that begins at pc, if there is one, and goes on behind it. Where the inline TLB does not know pc,
   * nothing is looked up: the fetch comes first.
   */
  private emitRegions(): void {
    const { code, codePage, modeTag } = this;
    const { entry } = this.probe;
    code.block((none) => {
      codePage.emitIsElsewhere();
      code.if(() => {
        codePage.emitProbe();
        code.op(op.i32Eqz);
        code.brIf(none);
        codePage.enter();
      });
      const locals = { pc: this.pcLocal, modeTag, addend: codePage.addend, entry, value: this.host };
      emitLookUp(code, locals, () => {
        code.get(entry);
        code.i32(jumpsAt);
        code.op(op.i32Add);
        code.call(slowPaths.indexOf('hot'));
        code.op(op.drop);
      });
      code.op(op.i32Eqz);
      code.brIf(none);
      this.saveState();
      code.get(hartParameter);
      code.get(this.host);
      code.i32(~regionBit);
      code.op(op.i32And);
      code.callIndirect(regionType);
      this.read(op.i64Load, hartAt.pc, this.pcLocal);
      this.read(op.i32Load, hartAt.remaining, this.remaining);
      code.op(op.i32Eqz);
      code.brIf(this.jumped);
    });
  }

  /** From the same page, or by the inline TLB, or by the machine, which also fetches what goes on in the next page. */
  private emitFetch(): void {
    const { code, codePage } = this;
    codePage.emitIsElsewhere();
    code.if(() => {
      codePage.emitProbe();
      code.if(
        () => codePage.enter(),
        () => {
          this.saveState();
          code.get(hartParameter);
          code.call(procedureIndex('fetch'));
          code.op(op.i32Eqz);
          code.brIf(this.reload);
          codePage.enterFound();
          this.reloadBudget();
        },
      );
    });
    codePage.emitWord();
    code.set(this.instruction);
  }
}
