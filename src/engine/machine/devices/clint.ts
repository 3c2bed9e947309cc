/** Core-local interruptor: a timer and a software interrupt for each hart, at the addresses of the SiFive CLINT. */
import type { Device } from '../bus.ts';
import { memoryMap } from '../memory-map.ts';
import type { Stateful } from '../stateful.ts';

/** `cycle` runs at 1 GHz and `mtime` at 10 MHz. */
const cyclesPerTick = 100;

const two32 = 2 ** 32;
const softwareAt = 0;
const compareAt = 0x4000;
const timeAt = 0xbff8;

export interface ClintState {
  /** For each hart two words, low first. */
  readonly compare: Uint32Array;
  readonly software: Uint32Array;
  readonly offset: number;
}

export class Clint implements Device, Stateful<ClintState> {
  readonly name = 'clint';
  readonly base = memoryMap.clint.base;
  readonly size = memoryMap.clint.size;
  readonly changes = { read: 'nothing', write: 'pending' } as const;
  /** At reset the timers are as far away as can be. */
  private readonly compare: Uint32Array;
  private readonly software: Uint32Array;
  /** Ticks that were added by writes to mtime. */
  private offset = 0;
  private readonly cycle: () => number;

  /** `cycle`: of the hart that reaches the registers. */
  constructor(harts: number, cycle: () => number) {
    this.compare = new Uint32Array(2 * harts).fill(0xffff_ffff);
    this.software = new Uint32Array(harts);
    this.cycle = cycle;
  }

  wires(hart: number): ClintWires {
    return new ClintWires(this, hart);
  }

  timeAt(cycle: number): number {
    return Math.floor(cycle / cyclesPerTick) + this.offset;
  }

  compareOf(hart: number): number {
    return (this.compare[2 * hart + 1] ?? 0) * two32 + (this.compare[2 * hart] ?? 0);
  }

  softwareOf(hart: number): boolean {
    return this.software[hart] === 1;
  }

  /** The cycle at which the timer interrupt of a hart will be pending; Infinity where that lies beyond 2⁵³. */
  deadlineOf(hart: number): number {
    return this.cycleAt(this.compareOf(hart));
  }

  /** The cycle at which `mtime` will read so many ticks; Infinity where that lies beyond 2⁵³. */
  cycleAt(ticks: number): number {
    const cycle = (ticks - this.offset) * cyclesPerTick;
    return cycle > Number.MAX_SAFE_INTEGER ? Number.POSITIVE_INFINITY : cycle;
  }

  save(): ClintState {
    return { compare: this.compare.slice(), software: this.software.slice(), offset: this.offset };
  }

  load(state: ClintState): void {
    this.compare.set(state.compare);
    this.software.set(state.software);
    this.offset = state.offset;
  }

  read(offset: number, bytes: 1 | 2 | 4): number | undefined {
    const word = this.readWord(offset & ~3);
    const shifted = word >>> (8 * (offset & 3));
    return bytes === 4 ? shifted : shifted & (2 ** (8 * bytes) - 1);
  }

  write(offset: number, bytes: 1 | 2 | 4, value: number): boolean {
    if (bytes !== 4) return false;
    const compare = (offset - compareAt) / 4;
    const software = (offset - softwareAt) / 4;
    if (compare >= 0 && compare < this.compare.length) this.compare[compare] = value;
    else if (software < this.software.length) this.software[software] = value & 1;
    else if (offset === timeAt) this.setTime(Math.floor(this.now / two32) * two32 + (value >>> 0));
    else if (offset === timeAt + 4) this.setTime((value >>> 0) * two32 + (this.now % two32));
    return true;
  }

  private get now(): number {
    return this.timeAt(this.cycle());
  }

  private readWord(offset: number): number {
    // As integers: a remainder of doubles takes longer than all the rest.
    if (offset === timeAt) return this.now >>> 0;
    if (offset === timeAt + 4) return (this.now / two32) >>> 0;
    return this.compare[(offset - compareAt) / 4] ?? this.software[(offset - softwareAt) / 4] ?? 0;
  }

  private setTime(ticks: number): void {
    this.offset += ticks - this.now;
  }
}

/** What one hart sees of the CLINT. Its own clock says what time it is there. */
export class ClintWires {
  private readonly clint: Clint;
  private readonly hart: number;

  constructor(clint: Clint, hart: number) {
    this.clint = clint;
    this.hart = hart;
  }

  timeAt(cycle: number): number {
    return this.clint.timeAt(cycle);
  }

  timerDue(time: number): boolean {
    return time >= this.clint.compareOf(this.hart);
  }

  get softwarePending(): boolean {
    return this.clint.softwareOf(this.hart);
  }

  get deadline(): number {
    return this.clint.deadlineOf(this.hart);
  }

  cycleAt(ticks: number): number {
    return this.clint.cycleAt(ticks);
  }
}
