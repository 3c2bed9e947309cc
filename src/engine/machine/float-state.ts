/** Emitted code that looks at a hart's floating-point state: FS and `fcsr`. */
import { roundingModes } from '../isa/float-format.ts';
import { type Code, op } from '../wasm/code.ts';
import { csrAt, hartAt } from './layout.ts';
import { modeLow, status } from './status.ts';

type Address = () => void;

/** The status words that hold an FS: `mstatus`, and the guest's, or `mstatus` again where there is no guest. */
function statusWords(code: Code, hart: number): readonly (readonly [address: Address, offset: number])[] {
  const guest = (): void => {
    code.get(hart);
    code.memory(op.i32Load, hartAt.guestStatus);
  };
  return [
    [() => code.get(hart), csrAt('mstatus')],
    [guest, 0],
  ];
}

/** Leaves an i32: 1 if the unit is off, 0 if not. In a guest it takes both `mstatus` and `vsstatus` to turn it on. */
export function emitIsOff(code: Code, hart: number): void {
  statusWords(code, hart).forEach(([address, offset], index) => {
    address();
    code.memory(op.i32Load, offset);
    code.i32(status.FS);
    code.op(op.i32And, op.i32Eqz);
    if (index > 0) code.op(op.i32Or);
  });
}

export function emitSetDirty(code: Code, hart: number): void {
  for (const [address, offset] of statusWords(code, hart)) {
    address();
    address();
    code.memory(op.i32Load, offset);
    code.i32(status.FS);
    code.op(op.i32Or);
    code.memory(op.i32Store, offset);
  }
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
