/** Emitted code that looks at a hart's floating-point state: `mstatus.FS` and `fcsr`. */
import { roundingModes } from '../isa/float-format.ts';
import { type Code, op } from '../wasm/code.ts';
import { csrAt, hartAt } from './layout.ts';
import { modeLow, status } from './status.ts';

const mstatusAt = csrAt('mstatus');

/** Leaves an i32: 1 if the unit is off, 0 if not. In a guest it takes both `mstatus` and `vsstatus` to turn it on. */
export function emitIsOff(code: Code, hart: number): void {
  const isOff = (address: () => void, offset: number): void => {
    address();
    code.memory(op.i32Load, offset);
    code.i32(status.FS);
    code.op(op.i32And, op.i32Eqz);
  };
  isOff(() => code.get(hart), mstatusAt);
  isOff(() => guestStatus(code, hart), 0);
  code.op(op.i32Or);
}

export function emitSetDirty(code: Code, hart: number): void {
  const setDirty = (address: () => void, offset: number): void => {
    address();
    address();
    code.memory(op.i32Load, offset);
    code.i32(status.FS);
    code.op(op.i32Or);
    code.memory(op.i32Store, offset);
  };
  setDirty(() => code.get(hart), mstatusAt);
  setDirty(() => guestStatus(code, hart), 0);
}

/** Leaves the address of the other status word that holds an FS: the guest's, or `mstatus` again. */
function guestStatus(code: Code, hart: number): void {
  code.get(hart);
  code.memory(op.i32Load, hartAt.guestStatus);
}

/** Replaces `dyn` in a local by what `frm` says. */
export function emitResolveMode(code: Code, hart: number, mode: number): void {
  code.get(mode);
  code.i32(roundingModes.dyn);
  code.op(op.i32Eq);
  code.if(() => {
    code.get(hart);
    code.memory(op.i32Load, csrAt('fcsr'));
    code.i32(modeLow);
    code.op(op.i32ShrU);
    code.set(mode);
  });
}
