/** Loads, stores and atomics as the interpreter emits them: by the inline TLB, or else by a procedure of `translation/`. */
import type { Bytes } from '../isa/expression.ts';
import { type Code, op } from '../wasm/code.ts';
import { emitDataProbe, emitHostAddress, loadOpcodes, type ProbeLocals, storeOpcodes } from './emit-probe.ts';
import { hartAt } from './layout.ts';
import { type ProcedureName, procedureIndex } from './module-functions.ts';

const hartParameter = 0;

/** What goes on around a procedure, which may take a trap and spend cycles. */
export interface Caller {
  /** Local, i32. */
  readonly host: number;
  saveState(): void;
  reloadBudget(): void;
  /** Takes an i32 off the stack; leaves the instruction if it is not zero. */
  leave(): void;
}

export class DataMemory {
  private readonly code: Code;
  private readonly probe: ProbeLocals;
  private readonly caller: Caller;

  constructor(code: Code, probe: ProbeLocals, caller: Caller) {
    this.code = code;
    this.probe = probe;
    this.caller = caller;
  }

  load(bytes: Bytes, signed: boolean, address: () => void): void {
    address();
    this.code.set(this.probe.address);
    this.hostAddress(hartAt.inlineLoad, bytes, 'load', () => {});
    this.code.memory(loadOpcodes[bytes][signed ? 0 : 1]);
  }

  /** A device wants the value before: where it took it, there is a place to which it may be stored in vain. */
  store(bytes: Bytes, address: () => void, value: () => void): void {
    const { code } = this;
    address();
    code.set(this.probe.address);
    this.hostAddress(hartAt.inlineStore, bytes, 'store', () => {
      code.get(hartParameter);
      value();
      code.memory(op.i64Store, hartAt.value);
    });
    value();
    code.memory(storeOpcodes[bytes]);
  }

  atomicAddress(bytes: 4 | 8, access: 'lr' | 'store', address: () => void): void {
    address();
    this.code.set(this.probe.address);
    const table = access === 'lr' ? hartAt.inlineLoad : hartAt.inlineStore;
    this.hostAddress(table, bytes, access === 'lr' ? 'loadReserved' : 'exchange', () => {});
  }

  private storeAddress(): void {
    const { code, probe } = this;
    code.get(hartParameter);
    code.get(probe.address);
    code.memory(op.i64Store, hartAt.address);
  }

  /** Leaves the host address for `probe.address`, by the table or by a procedure; leaves on a trap. */
  private hostAddress(table: number, bytes: Bytes, procedure: ProcedureName, prepare: () => void): void {
    const { code } = this;
    emitDataProbe(code, this.probe, table, bytes);
    code.if(
      () => emitHostAddress(code, this.probe, table),
      () => {
        prepare();
        this.storeAddress();
        this.caller.saveState();
        code.get(hartParameter);
        code.i32(bytes);
        code.get(hartParameter);
        code.memory(op.i32Load, hartAt.dataActor);
        code.call(procedureIndex(procedure));
        code.tee(this.caller.host);
        code.op(op.i32Eqz);
        this.caller.leave();
        this.caller.reloadBudget();
        code.get(this.caller.host);
      },
      'i32',
    );
  }
}
