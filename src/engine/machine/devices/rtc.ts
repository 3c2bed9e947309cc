/** A real-time clock with an alarm: Android's Goldfish RTC, as on QEMU's `virt`. Times are in ns since 1970. */
import type { Device } from '../bus.ts';
import { memoryMap } from '../memory-map.ts';
import type { Stateful } from '../stateful.ts';

const register = {
  timeLow: 0x00,
  timeHigh: 0x04,
  alarmLow: 0x08,
  alarmHigh: 0x0c,
  interruptEnabled: 0x10,
  clearAlarm: 0x14,
  alarmStatus: 0x18,
  clearInterrupt: 0x1c,
} as const;

export interface RtcState {
  /** ns between the cycle counter's zero and 1970. */
  readonly offset: bigint;
  readonly alarm: bigint;
  readonly armed: boolean;
  readonly pending: boolean;
  readonly enabled: boolean;
  /** High half of the time, as it was when the low half was read. */
  readonly latched: number;
}

const lowMask = 0xffff_ffffn;
const lowOf = (value: bigint): number => Number(value & lowMask);
const highOf = (value: bigint): number => Number((value >> 32n) & lowMask);
const withLow = (value: bigint, low: number): bigint => ((value >> 32n) << 32n) | BigInt(low);
const withHigh = (value: bigint, high: number): bigint => BigInt.asUintN(64, (BigInt(high) << 32n) | (value & lowMask));

export class Rtc implements Device, Stateful<RtcState> {
  readonly name = 'rtc';
  readonly base = memoryMap.rtc.base;
  readonly size = memoryMap.rtc.size;
  private state: RtcState;
  private readonly cycle: () => number;

  /** `epoch`: what the clock shows when the machine is switched on. A cycle is a nanosecond. */
  constructor(epoch: bigint, cycle: () => number) {
    this.state = { offset: epoch, alarm: 0n, armed: false, pending: false, enabled: false, latched: 0 };
    this.cycle = cycle;
  }

  get time(): bigint {
    return BigInt.asUintN(64, this.state.offset + BigInt(this.cycle()));
  }

  get interrupting(): boolean {
    return this.state.pending && this.state.enabled;
  }

  /** The cycle of the alarm; Infinity where none is set, or beyond 2⁵³. */
  get deadline(): number {
    const { armed, alarm, offset } = this.state;
    const cycle = armed ? Number(alarm - offset) : Number.POSITIVE_INFINITY;
    return cycle > Number.MAX_SAFE_INTEGER ? Number.POSITIVE_INFINITY : cycle;
  }

  /** Rings if it is time. */
  advance(): void {
    if (this.state.armed && this.state.alarm <= this.time) this.set({ armed: false, pending: true });
  }

  save(): RtcState {
    return this.state;
  }

  load(state: RtcState): void {
    this.state = state;
  }

  read(offset: number, bytes: 1 | 2 | 4): number {
    return bytes === 4 ? this.readRegister(offset) : 0;
  }

  write(offset: number, bytes: 1 | 2 | 4, value: number): boolean {
    if (bytes === 4) this.writeRegister(offset, value >>> 0);
    return true;
  }

  private set(change: Partial<RtcState>): void {
    this.state = { ...this.state, ...change };
  }

  private readRegister(offset: number): number {
    const { alarm, armed, enabled, latched } = this.state;
    switch (offset) {
      case register.timeLow:
        this.set({ latched: highOf(this.time) });
        return lowOf(this.time);
      case register.timeHigh:
        return latched;
      case register.alarmLow:
        return lowOf(alarm);
      case register.alarmHigh:
        return highOf(alarm);
      case register.interruptEnabled:
        return enabled ? 1 : 0;
      case register.alarmStatus:
        return armed ? 1 : 0;
      default:
        return 0;
    }
  }

  /** The low half of the alarm arms it: the high one is written before. */
  private writeRegister(offset: number, value: number): void {
    const { alarm } = this.state;
    switch (offset) {
      case register.timeLow:
        return this.setTime(withLow(this.time, value));
      case register.timeHigh:
        return this.setTime(withHigh(this.time, value));
      case register.alarmLow:
        this.set({ alarm: withLow(alarm, value), armed: true });
        return this.advance();
      case register.alarmHigh:
        return this.set({ alarm: withHigh(alarm, value) });
      case register.interruptEnabled:
        return this.set({ enabled: (value & 1) !== 0 });
      case register.clearAlarm:
        return this.set({ armed: false });
      case register.clearInterrupt:
        return this.set({ pending: false });
    }
  }

  private setTime(time: bigint): void {
    this.set({ offset: this.state.offset + time - this.time });
  }
}
