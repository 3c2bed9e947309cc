/**
 * The jump table, as it lies in wasm memory: for the places that code jumps to, how often that may still happen before
 * the code there is translated, or the region that it became. Direct-mapped by pc; all harts of a machine share it.
 * What it holds may be forgotten at any time, unobservably.
 */

import { virtualBit } from '../isa/privilege.ts';
import { type Code, op } from '../wasm/code.ts';
import { at, type Hart } from './hart.ts';
import { bare, regimeShift } from './inline-tlb.ts';
import { hartAt, hotAfterAt, jumpEntries, jumpEntryBytes, jumpsAt } from './layout.ts';

/** Tag (u64): pc with the mode in bits that tell nothing of a canonical address. Addend of its page (u32). Value (i32). */
export const jumpAt = { tag: 0, addend: 8, value: 12 } as const;
const modeShift = 57;
/** Beside V in the mode that code is kept for: all of RAM may be loaded from, without translation. */
export const plainBit = 8;

/** Values below zero: a region, by its place in the table of functions. */
export const regionBit = 0x8000_0000;
/** More visits than any program makes between two looks at the table. */
export const neverHot = 0x7fff_ffff;

/** Its own inverse: of a tag it gives pc. */
export const tagOf = (pc: bigint, mode: number): bigint => BigInt.asUintN(64, pc ^ (BigInt(mode) << BigInt(modeShift)));

const pcStep = 2;

/** Address of the only entry that a pc can have. */
export function jumpEntryOf(pc: bigint): number {
  const low = Number(BigInt.asUintN(32, pc));
  return jumpsAt + ((low / pcStep) & (jumpEntries - 1)) * jumpEntryBytes;
}

export interface LookUpLocals {
  /** i64. */
  readonly pc: number;
  /** i64: the mode, shifted into its place. */
  readonly modeTag: number;
  /** i32: addend of the page that pc is on. */
  readonly addend: number;
  /** i32: becomes the entry's place in the table, in bytes. */
  readonly entry: number;
  /** i32: becomes the value. */
  readonly value: number;
}

/** What decides how code is translated: mode, V, and whether memory is plain. */
export function codeMode(hart: Hart): number {
  const regime = hart.get(at.dataRegime) >>> regimeShift;
  const plain = regime <= bare.below && ((hart.get(at.plainMemory) >>> regime) & 1) === 1;
  return hart.wholeMode | (plain ? plainBit : 0);
}

/** Sets a local to the same, in its place in a tag. `hart`: the local with the address of the hart's state. */
export function emitModeTag(code: Code, local: number, hart: number): void {
  const field = (opcode: number, offset: number): void => {
    code.get(hart);
    code.memory(opcode, offset);
  };
  const shifted = (bit: number): void => {
    code.i64(BigInt(Math.log2(bit)));
    code.op(op.i64Shl);
  };
  field(op.i64Load32U, hartAt.mode);
  field(op.i64Load32U, hartAt.virtual);
  shifted(virtualBit);
  code.op(op.i64Or);
  field(op.i64Load32U, hartAt.plainMemory);
  field(op.i64Load32U, hartAt.dataRegime);
  code.i64(BigInt(regimeShift));
  code.op(op.i64ShrU, op.i64ShrU);
  code.i64(1n);
  code.op(op.i64And);
  field(op.i64Load32U, hartAt.dataRegime);
  code.i64(BigInt(bare.below << regimeShift));
  code.op(op.i64LeU, op.i64ExtendI32U, op.i64And);
  shifted(plainBit);
  code.op(op.i64Or);
  shifted(2 ** modeShift);
  code.set(local);
}

/**
 * Counts a visit to pc. Leaves an i32: not zero if there is a region, whose number is then in `value`. `hot` is emitted
 * where the last visit has been counted.
 */
export function emitLookUp(code: Code, locals: LookUpLocals, hot: () => void): void {
  const { pc, modeTag, addend, entry, value } = locals;
  code.get(pc);
  code.op(op.i32WrapI64);
  code.i32(Math.log2(jumpEntryBytes / pcStep));
  code.op(op.i32Shl);
  code.i32((jumpEntries - 1) * jumpEntryBytes);
  code.op(op.i32And);
  code.tee(entry);
  code.memory(op.i64Load, jumpsAt + jumpAt.tag);
  code.get(pc);
  code.get(modeTag);
  code.op(op.i64Xor, op.i64Eq);
  code.get(entry);
  code.memory(op.i32Load, jumpsAt + jumpAt.addend);
  code.get(addend);
  code.op(op.i32Eq, op.i32And);
  code.if(
    () => {
      code.get(entry);
      code.memory(op.i32Load, jumpsAt + jumpAt.value);
      code.tee(value);
      code.i32(0);
      code.op(op.i32LtS);
      code.if(
        () => code.i32(1),
        () => emitCount(code, locals, hot),
        'i32',
      );
    },
    () => {
      emitBegin(code, locals);
      code.i32(0);
    },
    'i32',
  );
}

function emitCount(code: Code, { entry, value }: LookUpLocals, hot: () => void): void {
  code.get(entry);
  code.get(value);
  code.i32(1);
  code.op(op.i32Sub);
  code.tee(value);
  code.memory(op.i32Store, jumpsAt + jumpAt.value);
  code.get(value);
  code.op(op.i32Eqz);
  code.if(hot);
  code.i32(0);
}

/** The entry is this pc's from now on. */
function emitBegin(code: Code, { pc, modeTag, addend, entry }: LookUpLocals): void {
  code.get(entry);
  code.get(pc);
  code.get(modeTag);
  code.op(op.i64Xor);
  code.memory(op.i64Store, jumpsAt + jumpAt.tag);
  code.get(entry);
  code.get(addend);
  code.memory(op.i32Store, jumpsAt + jumpAt.addend);
  code.get(entry);
  code.i32(0);
  code.memory(op.i32Load, hotAfterAt);
  code.memory(op.i32Store, jumpsAt + jumpAt.value);
}
