/** The slow paths of CSR accesses, traps by instruction, returns, fences and waiting. */
import type { fenceScopes } from '../events.ts';
import { exceptionCode } from '../isa/causes.ts';
import { csrByName } from '../isa/csrs.ts';
import { decode, lengthOf } from '../isa/instructions.ts';
import { M, S, U, VS, VU } from '../isa/privilege.ts';
import { type SystemAction, systemActions } from '../wasm/effect.ts';
import { type CacheBlockOperation, type CacheBlockParts, mayUseCacheBlocks, operateOnBlock } from './cache-blocks.ts';
import type { CsrFile, Verdict } from './csr-file.ts';
import { at } from './hart.ts';
import type { MemoryPaths } from './memory-paths.ts';
import { detailOf } from './mmu.ts';
import type { Recorder } from './recorder.ts';
import { hypervisorStatus, status } from './status.ts';
import { type Pair, returnFromTrap, type TrapDetail } from './traps.ts';
import { vpnOf } from './walk.ts';

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

export interface SystemParts extends CacheBlockParts {
  readonly csrs: CsrFile;
  /** The board has the instructions of `isa/quirk.ts`. */
  readonly quirk: boolean;
  readonly recorder: Recorder;
  readonly guest: Pick<MemoryPaths, 'guestLoad' | 'guestStore'>;
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
  private readonly actions: Record<SystemAction, () => void>;

  constructor(parts: SystemParts) {
    this.parts = parts;
    const { hart } = parts;
    const quirk: Verdict = parts.quirk ? 'allowed' : 'illegal';
    this.actions = {
      illegal: () => this.illegal(),
      ecall: () => parts.raise(ecallByMode[hart.wholeMode] ?? illegal, 0, 0),
      ebreak: () => parts.raise(breakpoint, hart.pcLow, hart.pcHigh),
      mret: () => this.return('mret'),
      sret: () => this.return('sret'),
      wfi: () => this.judged(this.mayWait(), () => this.wait()),
      'fence.i': () => this.fenced(),
      'sfence.vma': () => this.fenceOwn(),
      'hfence.vvma': () => this.judged(this.hypervisorMay(), () => this.fenceVma(true)),
      'hfence.gvma': () => this.judged(this.mayFenceGuests(), () => this.fenceGuests()),
      'gh.readstatus': () => this.judged(quirk, () => this.readStatus()),
      'gh.writestatus': () => this.judged(quirk, () => this.writeStatus()),
      hlv: () => this.accessGuest(),
      hsv: () => this.accessGuest(),
      // Without reordering, invalidations may be done at once, and the fences around them have nothing to do.
      'sinval.vma': () => this.fenceOwn(),
      'sfence.w.inval': () => this.judged(this.supervisorMay(0, 0), () => this.fenced()),
      'sfence.inval.ir': () => this.judged(this.supervisorMay(0, 0), () => this.fenced()),
      'cbo.inval': () => this.cacheBlock('cbo.inval'),
      'cbo.clean': () => this.cacheBlock('cbo.clean'),
      'cbo.flush': () => this.cacheBlock('cbo.flush'),
      'cbo.zero': () => this.cacheBlock('cbo.zero'),
    };
  }

  system(action: number): number {
    const name = systemActions[action] ?? 'illegal';
    this.actions[name]();
    return trapped;
  }

  /** `access`: 0 write, 1 set, 2 clear. The source is in `value`, and the old value replaces it there. */
  csr(access: number): number {
    const { hart, csrs, recorder, afterCsr } = this.parts;
    const instruction = hart.get(at.instruction);
    const asked = instruction >>> 20;
    const sourceField = (instruction >>> 15) & 31;
    const destination = (instruction >>> 7) & 31;
    const writes = access === 0 || sourceField !== 0;
    const verdict = csrs.judge(asked, writes);
    if (verdict !== 'allowed') {
      this.judged(verdict, () => {});
      return trapped;
    }
    const number = csrs.redirected(asked);
    const sourceLow = hart.get(at.value);
    const sourceHigh = hart.get(at.value + 4);
    if (access !== 0 || destination !== 0 || recorder.hears('csr')) csrs.load(number);
    if (!writes) return done;
    const oldLow = hart.get(at.value);
    const oldHigh = hart.get(at.value + 4);
    const low = combine(access, csrs.forUpdate(number, oldLow), sourceLow);
    csrs.write(number, low, combine(access, oldHigh, sourceHigh), asked !== number);
    if (recorder.hears('csr')) recorder.csr(hart, number, [oldLow, oldHigh], csrs.read(number));
    hart.setPair(at.value, oldLow, oldHigh);
    afterCsr(number);
    return done;
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

  /** Carries out the instruction, or raises what the verdict says. */
  private judged(verdict: Verdict, action: () => void): void {
    if (verdict === 'illegal') this.illegal();
    else if (verdict === 'virtual') this.virtual();
    else action();
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

  private return(by: 'mret' | 'sret'): void {
    const { hart, recorder, afterReturn } = this.parts;
    const machineOnly: Verdict = hart.mode === M ? 'allowed' : 'illegal';
    const verdict = by === 'mret' ? machineOnly : this.supervisorMay(status.TSR, hypervisorStatus.VTSR);
    this.judged(verdict, () => {
      returnFromTrap(hart, recorder, by);
      afterReturn();
    });
  }

  private wait(): void {
    this.parts.hart.retire(fullLength);
    this.parts.wait();
  }

  private fenced(): void {
    this.parts.hart.retire(fullLength);
    this.parts.afterFence();
  }

  private cacheBlock(operation: CacheBlockOperation): void {
    const { hart, raise } = this.parts;
    this.judged(mayUseCacheBlocks(hart, operation), () => {
      const rs1 = (hart.get(at.instruction) >>> 15) & 31;
      const [low, high] = [hart.registerLow(rs1), hart.registerHigh(rs1)];
      const fault = operateOnBlock(this.parts, operation, low, high);
      if (fault !== undefined) raise(fault.cause, low, high, detailOf(fault, 0));
    });
  }

  /** The fence's operands: undefined where it is x0, which stands for all. */
  private fenceOperands(): { readonly va: Pair | undefined; readonly space: number | undefined } {
    const { hart } = this.parts;
    const instruction = hart.get(at.instruction);
    const rs1 = (instruction >>> 15) & 31;
    const rs2 = (instruction >>> 20) & 31;
    return {
      va: rs1 === 0 ? undefined : [hart.registerLow(rs1), hart.registerHigh(rs1)],
      space: rs2 === 0 ? undefined : hart.registerLow(rs2),
    };
  }

  private fenceOwn(): void {
    this.judged(this.supervisorMay(status.TVM, hypervisorStatus.VTVM), () => this.fenceVma(false));
  }

  /** `sfence.vma` in a guest is a fence over the guest's own tables. */
  private fenceVma(guest: boolean): void {
    const { hart, mmu } = this.parts;
    const { va, space } = this.fenceOperands();
    const asid = space === undefined ? undefined : space & 0xffff;
    const range = { vpn: va === undefined ? undefined : vpnOf(...va), asid };
    const removed = guest || hart.virtual ? mmu.fenceGuest(range) : mmu.fence(range);
    this.afterFence(guest ? 'hfence.vvma' : 'sfence.vma', va, asid, removed);
  }

  private fenceGuests(): void {
    const { va, space } = this.fenceOperands();
    const vmid = space === undefined ? undefined : space & 0x3fff;
    this.afterFence('hfence.gvma', va, vmid, this.parts.mmu.fenceHost(vmid));
  }

  private afterFence(
    scope: (typeof fenceScopes)[number],
    va: Pair | undefined,
    space: number | undefined,
    removed: number,
  ): void {
    const { hart, recorder } = this.parts;
    const [low, high] = va ?? [0, 0];
    recorder.fence(hart, scope, va !== undefined, space !== undefined, space ?? 0, removed, low, high);
    this.fenced();
  }

  /** Not RISC-V: `sstatus` in any mode, `vsstatus` in a guest. */
  private readStatus(): void {
    const { hart, csrs } = this.parts;
    const [low, high] = csrs.read(csrs.redirected(sstatus));
    hart.setRegister((hart.get(at.instruction) >>> 7) & 31, low, high);
    hart.retire(fullLength);
  }

  /** Not RISC-V: in U-mode, and VU-mode, nothing happens. */
  private writeStatus(): void {
    const { hart, csrs, afterCsr } = this.parts;
    if (hart.mode !== U) {
      const rs1 = (hart.get(at.instruction) >>> 15) & 31;
      const number = csrs.redirected(sstatus);
      csrs.write(number, hart.registerLow(rs1), hart.registerHigh(rs1), false);
      afterCsr(number);
    }
    hart.retire(fullLength);
  }

  /** Hypervisor loads and stores act in the guest's mode before its last trap. HU opens them to U-mode. §18.3.1. */
  private accessGuest(): void {
    const { hart, guest } = this.parts;
    const inUserMode = hart.mode === U && !hart.virtual && this.guestHas(hypervisorStatus.HU);
    const does = decode(hart.get(at.instruction))?.row.effect.does;
    this.judged(inUserMode ? 'allowed' : this.hypervisorMay(), () => {
      const mode = this.guestHas(hypervisorStatus.SPVP) ? S : U;
      if (does?.kind === 'hlv') guest.guestLoad(does, { mode, virtual: true, executable: does.executable });
      else if (does?.kind === 'hsv') guest.guestStore(does, { mode, virtual: true, executable: false });
    });
  }
}

/** A word of what is written. */
function combine(access: number, old: number, source: number): number {
  if (access === 0) return source;
  return (access === 1 ? old | source : old & ~source) >>> 0;
}
