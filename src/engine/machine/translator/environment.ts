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
import { HartAddress } from '../hart-address.ts';
import { plainBit } from '../jumps.ts';
import { csrHeardAt, hartAt, labelAt, markersHeardAt } from '../layout.ts';
import { accessesOf, accessOf, rangeAhead, readFirst, writtenBy } from './accesses.ts';
import type { Block, PlacedInstruction } from './blocks.ts';
import { type PageAccess, PageCache, pageKey } from './pages.ts';
import type { PathState } from './path-state.ts';
import { plainCsr } from './plain-csrs.ts';
import { PlainMemory } from './plain-memory.ts';
import { floatRegister, RegisterCache } from './registers.ts';

/** Functions that translated code may call, by index in the module that it is part of. */
export interface ModuleFunctions {
  helper(name: HelperName): number;
  float(format: FormatName, name: FloatName): number;
}

/** What is the same for all code of a board. */
export interface KnownBoard {
  /** The address of the hart's state, if there is but one. */
  readonly hart: number | undefined;
  /** Bytes of RAM. */
  readonly ram: number;
}

const hart = 0;

export class TranslatedCode implements EffectEnvironment {
  readonly code = new Code(1);
  readonly temporaries: EffectEnvironment['temporaries'];
  readonly hart: HartAddress;
  readonly registers: RegisterCache;
  readonly pcLocal = this.code.local('i64');
  readonly remaining = this.code.local('i32');
  private readonly pages: PageCache;
  /** Where all of RAM is open. */
  private readonly plain: PlainMemory | undefined;
  private readonly probe: ProbeLocals;
  private readonly rounding = this.code.local('i32');
  private readonly host = this.code.local('i32');
  private readonly base: bigint;
  private readonly mode: number;
  private readonly functions: ModuleFunctions;
  /** Leads to where the interpreter takes over. */
  interpret: Label = { depth: 0 };
  private current: PlacedInstruction | undefined;
  private rest: readonly PlacedInstruction[] = [];
  private floats: PathState['floats'] = 'unknown';
  private uncounted = 0;

  constructor(base: bigint, mode: number, functions: ModuleFunctions, known: KnownBoard) {
    const { code } = this;
    this.base = base;
    this.mode = mode;
    this.functions = functions;
    this.hart = new HartAddress(code, known.hart);
    this.registers = new RegisterCache(code, this.hart);
    const [rd, target, address, old] = [code.local('i64'), code.local('i64'), code.local('i64'), code.local('i64')];
    this.temporaries = { rd, target, address, old };
    this.probe = { hart: this.hart, entry: code.local('i32'), address, dataRegime: code.local('i64') };
    this.pages = new PageCache(code, this.probe);
    this.plain = mode & plainBit ? new PlainMemory(code, known.ram) : undefined;
  }

  get state(): PathState {
    const { floats, uncounted } = this;
    const { held, unsaved } = this.registers;
    const pages = new Set(this.pages.held);
    const ranges = new Map(this.plain?.ranges);
    return { held: new Set(held), unsaved: new Set(unsaved), pages, ranges, floats, uncounted };
  }

  /** Goes on where a path had come to. */
  set state({ held, unsaved, pages, ranges, floats, uncounted }: PathState) {
    this.registers.held = new Set(held);
    this.registers.unsaved = new Set(unsaved);
    this.pages.held = new Set(pages);
    if (this.plain !== undefined) this.plain.ranges = new Map(ranges);
    this.floats = floats;
    this.uncounted = uncounted;
  }

  /** By local; those that are named nowhere are left out. */
  get localNames(): readonly string[] {
    const { temporaries, pcLocal, remaining, probe, registers } = this;
    const names: string[] = [];
    for (const [name, local] of Object.entries(temporaries)) names[local] = name;
    names[hart] = 'hart';
    names[pcLocal] = 'pc';
    names[remaining] = 'remaining';
    names[probe.entry] = 'entry';
    names[probe.dataRegime] = 'regime';
    for (const [local, name] of registers.names) names[local] = name;
    return names;
  }

  /** Loads what holds in all of the region. */
  enter(): void {
    this.fromState(op.i64Load, hartAt.pc, this.pcLocal);
    this.fromState(op.i32Load, hartAt.remaining, this.remaining);
    this.fromState(op.i64Load32U, hartAt.dataRegime, this.probe.dataRegime);
  }

  finish(): void {
    this.toState(op.i64Store, hartAt.pc, this.pcLocal);
    this.toState(op.i32Store, hartAt.remaining, this.remaining);
  }

  /** What follows belongs to this instruction; `rest`: those behind it in its block. */
  begin(instruction: PlacedInstruction, rest: readonly PlacedInstruction[]): void {
    this.current = instruction;
    this.rest = rest;
  }

  /** A loop begins with these blocks, or with others beside: has in locals what they are going to need. */
  prepare(blocks: readonly Block[], isAll: boolean): void {
    const { registers, plain } = this;
    const changed = new Set(blocks.flatMap(({ instructions }) => instructions.map(writtenBy)));
    for (const base of [...(plain?.ranges.keys() ?? [])]) if (!isAll || changed.has(base)) plain?.forget(base);
    for (const block of blocks) {
      for (const register of readFirst(block)) registers.hold(register);
      if (plain !== undefined) continue;
      for (const { kind, base } of accessesOf(block)) this.pages.prepare(pageKey(base, kind));
    }
  }

  /** It is done. */
  end(): void {
    this.uncounted++;
  }

  /** An address of the region as a constant. */
  place(at: number): void {
    this.code.i64(this.base + BigInt(at));
  }

  setPc(at: number): void {
    this.place(at);
    this.code.set(this.pcLocal);
  }

  /** Counts what is done on this path, for somebody who knows nothing of it. */
  emitCount(): void {
    const { code, uncounted, remaining } = this;
    if (uncounted === 0) return;
    code.get(remaining);
    code.i32(uncounted);
    code.op(op.i32Sub);
    code.set(remaining);
  }

  /** Saves and counts, and lets the path go on with that known. */
  settle(): void {
    this.registers.save();
    this.emitCount();
    this.uncounted = 0;
  }

  /** Has a place interpreted; this path may go on beside. */
  interpretAt(at: number): void {
    this.registers.emitSave();
    this.emitCount();
    this.setPc(at);
    this.code.br(this.interpret);
  }

  /** Leaves before what follows if it takes more instructions than are left. */
  check(at: number, asked: number): void {
    const { code } = this;
    code.get(this.remaining);
    code.i32(asked + this.uncounted);
    code.op(op.i32LtS);
    code.if(() => this.interpretAt(at));
  }

  register(name: SourceRegister): void {
    const number = this.operand(name);
    if (isFloatRegister(name)) this.registers.read(floatRegister(number));
    else this.pushRegister(number);
  }

  private pushRegister(number: number): void {
    if (number === 0) this.code.i64(0n);
    else this.registers.read(number);
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
    const offset = this.hostAddress('load', bytes, address);
    this.code.memory(loadOpcodes[bytes][signed ? 0 : 1], offset);
  }

  store(bytes: Bytes, address: () => void, value: () => void): void {
    const offset = this.hostAddress('store', bytes, address);
    value();
    this.code.memory(storeOpcodes[bytes], offset);
  }

  atomicAddress(bytes: 4 | 8, access: 'lr' | 'store', address: () => void): void {
    const { code, probe } = this;
    const table = inlineTableOf[access === 'lr' ? 'load' : 'store'];
    address();
    code.set(probe.address);
    emitDataProbe(code, probe, table, bytes);
    code.op(op.i32Eqz);
    code.if(() => this.leave());
    emitHostAddress(code, probe, table);
  }

  readReservation(): void {
    this.hart.load(op.i32Load, hartAt.reservation);
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
    if (writes) this.leaveIfHeard(csrHeardAt);
    this.fromState(op.i64Load, plain.offset, temporaries.old);
    if (writes) {
      source();
      code.set(temporaries.target);
      this.hart.store(op.i64Store, plain.offset, () => {
        this.combined(access);
        code.i64(plain.writes);
        code.op(op.i64And);
        code.get(temporaries.old);
        code.i64(~plain.writes);
        code.op(op.i64And, op.i64Or);
      });
    }
    code.get(temporaries.old);
    code.i64(plain.reads);
    code.op(op.i64And);
  }

  label(index: number, value: () => void): void {
    this.hart.store(op.i64Store, labelAt(index), value);
  }

  markIfHeard(): void {
    this.leaveIfHeard(markersHeardAt);
  }

  /** What the region cannot do after all. */
  system(): void {
    this.leave();
  }

  writeRd(): void {
    const number = this.operand('rd');
    if (number === 0) this.code.op(op.drop);
    else {
      this.registers.write(number);
      this.plain?.forget(number);
    }
  }

  writeFrd(): void {
    this.registers.write(floatRegister(this.operand('frd')));
    if (this.floats !== 'dirty') emitSetDirty(this.code, hart);
    this.floats = 'dirty';
  }

  /** Nothing in a region turns the unit off. */
  requireFloats(): void {
    if (this.floats !== 'unknown') return;
    emitIsOff(this.code, hart);
    this.code.if(() => this.leave());
    this.floats = 'on';
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
    this.interpretAt(this.instruction.at);
  }

  /** `flag`: where it lies in memory. */
  private leaveIfHeard(flag: number): void {
    this.code.i32(0);
    this.code.memory(op.i32Load, flag);
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

  /** Leaves the host address, less an offset that it gives. */
  private hostAddress(kind: PageAccess, bytes: Bytes, address: () => void): number {
    const access = accessOf(this.instruction);
    const miss = (): void => this.leave();
    if (this.plain !== undefined && access !== undefined) {
      return this.plain.hostAddress(access, rangeAhead(access, this.rest), () => this.pushRegister(access.base), miss);
    }
    address();
    this.code.set(this.probe.address);
    this.pages.hostAddress(pageKey(access?.base ?? 0, kind), kind, bytes, miss);
    return 0;
  }

  private fromState(opcode: number, offset: number, local: number): void {
    this.hart.load(opcode, offset);
    this.code.set(local);
  }

  private toState(opcode: number, offset: number, local: number): void {
    this.hart.store(opcode, offset, () => this.code.get(local));
  }
}
