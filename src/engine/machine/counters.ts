/**
 * `mcycle` and `minstret`: what the hart counts, moved by what was written. Privileged Spec 20240411 §3.1.10, §3.1.12.
 * The offset of a counter is its value less the count; while `mcountinhibit` stops it, its value alone.
 */
import { at, type Hart, two32 } from './hart.ts';

export interface Counter {
  readonly offset: number;
  /** In `mcountinhibit`. */
  readonly bit: number;
  readonly counted: (hart: Hart) => number;
}
export const cycles: Counter = { offset: at.cycleOffset, bit: 1, counted: (hart) => hart.cycle };
export const instructions: Counter = { offset: at.instretOffset, bit: 4, counted: (hart) => hart.instret };
const both = [cycles, instructions] as const;

export class Counters {
  private readonly hart: Hart;

  constructor(hart: Hart) {
    this.hart = hart;
  }

  /** Puts the value into the hart's `value`. */
  load(counter: Counter): void {
    const { hart } = this;
    const { offset } = counter;
    const count = this.stopped(counter) ? 0 : counter.counted(hart);
    hart.setSum(at.value, count, hart.get(offset), hart.get(offset + 4));
  }

  /** The instruction after the write reads the value written: the write itself does not count. */
  write(counter: Counter, low: number, high: number): void {
    this.set(counter, low, high, counter.counted(this.hart) + 1);
  }

  /** Writes `mcountinhibit`. The instruction that stops a counter is not counted by it, the one that lets it go on is. */
  inhibit(stopped: number): void {
    const { hart } = this;
    const values = both.map((counter) => {
      this.load(counter);
      return [counter, hart.get(at.value), hart.get(at.value + 4)] as const;
    });
    hart.set(at.mcountinhibit, stopped & (cycles.bit | instructions.bit));
    for (const [counter, low, high] of values) this.set(counter, low, high, counter.counted(hart));
  }

  private stopped({ bit }: Counter): boolean {
    return (this.hart.get(at.mcountinhibit) & bit) !== 0;
  }

  private set(counter: Counter, low: number, high: number, count: number): void {
    const counted = this.stopped(counter) ? 0 : count;
    const offsetLow = low - (counted % two32);
    const offsetHigh = high - Math.floor(counted / two32) - (offsetLow < 0 ? 1 : 0);
    this.hart.setPair(counter.offset, offsetLow, offsetHigh);
  }
}
