/** Core-local interruptor: timer and software interrupts, at the addresses of the SiFive CLINT. */
import type { Device } from '../bus.ts';
import { memoryMap } from '../memory-map.ts';
import type { Stateful } from '../stateful.ts';

/** `cycle` runs at 1 GHz and `mtime` at 10 MHz. */
export const cyclesPerTick = 100;

const two32 = 2 ** 32;
const softwareAt = 0;
const compareAt = 0x4000;
const timeAt = 0xbff8;

export interface ClintState {
  readonly compare: readonly number[];
  readonly software: number;
  readonly offset: number;
}

export class Clint implements Device, Stateful<ClintState> {
  readonly name = 'clint';
  readonly base = memoryMap.clint.base;
  readonly size = memoryMap.clint.size;
  /** As two words, low first: at reset the timer is as far away as can be. */
  private compare = [0xffff_ffff, 0xffff_ffff];
  private software = 0;
  /** Ticks that were added by writes to mtime. */
  private offset = 0;
  private readonly cycle: () => number;

  constructor(cycle: () => number) {
    this.cycle = cycle;
  }

  get time(): number {
    return Math.floor(this.cycle() / cyclesPerTick) + this.offset;
  }

  get timerPending(): boolean {
    return this.time >= this.compareTicks;
  }

  get softwarePending(): boolean {
    return this.software === 1;
  }

  /** The cycle at which the timer interrupt will be pending; Infinity where that lies beyond 2⁵³. */
  get deadline(): number {
    return this.cycleAt(this.compareTicks);
  }

  /** The cycle at which `mtime` will read so many ticks; Infinity where that lies beyond 2⁵³. */
  cycleAt(ticks: number): number {
    const cycle = (ticks - this.offset) * cyclesPerTick;
    return cycle > Number.MAX_SAFE_INTEGER ? Number.POSITIVE_INFINITY : cycle;
  }

  save(): ClintState {
    return { compare: [...this.compare], software: this.software, offset: this.offset };
  }

  load(state: ClintState): void {
    this.compare = [...state.compare];
    this.software = state.software;
    this.offset = state.offset;
  }

  private get compareTicks(): number {
    return (this.compare[1] ?? 0) * two32 + (this.compare[0] ?? 0);
  }

  read(offset: number, bytes: 1 | 2 | 4): number | undefined {
    const word = this.readWord(offset & ~3);
    if (word === undefined) return undefined;
    const shifted = word >>> (8 * (offset & 3));
    return bytes === 4 ? shifted : shifted & (2 ** (8 * bytes) - 1);
  }

  write(offset: number, bytes: 1 | 2 | 4, value: number): boolean {
    if (bytes !== 4) return false;
    if (offset === softwareAt) this.software = value & 1;
    else if (offset === compareAt) this.compare[0] = value >>> 0;
    else if (offset === compareAt + 4) this.compare[1] = value >>> 0;
    else if (offset === timeAt) this.setTime(Math.floor(this.time / two32) * two32 + (value >>> 0));
    else if (offset === timeAt + 4) this.setTime((value >>> 0) * two32 + (this.time % two32));
    return true;
  }

  private readWord(offset: number): number | undefined {
    if (offset === softwareAt) return this.software;
    if (offset === compareAt) return this.compare[0];
    if (offset === compareAt + 4) return this.compare[1];
    if (offset === timeAt) return this.time % two32;
    if (offset === timeAt + 4) return Math.floor(this.time / two32) % two32;
    return 0;
  }

  private setTime(ticks: number): void {
    this.offset += ticks - this.time;
  }
}
