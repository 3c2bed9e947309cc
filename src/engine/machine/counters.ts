/**
 * `mcycle` and `minstret`: what the hart counts, moved by what was written. Privileged Spec 20240411 §3.1.10, §3.1.12.
 * The offset of a counter is its value less the count; while `mcountinhibit` stops it, its value alone.
 */
import { at, type Hart, two32 } from './hart.ts';

const counters = {
  cycle: { offset: at.cycleOffset, bit: 1 },
  instret: { offset: at.instretOffset, bit: 4 },
} as const;
export type Counter = keyof typeof counters;

export class Counters {
  private readonly hart: Hart;

  constructor(hart: Hart) {
    this.hart = hart;
  }

  /** Puts the value into the hart's `value`. */
  load(counter: Counter): void {
    const { hart } = this;
    const [low, high] = hart.pair(counters[counter].offset);
    hart.setSum(at.value, this.stopped(counter) ? 0 : hart[counter], low, high);
  }

  /** The instruction after the write reads the value written: the write itself does not count. */
  write(counter: Counter, low: number, high: number): void {
    this.set(counter, low, high, this.hart[counter] + 1);
  }

  /** Writes `mcountinhibit`. The instruction that stops a counter is not counted by it, the one that lets it go on is. */
  inhibit(stopped: number): void {
    const { hart } = this;
    const values = (['cycle', 'instret'] as const).map((counter) => {
      this.load(counter);
      return [counter, hart.get(at.value), hart.get(at.value + 4)] as const;
    });
    hart.set(at.mcountinhibit, stopped & (counters.cycle.bit | counters.instret.bit));
    for (const [counter, low, high] of values) this.set(counter, low, high, hart[counter]);
  }

  private stopped(counter: Counter): boolean {
    return (this.hart.get(at.mcountinhibit) & counters[counter].bit) !== 0;
  }

  private set(counter: Counter, low: number, high: number, count: number): void {
    const counted = this.stopped(counter) ? 0 : count;
    const offsetLow = low - (counted % two32);
    const offsetHigh = high - Math.floor(counted / two32) - (offsetLow < 0 ? 1 : 0);
    this.hart.setPair(counters[counter].offset, offsetLow, offsetHigh);
  }
}
