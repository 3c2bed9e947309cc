/**
 * Instruction rows in translated code: fields are constants, integer registers are locals, memory is reached through
 * the inline TLB. Whatever the fast way does not answer leaves the region *before* the instruction, which is then
 * interpreted: translated code has no slow paths and takes no traps.
 */
import type { Bytes, SourceRegister } from '../../isa/expression.ts';
import { type FloatName, type FormatName, floatOperations } from '../../isa/float.ts';
import { isFloatRegister } from '../../isa/float-effect.ts';
import { lastRoundingMode } from '../../isa/float-format.ts';
import type { HelperName } from '../../wasm/arithmetic.ts';
import { Code, type Label, op } from '../../wasm/code.ts';
import type { EffectEnvironment } from '../../wasm/effect.ts';
import {
  emitDataProbe,
  emitHostAddress,
  inlineTableOf,
  loadOpcodes,
  type ProbeLocals,
  storeOpcodes,
} from '../emit-probe.ts';
import { emitIsOff, emitResolveMode, emitSetDirty } from '../float-state.ts';
import { csrHeardAt, hartAt } from '../layout.ts';
import type { PlacedInstruction } from './blocks.ts';
import { plainCsr } from './plain-csrs.ts';

/** Functions that translated code may call, by index in the module that it is part of. */
export interface ModuleFunctions {
  helper(name: HelperName): number;
  float(format: FormatName, name: FloatName): number;
}

const registers = 32;
const registerBytes = 8;
const hart = 0;

export class TranslatedCode implements EffectEnvironment {
  readonly code = new Code(1);
  readonly temporaries: EffectEnvironment['temporaries'];
  readonly pcLocal = this.code.local('i64');
  readonly remaining = this.code.local('i32');
  readonly fetchRegime = this.code.local('i64');
  private readonly probe: ProbeLocals;
  private readonly rounding = this.code.local('i32');
  private readonly host = this.code.local('i32');
  /** Locals of integer registers, by number; −1 for those that the region does not touch. */
  private readonly locals = new Array<number>(registers).fill(-1);
  private readonly base: bigint;
  private readonly mode: number;
  private readonly functions: ModuleFunctions;
  /** Leads to where the interpreter takes over. */
  interpret: Label = { depth: 0 };
  private current: PlacedInstruction | undefined;
  /** Instructions that the block has been charged for and that are not done, the current one included. */
  private left = 0;

  constructor(base: bigint, mode: number, functions: ModuleFunctions) {
    const { code } = this;
    this.base = base;
    this.mode = mode;
    this.functions = functions;
    const [rd, target, address, old] = [code.local('i64'), code.local('i64'), code.local('i64'), code.local('i64')];
    this.temporaries = { rd, target, address, old };
    this.probe = { hart, entry: code.local('i32'), address, dataRegime: code.local('i64') };
  }

  /** Loads what the region works with. `touched`: numbers of the integer registers that it reads or writes. */
  enter(touched: Iterable<number>): void {
    const { code } = this;
    for (const register of touched) {
      const local = code.local('i64');
      this.locals[register] = local;
      this.fromState(op.i64Load, hartAt.registers + registerBytes * register, local);
    }
    this.fromState(op.i64Load, hartAt.pc, this.pcLocal);
    this.fromState(op.i32Load, hartAt.remaining, this.remaining);
    this.fromState(op.i64Load32U, hartAt.dataRegime, this.probe.dataRegime);
    this.fromState(op.i64Load32U, hartAt.fetchRegime, this.fetchRegime);
  }

  /** Puts it back. `written`: numbers of the registers that it writes. */
  finish(written: Iterable<number>): void {
    for (const register of written) {
      this.toState(op.i64Store, hartAt.registers + registerBytes * register, this.locals[register] ?? 0);
    }
    this.toState(op.i64Store, hartAt.pc, this.pcLocal);
    this.toState(op.i32Store, hartAt.remaining, this.remaining);
  }

  /** What follows belongs to this instruction, with which `left` instructions of its block are not done. */
  begin(instruction: PlacedInstruction, left: number): void {
    this.current = instruction;
    this.left = left;
  }

  /** An address of the region as a constant. */
  place(at: number): void {
    this.code.i64(this.base + BigInt(at));
  }

  setPc(at: number): void {
    this.place(at);
    this.code.set(this.pcLocal);
  }

  /** Has a place interpreted, and gives back what was charged for instructions that are not done. */
  interpretAt(at: number, refund: number): void {
    const { code } = this;
    this.setPc(at);
    if (refund > 0) {
      code.get(this.remaining);
      code.i32(refund);
      code.op(op.i32Add);
      code.set(this.remaining);
    }
    code.br(this.interpret);
  }

  register(name: SourceRegister): void {
    const { code } = this;
    const number = this.operand(name);
    if (isFloatRegister(name)) {
      code.get(hart);
      code.memory(op.i64Load, hartAt.floats + registerBytes * number);
    } else if (number === 0) code.i64(0n);
    else code.get(this.locals[number] ?? 0);
  }

  field(name: string): void {
    this.code.i64(BigInt(this.operand(name)));
  }

  pc(): void {
    this.place(this.instruction.at);
  }

  next(): void {
    const { at, row } = this.instruction;
    this.place(at + row.encoding.bits / 8);
  }

  memory(): void {
    this.code.get(this.temporaries.old);
  }

  helper(name: HelperName): number {
    return this.functions.helper(name);
  }

  load(bytes: Bytes, signed: boolean, address: () => void): void {
    this.hostAddress('load', bytes, address);
    this.code.memory(loadOpcodes[bytes][signed ? 0 : 1]);
  }

  store(bytes: Bytes, address: () => void, value: () => void): void {
    this.hostAddress('store', bytes, address);
    value();
    this.code.memory(storeOpcodes[bytes]);
  }

  atomicAddress(bytes: 4 | 8, access: 'lr' | 'store', address: () => void): void {
    this.hostAddress(access === 'lr' ? 'load' : 'store', bytes, address);
  }

  readReservation(): void {
    this.code.get(hart);
    this.code.memory(op.i32Load, hartAt.reservation);
  }

  writeReservation(): void {
    this.code.set(this.host);
    this.toState(op.i32Store, hartAt.reservation, this.host);
  }

  /** Only CSRs that are nothing but words: see `plainCsr`. */
  csr(access: 'write' | 'set' | 'clear', source: () => void): void {
    const { code, temporaries } = this;
    const plain = plainCsr(this.operand('csr'), this.mode);
    if (plain === undefined) throw new Error('this CSR is not translated');
    const writes = access === 'write' || (this.instruction.word >>> 15) % 32 !== 0;
    if (writes) this.leaveIfHeard();
    this.fromState(op.i64Load, plain.offset, temporaries.old);
    if (writes) {
      source();
      code.set(temporaries.target);
      code.get(hart);
      this.combined(access);
      code.i64(plain.writes);
      code.op(op.i64And);
      code.get(temporaries.old);
      code.i64(~plain.writes);
      code.op(op.i64And, op.i64Or);
      code.memory(op.i64Store, plain.offset);
    }
    code.get(temporaries.old);
    code.i64(plain.reads);
    code.op(op.i64And);
  }

  /** What the region cannot do after all. */
  system(): void {
    this.leave();
  }

  writeRd(): void {
    const number = this.operand('rd');
    if (number === 0) this.code.op(op.drop);
    else this.code.set(this.locals[number] ?? 0);
  }

  writeFrd(): void {
    const { code, temporaries } = this;
    code.set(temporaries.rd);
    this.toState(op.i64Store, hartAt.floats + registerBytes * this.operand('frd'), temporaries.rd);
    emitSetDirty(code, hart);
  }

  requireFloats(): void {
    emitIsOff(this.code, hart);
    this.code.if(() => this.leave());
  }

  requireRounding(): void {
    const { code } = this;
    code.i32(this.operand('rm'));
    code.set(this.rounding);
    emitResolveMode(code, hart, this.rounding);
    code.get(this.rounding);
    code.i32(lastRoundingMode);
    code.op(op.i32GtU);
    code.if(() => this.leave());
  }

  float(format: FormatName, name: FloatName, operands: () => void): void {
    const { code } = this;
    code.get(hart);
    operands();
    if (floatOperations[format][name].rounds) code.get(this.rounding);
    code.call(this.functions.float(format, name));
  }

  /** A computed jump; the block's end takes it from there. */
  jump(): void {
    this.code.set(this.pcLocal);
  }

  fallThrough(): void {}

  private get instruction(): PlacedInstruction {
    if (this.current === undefined) throw new Error('no instruction has begun');
    return this.current;
  }

  private operand(name: string): number {
    return this.instruction.operands[name] ?? 0;
  }

  /** The current instruction is to be interpreted. */
  private leave(): void {
    this.interpretAt(this.instruction.at, this.left);
  }

  private leaveIfHeard(): void {
    this.code.i32(0);
    this.code.memory(op.i32Load, csrHeardAt);
    this.code.if(() => this.leave());
  }

  /** Leaves what a CSR instruction writes, before the mask of what may be written. */
  private combined(access: 'write' | 'set' | 'clear'): void {
    const { code, temporaries } = this;
    if (access === 'write') return code.get(temporaries.target);
    code.get(temporaries.old);
    code.get(temporaries.target);
    if (access === 'set') return code.op(op.i64Or);
    code.i64(-1n);
    code.op(op.i64Xor, op.i64And);
  }

  private hostAddress(table: keyof typeof inlineTableOf, bytes: Bytes, address: () => void): void {
    const { code, probe } = this;
    address();
    code.set(probe.address);
    emitDataProbe(code, probe, inlineTableOf[table], bytes);
    code.op(op.i32Eqz);
    code.if(() => this.leave());
    emitHostAddress(code, probe, inlineTableOf[table]);
  }

  private fromState(opcode: number, offset: number, local: number): void {
    this.code.get(hart);
    this.code.memory(opcode, offset);
    this.code.set(local);
  }

  private toState(opcode: number, offset: number, local: number): void {
    this.code.get(hart);
    this.code.get(local);
    this.code.memory(opcode, offset);
  }
}
