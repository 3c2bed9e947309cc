/** One board with its hart: wires the parts together and runs them. */
import { stopReasons } from '../events.ts';
import type { Image } from '../image.ts';
import { interruptCode } from '../isa/causes.ts';
import { csrByName, csrRows } from '../isa/csrs.ts';
import { M } from '../isa/privilege.ts';
import type { HartState, MachineState, TlbSlot, Translation } from '../state.ts';
import { Breakpoints } from './breakpoints.ts';
import { Bus } from './bus.ts';
import { defaultCosts } from './costs.ts';
import { CsrFile } from './csr-file.ts';
import { Clint } from './devices/clint.ts';
import { Devices } from './devices/devices.ts';
import { FloatPath } from './float-path.ts';
import { at, Hart } from './hart.ts';
import { InlineTlb } from './inline-tlb.ts';
import { instantiate, newMemory } from './instance.ts';
import type { SlowPathName } from './interpreter.ts';
import { hartAt, pageBytes, storedCsrs } from './layout.ts';
import { loadImage } from './load.ts';
import { MemoryPaths } from './memory-paths.ts';
import { Mmu } from './mmu.ts';
import { Pmp } from './pmp.ts';
import { Recorder } from './recorder.ts';
import { SystemPaths } from './system-paths.ts';
import { Timers } from './timers.ts';
import type { Tlb } from './tlb.ts';
import { interruptToTake, type TrapDetail, takeTrap } from './traps.ts';
import type { BoardConfig, Machine, Stop } from './types.ts';

export const defaultBoard: BoardConfig = {
  ram: 16 * 2 ** 20,
  tlb: { instruction: 16, data: 16 },
  costs: defaultCosts,
};

const machineTimerBit = 2 ** interruptCode('machine-timer');
const otherTimerBits = 2 ** interruptCode('supervisor-timer') + 2 ** interruptCode('virtual-supervisor-timer');

const machineContext = 0;
const supervisorContext = 1;

/** V8 replaces a function by its optimized version only when it is entered anew. */
const longestSlice = 100_000;
/**
 * A step records fewer events than this, even where a fetch and a load over page borders walk two stages each: a slice
 * ends while the ring has room for so many.
 */
const eventsPerStep = 512;

const numbersOf = (...names: string[]): ReadonlySet<number> =>
  new Set(names.flatMap((name) => csrByName(name)?.number ?? []));
const spaceCsrs = numbersOf('satp', 'vsatp', 'hgatp');
const statusCsrs = numbersOf('mstatus', 'sstatus', 'vsstatus');
const timerCsrs = numbersOf('stimecmp', 'vstimecmp', 'htimedelta', 'menvcfg', 'henvcfg');
const firstPmp = csrByName('pmpcfg0')?.number ?? 0;
const lastPmp = csrByName('pmpaddr63')?.number ?? 0;

/** Compiles the interpreter on first use. Throws a `RangeError` for a board that cannot be. */
export async function createMachine(config: BoardConfig = defaultBoard): Promise<Machine> {
  const memory = newMemory(config.ram);
  const board = new Board(config, memory);
  const run = await instantiate(memory, board.slowPaths());
  return board.powerOn(run);
}

class Board implements Machine {
  readonly config: BoardConfig;
  private readonly hart: Hart;
  private readonly bytes: Uint8Array;
  private readonly bus: Bus;
  private readonly clint: Clint;
  private readonly devices: Devices;
  private readonly pmp = new Pmp();
  private readonly recorder = new Recorder();
  private readonly inline: InlineTlb;
  private readonly mmu: Mmu;
  private readonly timers: Timers;
  private readonly csrs: CsrFile;
  private readonly breakpoints: Breakpoints;
  private enter: (hart: number) => void = () => {};
  /** Position at which the present `run` has to end. */
  private limit = 0;
  private stopped: Stop | undefined;
  private lastPending = 0;

  constructor(config: BoardConfig, memory: WebAssembly.Memory) {
    this.config = config;
    this.bytes = new Uint8Array(memory.buffer);
    this.hart = new Hart(memory.buffer, 0, 0);
    const { hart } = this;
    this.clint = new Clint(() => hart.cycle);
    this.devices = new Devices({
      config,
      harts: 1,
      memory: this.bytes,
      cycle: () => hart.cycle,
      written: () => hart.set(at.reservation, 0),
      transmitted: (byte) => this.recorder.transmit(hart, byte),
      finished: (code) => this.stop({ kind: 'exit', code }, code),
      used: (slot, queue, { head }, written) => this.recorder.request(hart, slot, queue, head, written),
    });
    this.bus = new Bus(config.ram, [this.clint, ...this.devices.list]);
    this.inline = new InlineTlb(hart);
    this.mmu = new Mmu({
      hart,
      bus: this.bus,
      pmp: this.pmp,
      inline: this.inline,
      recorder: this.recorder,
      memory: new Uint32Array(memory.buffer),
      sizes: config.tlb,
      onWalk: (references) => {
        hart.charge(references * config.costs.walkReference);
        this.replan(1);
      },
    });
    this.timers = new Timers(hart, this.clint);
    this.csrs = new CsrFile({
      hart,
      clint: this.clint,
      timers: this.timers,
      external: {
        machine: () => this.devices.plic.interrupting(machineContext),
        supervisor: () => this.devices.plic.interrupting(supervisorContext),
      },
    });
    this.breakpoints = new Breakpoints(hart);
  }

  slowPaths(): Record<SlowPathName, (argument: number) => number> {
    const { hart, bus, mmu, inline, recorder, bytes, csrs, config } = this;
    const raise = (code: number, low: number, high: number, detail?: TrapDetail): void =>
      this.trap(code, false, low, high, detail);
    const memory = new MemoryPaths({
      hart,
      bus,
      mmu,
      inline,
      recorder,
      bytes,
      raise,
      afterDevice: () => {
        hart.charge(config.costs.device);
        this.wiresChanged();
      },
      breakpoints: {
        stopsHere: () => this.stopsAtBreakpoint(),
        onPage: (low, high) => this.breakpoints.onPage(low, high),
      },
    });
    const system = new SystemPaths({
      hart,
      csrs,
      bus,
      bytes,
      mmu,
      recorder,
      guest: memory,
      raise,
      afterCsr: (number) => this.csrChanged(number),
      afterReturn: () => {
        inline.enterMode();
        hart.charge(config.costs.return);
        this.replan(0);
      },
      afterFence: () => {
        hart.charge(config.costs.fence);
        this.replan(0);
      },
      wait: () => {
        hart.set(at.waiting, 1);
        hart.remaining = 0;
      },
    });
    const float = new FloatPath(hart);
    return {
      fetch: () => memory.fetch(),
      load: (size) => memory.load(size),
      store: (size) => memory.store(size),
      atomic: (size) => memory.atomic(size),
      csr: (access) => system.csr(access),
      system: (action) => system.system(action),
      float: (operation) => float.compute(operation),
    };
  }

  /** Reset. Privileged Spec 20240411 §3.4. */
  powerOn(run: (hart: number) => void): Machine {
    this.enter = run;
    const { hart } = this;
    for (const row of csrRows) {
      if (row.storage.kind !== 'own') continue;
      const offset = hartAt.csrs + 8 * storedCsrs.indexOf(row.name);
      hart.setPair(offset, Number(row.storage.reset & 0xffff_ffffn), Number(row.storage.reset >> 32n));
    }
    hart.mode = M;
    hart.virtual = 0;
    this.timers.update();
    hart.setPc(0x8000_0000, 0);
    this.inline.enterSpace();
    return this;
  }

  get position(): number {
    return this.hart.position;
  }

  get cycle(): number {
    return this.hart.cycle;
  }

  load(image: Image): void {
    loadImage(image, this.bus, this.bytes);
    this.hart.setPc(Number(image.entry & 0xffff_ffffn), Number(image.entry >> 32n));
  }

  run(steps: number): Stop {
    this.limit = this.hart.position + steps;
    this.breakpoints.resume();
    this.stopped = undefined;
    while (this.stopped === undefined) {
      if (this.hart.position >= this.limit) return { kind: 'limit' };
      if (this.recorder.room < eventsPerStep) return { kind: 'limit' };
      if (this.settle()) this.runSlice();
    }
    this.hart.remaining = 0;
    return this.stopped;
  }

  input(bytes: Uint8Array, slot?: number): void {
    this.devices.input(bytes, slot);
    this.devices.updateLines();
  }

  output(slot?: number): Uint8Array {
    return this.devices.output(slot);
  }

  takeEvents(): ReturnType<Recorder['take']> {
    return this.recorder.take();
  }

  listen(kinds: Parameters<Recorder['listen']>[0]): void {
    this.recorder.listen(kinds);
  }

  setBreakpoints(addresses: readonly bigint[]): void {
    this.breakpoints.set(addresses);
    this.inline.flush();
  }

  state(): MachineState {
    const { hart } = this;
    const harts: HartState[] = [
      {
        pc: wide(hart.pcLow, hart.pcHigh),
        mode: hart.wholeMode,
        registers: Array.from({ length: 32 }, (_, index) => wide(hart.registerLow(index), hart.registerHigh(index))),
        floats: Array.from({ length: 32 }, (_, index) => wide(...hart.pair(at.floats + 8 * index))),
        csrs: Object.fromEntries(csrRows.map((row) => [row.name, wide(...this.csrs.read(row.number))])),
        waiting: hart.get(at.waiting) === 1,
      },
    ];
    const tlb = { instruction: slotsOf(this.mmu.instruction), data: slotsOf(this.mmu.data) };
    return { position: hart.position, cycle: hart.cycle, harts, tlb };
  }

  readMemory(physical: number, bytes: number): Uint8Array | undefined {
    if (!this.bus.inMemory(physical, bytes)) return undefined;
    const start = this.bus.host(physical);
    return this.bytes.slice(start, start + bytes);
  }

  setRegister(register: number | 'pc', value: bigint): void {
    const { hart } = this;
    const low = Number(value & 0xffff_ffffn);
    const high = Number((value >> 32n) & 0xffff_ffffn);
    if (register === 'pc') hart.setPc(low, high);
    else if (register > 0 && register < 32) hart.setPair(at.registers + 8 * register, low, high);
  }

  writeMemory(physical: number, bytes: Uint8Array): boolean {
    if (!this.bus.inRam(physical, bytes.length)) return false;
    this.bytes.set(bytes, this.bus.host(physical));
    this.hart.set(at.reservation, 0);
    return true;
  }

  translate(va: bigint): Translation {
    return this.mmu.inspect(va);
  }

  private runSlice(): void {
    this.plan();
    this.enter(this.hart.base);
  }

  /** How far emitted code may run: to the limit, and to a timer. */
  private plan(): void {
    const { hart } = this;
    const toTimer = this.deadline - hart.cycle;
    hart.remaining = Math.max(1, Math.min(this.limit - hart.position, longestSlice, toTimer));
  }

  /**
   * Brings interrupt lines up to date; takes an interrupt, wakes a waiting hart, or lets time pass until one can.
   * Gives whether nothing of that happened, so that instructions may run.
   */
  private settle(): boolean {
    const { hart } = this;
    hart.remaining = 0;
    this.devices.advance();
    const mip = this.updatePending();
    if (hart.get(at.waiting) === 1) {
      if ((mip & hart.get(at.mie)) === 0) {
        this.idle();
        return false;
      }
      hart.set(at.waiting, 0);
    }
    const code = interruptToTake(hart, mip);
    if (code >= 0) this.trap(code, true, 0, 0);
    return code < 0;
  }

  /** The next cycle at which something happens by itself; Infinity for never. */
  private get deadline(): number {
    const machineTimer = this.clint.timerPending ? Number.POSITIVE_INFINITY : this.clint.deadline;
    return Math.min(machineTimer, this.timers.deadline, this.devices.deadline);
  }

  /** Nothing runs until the timer, or until a device is done: time jumps there. */
  private idle(): void {
    const { hart, clint, timers } = this;
    const machineTimer = (hart.get(at.mie) & machineTimerBit) !== 0 ? clint.deadline : Number.POSITIVE_INFINITY;
    const guestTimers = (hart.get(at.mie) & otherTimerBits) !== 0 ? timers.deadline : Number.POSITIVE_INFINITY;
    const timer = Math.min(machineTimer, guestTimers);
    if (this.devices.deadline < timer) return this.sleep();
    if (Number.isFinite(timer)) {
      hart.charge(Math.max(0, timer - hart.cycle));
      return;
    }
    const inputWakes = (hart.get(at.mie) & 0xa00) !== 0 && this.devices.listens;
    this.stopped = inputWakes ? { kind: 'waiting' } : { kind: 'deadlock' };
    this.recorder.stop(hart, stopReasons.indexOf(this.stopped.kind === 'waiting' ? 'waiting' : 'deadlock'), 0);
  }

  /** Jumps to what a device does next. It counts as a step, so that a run ends even if devices never do. */
  private sleep(): void {
    const { hart } = this;
    hart.charge(Math.max(0, this.devices.deadline - hart.cycle - 1));
    hart.countStep();
  }

  private trap(code: number, interrupt: boolean, low: number, high: number, detail?: TrapDetail): void {
    takeTrap(this.hart, this.recorder, code, interrupt, [low, high], detail);
    this.inline.enterMode();
    this.hart.charge(this.config.costs.trap);
    this.replan(0);
  }

  /**
   * Ends the slice early if a timer or an interrupt is due by then, or the event ring is nearly full. `own`: 1 while the instruction that runs has yet
   * to be counted, 0 once it has been: an interrupt that a return lets in is taken before the next instruction.
   */
  private replan(own: 0 | 1): void {
    const { hart } = this;
    if (hart.remaining <= own) return;
    const toTimer = this.deadline - hart.cycle;
    const due = interruptToTake(hart, this.csrs.pending()) >= 0;
    const stops = due || this.recorder.room < 2 * eventsPerStep;
    const most = stops ? own : Math.max(own, Math.min(toTimer, hart.remaining));
    if (most < hart.remaining) hart.remaining = most;
  }

  private csrChanged(number: number): void {
    if (spaceCsrs.has(number)) this.inline.enterSpace();
    else if (statusCsrs.has(number)) this.inline.enterStatus();
    else if (timerCsrs.has(number)) this.timers.update();
    else if (number >= firstPmp && number <= lastPmp) {
      this.pmp.update(this.hart);
      this.inline.flush();
    }
    this.replan(1);
  }

  /** A device was reached: its interrupt line may have moved, or the timer. */
  private wiresChanged(): void {
    this.updatePending();
    this.replan(1);
  }

  private updatePending(): number {
    this.devices.updateLines();
    const mip = this.csrs.pending();
    if (mip !== this.lastPending) this.recorder.pending(this.hart, mip);
    this.lastPending = mip;
    return mip;
  }

  private stop(stop: Stop, code: number): void {
    this.stopped = stop;
    this.recorder.stop(this.hart, stopReasons.indexOf('exit'), code);
    this.hart.remaining = 1;
  }

  private stopsAtBreakpoint(): boolean {
    if (!this.breakpoints.stopsHere()) return false;
    this.stopped = { kind: 'breakpoint', pc: wide(this.hart.pcLow, this.hart.pcHigh) };
    this.hart.remaining = 0;
    return true;
  }
}

const wide = (low: number, high: number): bigint => (BigInt(high) << 32n) | BigInt(low);

const slotsOf = (tlb: Tlb): TlbSlot[] =>
  tlb.entries().map(({ slot, vpn, ppn, asid, flags, level }) => ({
    slot,
    va: BigInt(vpn) * BigInt(pageBytes),
    pa: BigInt(ppn) * BigInt(pageBytes),
    level,
    asid,
    flags,
  }));
