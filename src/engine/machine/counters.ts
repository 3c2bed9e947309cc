/**
 * `mcycle` and `minstret`: what the hart counts, moved by what was written. Privileged Spec 20240411 §3.1.10, §3.1.12.
 * The offset of a counter is its value less the count; while `mcountinhibit` stops it, its value alone.
 */
import { at, type Hart, two32 } from './hart.ts';
import type { Pair } from './traps.ts';

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

  read(counter: Counter): Pair {
    const offset = this.hart.pair(counters[counter].offset);
    return this.stopped(counter) ? offset : addToPair(this.hart[counter], offset);
  }

  /** The instruction after the write reads the value written: the write itself does not count. */
  write(counter: Counter, value: Pair): void {
    this.set(counter, value, this.hart[counter] + 1);
  }

  /** Writes `mcountinhibit`. The instruction that stops a counter is not counted by it, the one that lets it go on is. */
  inhibit(stopped: number): void {
    const { hart } = this;
    const values = { cycle: this.read('cycle'), instret: this.read('instret') };
    hart.set(at.mcountinhibit, stopped & (counters.cycle.bit | counters.instret.bit));
    this.set('cycle', values.cycle, hart.cycle);
    this.set('instret', values.instret, hart.instret);
  }

  private stopped(counter: Counter): boolean {
    return (this.hart.get(at.mcountinhibit) & counters[counter].bit) !== 0;
  }

  private set(counter: Counter, value: Pair, count: number): void {
    const [low, high] = this.stopped(counter) ? value : subtractFromPair(value, count);
    this.hart.setPair(counters[counter].offset, low, high);
  }
}

/** A count below 2⁵³ plus a 64-bit value, modulo 2⁶⁴. */
export function addToPair(count: number, [low, high]: Pair): Pair {
  const sumLow = (count % two32) + low;
  const carry = sumLow >= two32 ? 1 : 0;
  return [sumLow % two32, (Math.floor(count / two32) + high + carry) % two32];
}

function subtractFromPair([low, high]: Pair, count: number): Pair {
  const differenceLow = low - (count % two32);
  const borrow = differenceLow < 0 ? 1 : 0;
  return [differenceLow >>> 0, (high - Math.floor(count / two32) - borrow) >>> 0];
}
