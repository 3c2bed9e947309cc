/** The slow paths of CSR accesses, traps by instruction, returns, fences and waiting. */
import { exceptionCode } from '../isa/causes.ts';
import { csrByName } from '../isa/csrs.ts';
import type { Primitive } from '../isa/instruction.ts';
import { decode, lengthOf } from '../isa/instructions.ts';
import { firstMarker } from '../isa/markers.ts';
import { M, S, U, VS, VU } from '../isa/privilege.ts';
import { type SystemAction, systemActions } from '../wasm/effect.ts';
import { actorBit } from './actor.ts';
import { type CacheBlockOperation, type CacheBlockParts, mayUseCacheBlocks, operateOnBlock } from './cache-blocks.ts';
import { judgeAccess, type Verdict } from './csr-access.ts';
import type { CsrFile } from './csr-file.ts';
import { csrTable } from './csr-table.ts';
import { fenceGuests, fenceVma } from './fences.ts';
import { at } from './hart.ts';
import type { MemoryPaths } from './memory-paths.ts';
import { detailOf } from './mmu.ts';
import type { Recorder } from './recorder.ts';
import { hypervisorStatus, status } from './status.ts';
import { returnFromTrap, type TrapDetail } from './traps.ts';

const illegal = exceptionCode('illegal-instruction');
const breakpoint = exceptionCode('breakpoint');
const sstatus = csrByName('sstatus')?.number ?? 0;
const virtualInstruction = exceptionCode('virtual-instruction');
const ecallByMode: Readonly<Record<number, number>> = {
  [U]: exceptionCode('ecall-u'),
  [VU]: exceptionCode('ecall-u'),
  [S]: exceptionCode('ecall-s'),
  [VS]: exceptionCode('ecall-vs'),
  [M]: exceptionCode('ecall-m'),
};

const trapped = 0;
const done = 1;
const fullLength = 4;
/** rs1, or the immediate in its place, and rd. */
const sourceField = 31 << 15;
const destinationField = 31 << 7;
/** All but rd and rs1. */
const operationFields = ~(sourceField | destinationField);

export interface SystemParts extends CacheBlockParts {
  readonly csrs: CsrFile;
  /** The board has the instructions of `isa/quirk.ts`. */
  readonly quirk: boolean;
  readonly recorder: Recorder;
  readonly memory: Pick<MemoryPaths, 'guestLoad' | 'guestStore' | 'zeroed'>;
  readonly raise: (code: number, tvalLow: number, tvalHigh: number, detail?: TrapDetail) => void;
  /** After a write to this CSR. */
  readonly afterCsr: (number: number) => void;
  /** After a return: the mode has changed. */
  readonly afterReturn: () => void;
  readonly afterFence: () => void;
  /** After `wfi`: the hart waits. */
  readonly wait: () => void;
}

export class SystemPaths {
  private readonly parts: SystemParts;
  /** By the numbers that emitted code knows them by. */
  private readonly actions: readonly (() => void)[];
  private readonly guestAccesses = new Map<number, Primitive | undefined>();

  constructor(parts: SystemParts) {
    this.parts = parts;
    const byName = this.makeActions();
    this.actions = systemActions.map((name) => byName[name]);
  }

  system(action: number): number {
    this.actions[action]?.();
    return trapped;
  }

  /** `access`: 0 write, 1 set, 2 clear. The source is in `value`, and the old value replaces it there. */
  csr(access: number): number {
    const { hart } = this.parts;
    const instruction = hart.get(at.instruction);
    const asked = instruction >>> 20;
    const writes = access === 0 || (instruction & sourceField) !== 0;
    if (!this.permitted(judgeAccess(hart, asked, writes))) return trapped;
    const number = hart.virtual ? inGuest(asked) : asked;
    if (writes) this.update(access, number, asked);
    else this.parts.csrs.load(number);
    return done;
  }

  /** Without a destination and a listener nobody wants to know what the CSR held before a plain write. */
  private update(access: number, number: number, asked: number): void {
    const { hart, csrs, recorder, afterCsr } = this.parts;
    const sourceLow = hart.get(at.value);
    const sourceHigh = hart.get(at.value + 4);
    const plain = access === 0 && (hart.get(at.instruction) & destinationField) === 0 && !recorder.hears.csr;
    if (!plain) csrs.load(number);
    const oldLow = hart.get(at.value);
    const oldHigh = hart.get(at.value + 4);
    const low = access === 0 ? sourceLow : combine(access, csrs.forUpdate(number, oldLow), sourceLow);
    csrs.write(number, low, combine(access, oldHigh, sourceHigh), asked !== number);
    if (recorder.hears.csr) recorder.csr(hart, number, [oldLow, oldHigh], csrs.read(number));
    hart.setPair(at.value, oldLow, oldHigh);
    afterCsr(number);
  }

  private makeActions(): Readonly<Record<SystemAction, () => void>> {
    const { hart, raise, quirk } = this.parts;
    const ofBoard: Verdict = quirk ? 'allowed' : 'illegal';
    return {
      illegal: () => this.illegal(),
      ecall: () => raise(ecallByMode[hart.wholeMode] ?? illegal, 0, 0),
      ebreak: () => raise(breakpoint, hart.pcLow, hart.pcHigh),
      mret: () => this.return('mret', hart.mode === M ? 'allowed' : 'illegal'),
      sret: () => this.return('sret', this.supervisorMay(status.TSR, hypervisorStatus.VTSR)),
      wfi: () => this.wait(),
      'fence.i': () => this.fenced(),
      'sfence.vma': () => this.fenceOwn(),
      'hfence.vvma': () => this.fenceVma(this.hypervisorMay(), true),
      'hfence.gvma': () => this.fenceGuests(),
      'gh.readstatus': () => this.readStatus(ofBoard),
      'gh.writestatus': () => this.writeStatus(ofBoard),
      marker: () => this.mark(),
      hlv: () => this.accessGuest(),
      hsv: () => this.accessGuest(),
      // Without reordering, invalidations may be done at once, and the fences around them have nothing to do.
      'sinval.vma': () => this.fenceOwn(),
      'sfence.w.inval': () => this.fencedIf(this.supervisorMay(0, 0)),
      'sfence.inval.ir': () => this.fencedIf(this.supervisorMay(0, 0)),
      'cbo.inval': () => this.cacheBlock('cbo.inval'),
      'cbo.clean': () => this.cacheBlock('cbo.clean'),
      'cbo.flush': () => this.cacheBlock('cbo.flush'),
      'cbo.zero': () => this.cacheBlock('cbo.zero'),
    };
  }

  private illegal(): void {
    this.parts.raise(illegal, this.bits(), 0);
  }

  /** The instruction that runs, as `tval` shows it. */
  private bits(): number {
    const word = this.parts.hart.get(at.instruction);
    return lengthOf(word) === fullLength ? word : word & 0xffff;
  }

  /** What HS-mode might do, but a guest may not: its hypervisor decides. §18.6.1. */
  private virtual(): void {
    this.parts.raise(virtualInstruction, this.bits(), 0);
  }

  /** Raises what the verdict says, if it is not that the instruction may go on. */
  private permitted(verdict: Verdict): boolean {
    if (verdict === 'illegal') this.illegal();
    else if (verdict === 'virtual') this.virtual();
    return verdict === 'allowed';
  }

  private statusHas(bit: number): boolean {
    return (this.parts.hart.get(at.mstatus) & bit) !== 0;
  }

  private guestHas(bit: number): boolean {
    return (this.parts.hart.get(at.hstatus) & bit) !== 0;
  }

  /**
   * An instruction of the supervisor: illegal in U-mode, and in S-mode if `trap` is set; in a guest a virtual-instruction
   * exception in VU-mode, and in VS-mode if `guestTrap` is set.
   */
  private supervisorMay(trap: number, guestTrap: number): Verdict {
    const { mode, virtual } = this.parts.hart;
    if (mode === M) return 'allowed';
    if (virtual) return mode === U || this.guestHas(guestTrap) ? 'virtual' : 'allowed';
    return mode === U || this.statusHas(trap) ? 'illegal' : 'allowed';
  }

  private hypervisorMay(): Verdict {
    const { mode, virtual } = this.parts.hart;
    if (virtual) return 'virtual';
    return mode === U ? 'illegal' : 'allowed';
  }

  /** TVM covers the second stage's fence as it covers `hgatp`. §3.1.6.5. */
  private mayFenceGuests(): Verdict {
    const { mode } = this.parts.hart;
    return mode === S && !this.parts.hart.virtual && this.statusHas(status.TVM) ? 'illegal' : this.hypervisorMay();
  }

  /** §3.1.6.6: TW comes first, for guests as well. */
  private mayWait(): Verdict {
    if (this.parts.hart.mode !== M && this.statusHas(status.TW)) return 'illegal';
    return this.supervisorMay(0, hypervisorStatus.VTW);
  }

  private return(by: 'mret' | 'sret', verdict: Verdict): void {
    const { hart, recorder, afterReturn } = this.parts;
    if (!this.permitted(verdict)) return;
    returnFromTrap(hart, recorder, by);
    afterReturn();
  }

  private wait(): void {
    if (!this.permitted(this.mayWait())) return;
    this.parts.hart.retire(fullLength);
    this.parts.wait();
  }

  private fenced(): void {
    this.parts.hart.retire(fullLength);
    this.parts.afterFence();
  }

  private fencedIf(verdict: Verdict): void {
    if (this.permitted(verdict)) this.fenced();
  }

  private cacheBlock(operation: CacheBlockOperation): void {
    const { hart, raise } = this.parts;
    if (!this.permitted(mayUseCacheBlocks(hart, operation))) return;
    const rs1 = (hart.get(at.instruction) >>> 15) & 31;
    const [low, high] = [hart.registerLow(rs1), hart.registerHigh(rs1)];
    const fault = operateOnBlock(this.parts, operation, low, high);
    if (fault !== undefined) raise(fault.cause, low, high, detailOf(fault, 0));
  }

  private fenceOwn(): void {
    this.fenceVma(this.supervisorMay(status.TVM, hypervisorStatus.VTVM), false);
  }

  private fenceVma(verdict: Verdict, ofGuest: boolean): void {
    if (!this.permitted(verdict)) return;
    fenceVma(this.parts, ofGuest);
    this.fenced();
  }

  private fenceGuests(): void {
    if (!this.permitted(this.mayFenceGuests())) return;
    fenceGuests(this.parts);
    this.fenced();
  }

  private mark(): void {
    const { hart, recorder } = this.parts;
    const instruction = hart.get(at.instruction);
    const rs1 = (instruction >>> 15) & 31;
    recorder.marker(hart, (instruction >>> 20) - firstMarker, hart.registerLow(rs1), hart.registerHigh(rs1));
    hart.retire(fullLength);
  }

  /** Not RISC-V: `sstatus` in any mode, `vsstatus` in a guest. */
  private readStatus(verdict: Verdict): void {
    if (!this.permitted(verdict)) return;
    const { hart, csrs } = this.parts;
    const [low, high] = csrs.read(hart.virtual ? inGuest(sstatus) : sstatus);
    hart.setRegister((hart.get(at.instruction) >>> 7) & 31, low, high);
    hart.retire(fullLength);
  }

  /** Not RISC-V: in U-mode, and VU-mode, nothing happens. */
  private writeStatus(verdict: Verdict): void {
    if (!this.permitted(verdict)) return;
    const { hart, csrs, afterCsr } = this.parts;
    if (hart.mode !== U) {
      const rs1 = (hart.get(at.instruction) >>> 15) & 31;
      const number = hart.virtual ? inGuest(sstatus) : sstatus;
      csrs.write(number, hart.registerLow(rs1), hart.registerHigh(rs1), false);
      afterCsr(number);
    }
    hart.retire(fullLength);
  }

  /** Hypervisor loads and stores act in the guest's mode before its last trap. HU opens them to U-mode. §18.3.1. */
  private accessGuest(): void {
    const { hart, memory } = this.parts;
    const inUserMode = hart.mode === U && !hart.virtual && this.guestHas(hypervisorStatus.HU);
    if (!this.permitted(inUserMode ? 'allowed' : this.hypervisorMay())) return;
    const does = this.guestAccess(hart.get(at.instruction) & operationFields);
    const mode = this.guestHas(hypervisorStatus.SPVP) ? S : U;
    if (does?.kind === 'hlv') memory.guestLoad(does, actorInGuest(mode, does.executable));
    else if (does?.kind === 'hsv') memory.guestStore(does, actorInGuest(mode, false));
  }

  /** What a hypervisor load or store does; kept, as there are few of them. */
  private guestAccess(operation: number): Primitive | undefined {
    if (!this.guestAccesses.has(operation)) this.guestAccesses.set(operation, decode(operation)?.row.effect.does);
    return this.guestAccesses.get(operation);
  }
}

const actorInGuest = (mode: number, executable: boolean): number =>
  mode | actorBit.virtual | (executable ? actorBit.executable : 0);

const inGuest = (number: number): number => csrTable[number]?.inGuest ?? number;

/** A word of what is written. */
function combine(access: number, old: number, source: number): number {
  if (access === 0) return source;
  return (access === 1 ? old | source : old & ~source) >>> 0;
}
