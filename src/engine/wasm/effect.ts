/**
 * Effect of an instruction row → wasm. The order is what makes assignments simultaneous and faults precede writes:
 * compute everything, store, then write `rd` and `pc`. Every target is even, and with C that is all it has to be.
 */
import type { Bytes, Expr } from '../isa/expression.ts';
import { rounds, usesFloats } from '../isa/float-effect.ts';
import type { Effect, Instruction, Primitive, Store } from '../isa/instruction.ts';
import { op } from './code.ts';
import { emitExpr, type OperandEnvironment } from './expression.ts';

/** What the machine does outside of the emitted code: these retire or trap by themselves and choose the next pc. */
export const systemActions = [
  'illegal',
  'ecall',
  'ebreak',
  'mret',
  'sret',
  'wfi',
  'fence.i',
  'sfence.vma',
  'hlv',
  'hsv',
  'hfence.vvma',
  'hfence.gvma',
  'gh.readstatus',
  'gh.writestatus',
  'marker',
  'sinval.vma',
  'sfence.w.inval',
  'sfence.inval.ir',
  'cbo.inval',
  'cbo.clean',
  'cbo.flush',
  'cbo.zero',
] as const;
export type SystemAction = (typeof systemActions)[number];

export interface EffectEnvironment extends OperandEnvironment {
  /** i64 locals for values on their way. */
  readonly temporaries: {
    readonly rd: number;
    readonly target: number;
    readonly address: number;
    readonly old: number;
  };
  /** Takes an i64 off the stack. */
  writeRd(): void;
  /** Takes an i64 off the stack; the floating-point state is dirty from here on. */
  writeFrd(): void;
  /** The instruction is illegal while `mstatus.FS` is Off. */
  requireFloats(): void;
  /** Finds the rounding mode for the operations that follow; the instruction is illegal if that is a reserved one. */
  requireRounding(): void;
  /** Takes the next pc off the stack; the instruction is done. */
  jump(): void;
  /** The instruction is done, and the one after it follows. */
  fallThrough(): void;
  /** Stores a value; does not come back here if it faults. */
  store(bytes: Bytes, address: () => void, value: () => void): void;
  /** Leaves the host address of an aligned word of RAM on the stack, for an atomic access; or faults. */
  atomicAddress(bytes: 4 | 8, access: 'lr' | 'store', address: () => void): void;
  /** The host address that LR left, or 0: an i32 in the hart's state. */
  readReservation(): void;
  /** Takes an i32 off the stack. */
  writeReservation(): void;
  /** Has the machine access a CSR with the source value in place; leaves the old value, or faults. */
  csr(access: 'write' | 'set' | 'clear', source: () => void): void;
  /** Keeps the value as the last one of a trace marker's label. */
  label(index: number, value: () => void): void;
  /** Hands the instruction to the machine if somebody listens to markers. */
  markIfHeard(): void;
  /** Hands the instruction to the machine, for good. */
  system(action: SystemAction): void;
}

export function emitInstruction(env: EffectEnvironment, row: Instruction): void {
  const { effect } = row;
  if (usesFloats(effect)) env.requireFloats();
  if (rounds(effect)) env.requireRounding();
  if (effect.does !== undefined) return emitPrimitive(env, effect.does);
  emitAssignments(env, effect);
}

function emitAssignments(env: EffectEnvironment, effect: Effect): void {
  const { code, temporaries } = env;
  if (effect.pc !== undefined) {
    emitExpr(env, effect.pc);
    code.set(temporaries.target);
  }
  const result = effect.rd ?? effect.frd;
  if (result !== undefined) {
    emitExpr(env, result);
    code.set(temporaries.rd);
  }
  if (effect.store !== undefined) emitStore(env, effect.store);
  if (effect.rd !== undefined) {
    code.get(temporaries.rd);
    env.writeRd();
  }
  if (effect.frd !== undefined) {
    code.get(temporaries.rd);
    env.writeFrd();
  }
  if (effect.pc === undefined) return env.fallThrough();
  code.get(temporaries.target);
  env.jump();
}

function emitStore(env: EffectEnvironment, { bytes, address, value }: Store): void {
  env.store(
    bytes,
    () => emitExpr(env, address),
    () => emitExpr(env, value),
  );
}

const loadOpcodes = { 4: op.i64Load32S, 8: op.i64Load } as const;
const storeOpcodes = { 4: op.i64Store32, 8: op.i64Store } as const;
const addressOfAtomic: Expr = { op: 'register', name: 'rs1' };

function emitPrimitive(env: EffectEnvironment, does: Primitive): void {
  const { code } = env;
  switch (does.kind) {
    case 'amo':
      return emitAmo(env, does.bytes, does.combine);
    case 'lr':
      return emitLoadReserved(env, does.bytes);
    case 'sc':
      return emitStoreConditional(env, does.bytes);
    case 'csr':
      env.csr(does.access, () => emitExpr(env, does.source));
      code.set(env.temporaries.rd);
      code.get(env.temporaries.rd);
      env.writeRd();
      return env.fallThrough();
    case 'fence':
      return env.fallThrough();
    case 'marker':
      env.label(does.label, () => emitExpr(env, does.value));
      env.markIfHeard();
      return env.fallThrough();
    default:
      return env.system(does.kind);
  }
}

function emitAtomicAddress(env: EffectEnvironment, bytes: 4 | 8, access: 'lr' | 'store'): number {
  const host = env.code.local('i32');
  env.atomicAddress(bytes, access, () => emitExpr(env, addressOfAtomic));
  env.code.set(host);
  return host;
}

function emitAmo(env: EffectEnvironment, bytes: 4 | 8, combine: Expr): void {
  const { code, temporaries } = env;
  const host = emitAtomicAddress(env, bytes, 'store');
  code.get(host);
  code.memory(loadOpcodes[bytes]);
  code.set(temporaries.old);
  code.get(host);
  emitExpr(env, combine);
  code.memory(storeOpcodes[bytes]);
  code.get(temporaries.old);
  env.writeRd();
  env.fallThrough();
}

function emitLoadReserved(env: EffectEnvironment, bytes: 4 | 8): void {
  const { code } = env;
  const host = emitAtomicAddress(env, bytes, 'lr');
  code.get(host);
  env.writeReservation();
  code.get(host);
  code.memory(loadOpcodes[bytes]);
  env.writeRd();
  env.fallThrough();
}

/** Translation and its faults come first, whether the reservation stands or not; any SC gives the reservation up. */
function emitStoreConditional(env: EffectEnvironment, bytes: 4 | 8): void {
  const { code, temporaries } = env;
  const host = emitAtomicAddress(env, bytes, 'store');
  env.register('rs2');
  code.set(temporaries.old);
  env.readReservation();
  code.get(host);
  code.op(op.i32Eq);
  code.if(
    () => {
      code.get(host);
      code.get(temporaries.old);
      code.memory(storeOpcodes[bytes]);
      code.i64(0n);
    },
    () => code.i64(1n),
    'i64',
  );
  env.writeRd();
  code.i32(0);
  env.writeReservation();
  env.fallThrough();
}
