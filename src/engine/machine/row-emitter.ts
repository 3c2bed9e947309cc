/** What instruction rows become in the interpreter: fields are shifts of the instruction word, registers are in memory. */
import type { Field } from '../isa/encoding.ts';
import type { Bytes, SourceRegister } from '../isa/expression.ts';
import { type FloatName, type FormatName, floatOperations } from '../isa/float.ts';
import { isFloatRegister, staysInFloatUnit } from '../isa/float-effect.ts';
import { lastRoundingMode } from '../isa/float-format.ts';
import type { Instruction } from '../isa/instruction.ts';
import { instructions } from '../isa/instructions.ts';
import type { helperNames } from '../wasm/arithmetic.ts';
import { Code, type Label, op, type ValueType } from '../wasm/code.ts';
import { type EffectEnvironment, emitInstruction, type SystemAction, systemActions } from '../wasm/effect.ts';
import { indexOfFloat } from '../wasm/float.ts';
import { CodePage } from './code-page.ts';
import { DataMemory } from './data-memory.ts';
import type { DecodeTarget } from './emit-decode.ts';
import type { ProbeLocals } from './emit-probe.ts';
import { emitIsOff, emitResolveMode, emitSetDirty } from './float-state.ts';
import { HartAddress } from './hart-address.ts';
import { emitModeTag } from './jumps.ts';
import { hartAt, labelAt, markersHeardAt } from './layout.ts';
import { floatsStart, floatUnit, helperIndex, type SlowPathName, slowPaths } from './module-functions.ts';
import { emitField, emitScaledField, fieldOrConstant } from './operand-fields.ts';

/** Of each function that is emitted: the address of the hart's state. */
export const hartParameter = 0;

const csrAccesses = ['write', 'set', 'clear'] as const;

const registerBytes = 8;

const inFloatUnit: ReadonlySet<Instruction> = new Set(instructions.filter(({ effect }) => staysInFloatUnit(effect)));

/** Who extends it emits a function around the rows. */
export abstract class RowEmitter implements EffectEnvironment, DecodeTarget {
  readonly code = new Code(1);
  readonly temporaries: EffectEnvironment['temporaries'];
  protected readonly pcLocal = this.code.local('i64');
  protected readonly remaining = this.code.local('i32');
  readonly instruction = this.code.local('i32');
  protected readonly probe: ProbeLocals;
  protected readonly codePage: CodePage;
  private readonly data: DataMemory;
  protected readonly host = this.code.local('i32');
  protected readonly modeTag = this.code.local('i64');
  private readonly rounding = this.code.local('i32');
  private row: Instruction = instructions[0] as Instruction;
  /** Goes on with the next instruction. */
  protected again: Label = { depth: 0 };
  /** The same where code may be jumped to: it may be translated. */
  protected jumped: Label = { depth: 0 };
  /** Takes the state from memory again: the machine has changed it. */
  protected reload: Label = { depth: 0 };

  constructor() {
    const i64 = (): number => this.code.local('i64' satisfies ValueType);
    this.temporaries = { rd: i64(), target: i64(), address: i64(), old: i64() };
    const hart = new HartAddress(this.code, undefined);
    const { address } = this.temporaries;
    this.probe = { hart, entry: this.code.local('i32'), address, dataRegime: i64() };
    this.codePage = new CodePage(this.code, this.probe, this.pcLocal);
    this.data = new DataMemory(this.code, this.probe, {
      host: this.host,
      saveState: () => this.saveState(),
      reloadBudget: () => this.reloadBudget(),
      leave: () => this.code.brIf(this.reload),
    });
  }

  /** After a slow path that came back: it may have spent cycles. */
  protected reloadBudget(): void {
    this.read(op.i32Load, hartAt.remaining, this.remaining);
    this.read(op.i64Load32U, hartAt.dataRegime, this.probe.dataRegime);
  }

  protected read(opcode: number, offset: number, local: number): void {
    this.code.get(hartParameter);
    this.code.memory(opcode, offset);
    this.code.set(local);
  }

  protected saveState(): void {
    const { code } = this;
    code.get(hartParameter);
    code.get(this.pcLocal);
    code.memory(op.i64Store, hartAt.pc);
    code.get(hartParameter);
    code.get(this.remaining);
    code.memory(op.i32Store, hartAt.remaining);
    code.get(hartParameter);
    code.get(this.instruction);
    code.memory(op.i32Store, hartAt.instruction);
  }

  /** Calls a slow path with the state in memory; leaves its i32. */
  private slow(name: SlowPathName, argument: number): void {
    this.saveState();
    this.code.i32(argument);
    this.code.call(slowPaths.indexOf(name));
  }

  /** Rows that another function runs: this one is faster for being small. */
  isElsewhere(row: Instruction): boolean {
    return inFloatUnit.has(row);
  }

  emitElsewhere(row: Instruction): void {
    const { code } = this;
    this.row = row;
    code.get(hartParameter);
    code.get(this.instruction);
    code.memory(op.i32Store, hartAt.instruction);
    code.get(hartParameter);
    code.call(floatUnit);
    code.op(op.i32Eqz);
    code.if(() => this.system('illegal'));
    this.fallThrough();
  }

  emitRow(row: Instruction): void {
    this.row = row;
    emitInstruction(this, row);
  }

  emitIllegal(): void {
    this.system('illegal');
  }

  /** Leaves the address of a register, less the offset that it gives; `file` is where the registers of its kind lie. */
  private registerAddress(source: Field | number, file: number): number {
    const { code } = this;
    code.get(hartParameter);
    if (typeof source === 'number') return file + registerBytes * source;
    emitScaledField(code, this.instruction, source, registerBytes);
    code.op(op.i32Add);
    return file + registerBytes * source.bias;
  }

  register(name: SourceRegister): void {
    const source = fieldOrConstant(this.row, name);
    if (isFloatRegister(name)) return this.code.memory(op.i64Load, this.registerAddress(source, hartAt.floats));
    if (source === 0) return this.code.i64(0n);
    this.code.memory(op.i64Load, this.registerAddress(source, hartAt.registers));
  }

  field(name: string): void {
    const source = fieldOrConstant(this.row, name);
    if (typeof source === 'number') this.code.i64(BigInt(source));
    else emitField(this.code, this.instruction, source);
  }

  pc(): void {
    this.code.get(this.pcLocal);
  }

  next(): void {
    this.code.get(this.pcLocal);
    this.code.i64(BigInt(this.row.encoding.bits / 8));
    this.code.op(op.i64Add);
  }

  memory(): void {
    this.code.get(this.temporaries.old);
  }

  helper(name: (typeof helperNames)[number]): number {
    return helperIndex(name);
  }

  load(bytes: Bytes, signed: boolean, address: () => void): void {
    this.data.load(bytes, signed, address);
  }

  store(bytes: Bytes, address: () => void, value: () => void): void {
    this.data.store(bytes, address, value);
  }

  atomicAddress(bytes: 4 | 8, access: 'lr' | 'store', address: () => void): void {
    this.data.atomicAddress(bytes, access, address);
  }

  readReservation(): void {
    this.code.get(hartParameter);
    this.code.memory(op.i32Load, hartAt.reservation);
  }

  writeReservation(): void {
    const { code } = this;
    code.set(this.host);
    code.get(hartParameter);
    code.get(this.host);
    code.memory(op.i32Store, hartAt.reservation);
  }

  csr(access: (typeof csrAccesses)[number], source: () => void): void {
    const { code } = this;
    code.get(hartParameter);
    source();
    code.memory(op.i64Store, hartAt.value);
    this.slow('csr', csrAccesses.indexOf(access));
    code.op(op.i32Eqz);
    code.brIf(this.reload);
    this.reloadBudget();
    emitModeTag(code, this.modeTag, hartParameter);
    this.codePage.leave();
    code.get(hartParameter);
    code.memory(op.i64Load, hartAt.value);
  }

  label(index: number, value: () => void): void {
    this.code.get(hartParameter);
    value();
    this.code.memory(op.i64Store, labelAt(index));
  }

  markIfHeard(): void {
    this.code.i32(0);
    this.code.memory(op.i32Load, markersHeardAt);
    this.code.if(() => this.system('marker'));
  }

  system(action: SystemAction): void {
    const { code } = this;
    this.slow('system', systemActions.indexOf(action));
    code.op(op.drop);
    code.br(this.reload);
  }

  /** x0 is put back to zero afterwards: cheaper than asking which register it was. */
  writeRd(): void {
    const { code, temporaries } = this;
    const destination = fieldOrConstant(this.row, 'rd');
    if (destination === 0) return code.op(op.drop);
    code.set(temporaries.rd);
    const offset = this.registerAddress(destination, hartAt.registers);
    code.get(temporaries.rd);
    code.memory(op.i64Store, offset);
    if (typeof destination === 'number' || destination.bias > 0 || destination.nonzero) return;
    code.get(hartParameter);
    code.i64(0n);
    code.memory(op.i64Store, hartAt.registers);
  }

  writeFrd(): void {
    const { code, temporaries } = this;
    code.set(temporaries.rd);
    const offset = this.registerAddress(fieldOrConstant(this.row, 'frd'), hartAt.floats);
    code.get(temporaries.rd);
    code.memory(op.i64Store, offset);
    emitSetDirty(code, hartParameter);
  }

  requireFloats(): void {
    emitIsOff(this.code, hartParameter);
    this.code.if(() => this.system('illegal'));
  }

  requireRounding(): void {
    const { code } = this;
    this.field('rm');
    code.op(op.i32WrapI64);
    code.set(this.rounding);
    emitResolveMode(code, hartParameter, this.rounding);
    code.get(this.rounding);
    code.i32(lastRoundingMode);
    code.op(op.i32GtU);
    code.if(() => this.system('illegal'));
  }

  float(format: FormatName, name: FloatName, operands: () => void): void {
    const { code } = this;
    code.get(hartParameter);
    operands();
    if (floatOperations[format][name].rounds) code.get(this.rounding);
    code.call(floatsStart + indexOfFloat(format, name));
  }

  /** Only a jump back, or one from a function to another, may lead to what runs often. */
  jump(): void {
    const { code, temporaries } = this;
    if (this.row.effect.pc?.op === 'and') {
      code.set(this.pcLocal);
      this.retire(this.jumped);
      return;
    }
    code.get(this.pcLocal);
    code.op(op.i64GtU);
    this.emitIsNoCall();
    code.get(temporaries.target);
    code.set(this.pcLocal);
    this.countStep();
    code.brIf(this.again);
    code.br(this.jumped);
  }

  /** Replaces an i32 by 0 if the instruction keeps the place behind it in a register. */
  private emitIsNoCall(): void {
    const { code } = this;
    if (this.row.effect.rd === undefined) return;
    const link = fieldOrConstant(this.row, 'rd');
    if (typeof link === 'number') code.i32(link === 0 ? 1 : 0);
    else {
      emitScaledField(code, this.instruction, link, 1);
      code.op(op.i32Eqz);
    }
    code.op(op.i32And);
  }

  fallThrough(): void {
    this.next();
    this.code.set(this.pcLocal);
    this.retire(this.again);
  }

  private retire(label: Label): void {
    this.countStep();
    this.code.br(label);
  }

  private countStep(): void {
    const { code } = this;
    code.get(this.remaining);
    code.i32(1);
    code.op(op.i32Sub);
    code.set(this.remaining);
  }
}
