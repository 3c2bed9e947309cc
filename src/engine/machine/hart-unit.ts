/** One hart with what belongs to it alone: translation, protection, CSRs, and the slow paths of its instructions. */
import { interruptCode } from '../isa/causes.ts';
import { csrRows } from '../isa/csrs.ts';
import { M, S } from '../isa/privilege.ts';
import type { Breakpoints } from './breakpoints.ts';
import { type Bus, ramBase } from './bus.ts';
import { CsrFile } from './csr-file.ts';
import { byCsrNumber, csrNumber } from './csr-table.ts';
import type { Clint, ClintWires } from './devices/clint.ts';
import type { Plic } from './devices/plic.ts';
import { at, Hart } from './hart.ts';
import { HartPaths, type SlowPaths } from './hart-paths.ts';
import { bare, InlineTlb } from './inline-tlb.ts';
import { csrAt, hartBytes } from './layout.ts';
import { Mmu } from './mmu.ts';
import { Pmp } from './pmp.ts';
import type { Recorder } from './recorder.ts';
import { Timers } from './timers.ts';
import { interruptToTake, type TrapDetail, takeTrap } from './traps.ts';
import type { BoardConfig, Stop } from './types.ts';
import type { Watches } from './watches.ts';

type Consequence = 'space' | 'status' | 'timers' | 'pending' | 'protection';
const csrsOf = (consequence: Consequence, ...names: readonly string[]): [number, Consequence][] =>
  names.map((name) => [csrNumber(name), consequence]);
const protection = csrRows.flatMap(({ name }) => (/^pmp(cfg|addr)/.test(name) ? name : []));

/** What has to be brought up to date when a CSR was written. */
const consequences = byCsrNumber<Consequence, 'none'>(
  [
    ...csrsOf('space', 'satp', 'vsatp', 'hgatp'),
    ...csrsOf('status', 'mstatus', 'sstatus', 'vsstatus'),
    ...csrsOf('timers', 'stimecmp', 'vstimecmp', 'htimedelta', 'menvcfg', 'henvcfg'),
    ...csrsOf('pending', 'mip', 'sip', 'hip', 'hvip', 'vsip'),
    ...csrsOf('protection', ...protection),
  ],
  'none',
);

const quietUntil = at.quietUntil / 8;
const machineTimerBit = 2 ** interruptCode('machine-timer');
const otherTimerBits = 2 ** interruptCode('supervisor-timer') + 2 ** interruptCode('virtual-supervisor-timer');
const externalBits = 2 ** interruptCode('machine-external') + 2 ** interruptCode('supervisor-external');

export interface HartParts {
  readonly config: BoardConfig;
  readonly memory: ArrayBuffer;
  readonly bus: Bus;
  readonly clint: Clint;
  readonly plic: Plic;
  readonly recorder: Recorder;
  readonly breakpoints: Breakpoints;
  readonly watches: Watches;
  /** The cycle by which emitted code has to come back, whatever happens on the hart. */
  readonly horizon: () => number;
  /** After an access to a device: interrupt lines may have moved. */
  readonly wiresChanged: () => void;
  /** Ends the run; the instruction that the hart is at completes first, unless it has yet to begin. */
  readonly stop: (stop: Stop) => void;
}

export class HartUnit {
  readonly hart: Hart;
  readonly mmu: Mmu;
  readonly csrs: CsrFile;
  readonly inline: InlineTlb;
  /** What emitted code calls on behalf of this hart. */
  readonly slowPaths: SlowPaths;
  /** All pending interrupts, as they were found last; also what the last `pending` event said. */
  lastPending = 0;
  /**
   * The cycle at which something becomes due by itself: a timer, a device, the end of the turn. Until then nothing but
   * an access to a device or to certain CSRs changes what is pending, and each of these sets it to 0, to be found anew.
   */
  get quietUntil(): number {
    return this.hart.f64[quietUntil] ?? 0;
  }

  set quietUntil(cycle: number) {
    this.hart.f64[quietUntil] = cycle;
  }

  private readonly parts: HartParts;
  private readonly pmp: Pmp;
  private readonly clint: ClintWires;
  private readonly timers: Timers;

  constructor(id: number, parts: HartParts) {
    this.parts = parts;
    this.hart = new Hart(parts.memory, id * hartBytes, id);
    const { recorder, config } = parts;
    this.pmp = new Pmp(this.hart, config.ram);
    const { hart, pmp } = this;
    this.clint = parts.clint.wires(id);
    this.inline = new InlineTlb(hart);
    this.mmu = new Mmu({
      hart,
      pmp,
      inline: this.inline,
      recorder,
      memory: new Uint32Array(parts.memory),
      sizes: config.tlb,
    });
    this.timers = new Timers(hart, this.clint);
    this.csrs = new CsrFile({
      hart,
      clint: this.clint,
      timers: this.timers,
      external: {
        machine: () => parts.plic.interrupting(2 * id),
        supervisor: () => parts.plic.interrupting(2 * id + 1),
      },
    });
    this.slowPaths = new HartPaths(this, this.pmp, parts).slowPaths();
  }

  /** Privileged Spec 20240411 §3.4. */
  reset(): void {
    const { hart } = this;
    for (const { name, storage } of csrRows) {
      if (storage.kind !== 'own') continue;
      hart.setPair(csrAt(name), Number(storage.reset & 0xffff_ffffn), Number(storage.reset >> 32n));
    }
    hart.mode = M;
    hart.virtual = 0;
    this.timers.update();
    this.quietUntil = 0;
    hart.setPc(ramBase, 0);
    this.inline.enterSpace();
    this.findPlainMemory();
  }

  /** To be called when protection or watches have changed: in which regimes nothing stands before RAM. */
  findPlainMemory(): void {
    const { hart, pmp, parts } = this;
    const open = (mode: number): boolean => !parts.watches.onLoads && pmp.open(mode, ramBase, parts.config.ram);
    hart.set(at.plainMemory, (open(M) ? 1 << bare.machine : 0) | (open(S) ? 1 << bare.below : 0));
  }

  /** After the state was replaced: brings up to date what follows from it. */
  restored(): void {
    this.hart.findGuestStatus();
    this.pmp.update();
    this.findPlainMemory();
    this.timers.update();
    this.quietUntil = 0;
    this.inline.flush();
    this.inline.enterSpace();
    this.inline.enterStatus();
  }

  get waiting(): boolean {
    return this.hart.get(at.waiting) === 1;
  }

  /** In `wfi`, with nothing that would end it. */
  get asleep(): boolean {
    return this.waiting && (this.csrs.pending() & this.hart.get(at.mie)) === 0;
  }

  /** Whether an external interrupt would wake it. */
  get hearsDevices(): boolean {
    return (this.hart.get(at.mie) & externalBits) !== 0;
  }

  /** The next cycle at which a timer of this hart would end a `wfi`; Infinity for never. */
  get alarm(): number {
    const { cycle } = this.hart;
    const enabled = this.hart.get(at.mie);
    const machineTimer = enabled & machineTimerBit ? this.machineTimerAfter(cycle) : Number.POSITIVE_INFINITY;
    const otherTimers = enabled & otherTimerBits ? this.timers.deadlineAfter(cycle) : Number.POSITIVE_INFINITY;
    return Math.min(machineTimer, otherTimers);
  }

  /** Finds out what is pending, and until when that holds; records it when it is something else than before. */
  updatePending(): number {
    const mip = this.csrs.pending();
    if (mip !== this.lastPending) this.parts.recorder.pending(this.hart, mip);
    this.lastPending = mip;
    const { cycle } = this.hart;
    const timers = Math.min(this.machineTimerAfter(cycle), this.timers.deadlineAfter(cycle));
    this.quietUntil = Math.min(timers, this.parts.horizon());
    return mip;
  }

  trap(code: number, interrupt: boolean, low: number, high: number, detail?: TrapDetail): void {
    takeTrap(this.hart, this.parts.recorder, code, interrupt, low, high, detail);
    this.inline.enterMode();
    this.hart.charge(this.parts.config.costs.trap);
    this.replan(0);
  }

  /**
   * Ends the slice early if its time or an interrupt is due by then, or the event ring is nearly full. `own`: 1 while
   * the instruction that runs has yet to be counted, 0 once it has been: an interrupt that a return lets in is taken at
   * once.
   */
  replan(own: 0 | 1): void {
    const { hart } = this;
    const { cycle, remaining } = hart;
    const mip = cycle < this.quietUntil ? this.lastPending : this.updatePending();
    if (remaining <= own) return;
    const left = this.quietUntil - cycle;
    const code = interruptToTake(hart, mip);
    const { nearlyFull } = this.parts.recorder;
    // Between two steps, with time left, nobody else has anything to do first.
    if (code >= 0 && own === 0 && !nearlyFull && left > 0) return this.trap(code, true, 0, 0);
    if (code >= 0 || nearlyFull) hart.remaining = own;
    else if (left < remaining) hart.remaining = Math.max(own, left);
  }

  private machineTimerAfter(cycle: number): number {
    const { deadline } = this.clint;
    return deadline > cycle ? deadline : Number.POSITIVE_INFINITY;
  }

  /** To be called after a write to a CSR. */
  csrChanged(number: number): void {
    const consequence = consequences[number];
    if (consequence === 'space') this.inline.enterSpace();
    else if (consequence === 'status') this.inline.enterStatus();
    else if (consequence === 'timers') this.timers.update();
    else if (consequence === 'protection') {
      this.pmp.update();
      this.findPlainMemory();
      this.inline.flush();
    }
    if (consequence === 'timers' || consequence === 'pending') this.quietUntil = 0;
    this.replan(1);
  }
}
