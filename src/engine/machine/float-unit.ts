/** The floating-point rows that stay clear of memory, emitted as a function of their own. */
import { staysInFloatUnit } from '../isa/float-effect.ts';
import { instructions } from '../isa/instructions.ts';
import { type Code, op } from '../wasm/code.ts';
import { decodeTree } from './decode-tree.ts';
import { emitDecode } from './emit-decode.ts';
import { hartAt } from './layout.ts';
import { RowEmitter } from './row-emitter.ts';

/** `unit(hart)`: carries out the instruction in the hart's state; gives 1, or 0 if it is illegal. */
export class FloatUnitEmitter extends RowEmitter {
  emitUnit(): Code {
    const { code } = this;
    this.read(op.i32Load, hartAt.instruction, this.instruction);
    emitDecode(this, decodeTree(instructions.filter(({ effect }) => staysInFloatUnit(effect))));
    code.op(op.unreachable);
    return code;
  }

  override isElsewhere(): boolean {
    return false;
  }

  override system(): void {
    this.code.i32(0);
    this.code.op(op.return);
  }

  override fallThrough(): void {
    this.code.i32(1);
    this.code.op(op.return);
  }
}
