/**
 * Who runs when. Time is the same for all harts: a round begins at a cycle, each hart in order runs until its own clock
 * is a quantum further, then the next round begins there. Costs that overshoot count in the next round. A hart alone
 * needs no turns.
 *
 * A waiting hart lets its turn pass, unless its timer ends the wait before; when all of them wait, time jumps for all.
 * All that decides what happens next is in the state, so that a run may be split anywhere.
 */
import { stopReasons } from '../events.ts';
import type { Breakpoints } from './breakpoints.ts';
import type { Devices } from './devices/devices.ts';
import { at } from './hart.ts';
import type { HartUnit } from './hart-unit.ts';
import type { Recorder } from './recorder.ts';
import type { Stateful } from './stateful.ts';
import { interruptToTake } from './traps.ts';
import type { Mark, Stop } from './types.ts';

/** V8 replaces a function by its optimized version only when it is entered anew. */
const longestSlice = 100_000;

export interface TurnsParts {
  readonly units: readonly HartUnit[];
  readonly quantum: number;
  readonly devices: Devices;
  readonly recorder: Recorder;
  readonly breakpoints: Breakpoints;
}

export interface TurnsState {
  readonly position: number;
  readonly running: number;
  /** The cycle at which the present round began. */
  readonly round: number;
  /** Changes made at this position without a step. */
  readonly settled: number;
  /** It has been recorded that all harts wait. */
  readonly told: boolean;
}

export class Turns implements Stateful<TurnsState> {
  private readonly parts: TurnsParts;
  private readonly alone: boolean;
  private unit: HartUnit;
  private round = 0;
  private settled = 0;
  private settledAt = 0;
  private told = false;
  /** Position at which the present `run` has to end. */
  private limit = 0;
  /** The cycle from which on the machine rests, as others of its rack have their turn. */
  private pauseAt = Number.POSITIVE_INFINITY;
  private stopped: Stop | undefined;
  /** What is going on: nothing at all, what happens between two steps, or instructions. */
  private phase: 'none' | 'between' | 'instructions' = 'none';
  /** Why the next run stops before its first step: a device was fed. */
  private early: Stop | undefined;

  constructor(parts: TurnsParts) {
    this.parts = parts;
    const [first] = parts.units;
    if (first === undefined) throw new RangeError('A board has at least one hart.');
    this.unit = first;
    this.alone = parts.units.length === 1;
  }

  /** The hart whose turn it is. */
  get running(): HartUnit {
    return this.unit;
  }

  /** When the turn ends, or a device does something by itself. */
  get horizon(): number {
    return Math.min(this.turnEnd, this.parts.devices.deadline);
  }

  /** Where the machine is, to the changes that it has made between two steps. */
  get mark(): Mark {
    const { position } = this.unit.hart;
    return { position, settled: position === this.settledAt ? this.settled : 0 };
  }

  /** `enter` runs the hart whose state is at an address. Undefined when all harts have come to the cycle `until`. */
  run(steps: number, continues: boolean, enter: (hart: number) => void, until: number): Stop | undefined {
    const { breakpoints, devices } = this.parts;
    const { position } = this.unit.hart;
    this.limit = position + steps;
    breakpoints.resume(continues ? -1 : position);
    devices.changed();
    this.stopped = this.early;
    this.early = undefined;
    this.pauseAt = until;
    try {
      return this.advance(enter);
    } finally {
      this.phase = 'none';
    }
  }

  private advance(enter: (hart: number) => void): Stop | undefined {
    const { recorder } = this.parts;
    while (this.stopped === undefined) {
      if (this.unit.hart.position >= this.limit) return { kind: 'limit' };
      if (recorder.full) return { kind: 'limit' };
      if (this.paused) return undefined;
      this.phase = 'between';
      if (!this.settle()) continue;
      this.plan();
      this.phase = 'instructions';
      enter(this.unit.hart.base);
    }
    this.unit.hart.remaining = 0;
    return this.stopped;
  }

  /** Lets the machine stand at a position that others of its rack have brought it to. */
  set position(position: number) {
    this.unit.hart.position = position;
  }

  /** All harts wait, and nothing that is pending would wake one. */
  get asleep(): boolean {
    return this.parts.units.every((unit) => unit.asleep);
  }

  /** The next cycle at which something happens by itself that could wake a hart; Infinity for never. */
  get alarm(): number {
    this.parts.devices.changed();
    return Math.min(this.parts.devices.deadline, ...this.parts.units.map((unit) => unit.alarm));
  }

  /** Whether input could wake a hart. */
  get listens(): boolean {
    const { units, devices } = this.parts;
    return devices.listens && units.some((unit) => unit.hearsDevices);
  }

  /** At the position of a mark: makes the changes that had been made there by then. */
  settleTo({ position, settled }: Mark, until: number): void {
    this.pauseAt = until;
    this.stopped = undefined;
    this.parts.devices.changed();
    let before = -1;
    while (this.unit.hart.position === position && this.mark.settled < settled && this.mark.settled > before) {
      if (this.paused) break;
      before = this.mark.settled;
      this.settle();
    }
    this.stopped = undefined;
    this.early = undefined;
  }

  stop(stop: Stop): void {
    this.stopped = stop;
  }

  /** What the machine stops at was done by a device: on behalf of an instruction, which completes, or by itself. */
  stopAfterDevice(stop: Stop): void {
    if (this.phase === 'none') this.early = stop;
    else this.stopped = stop;
    if (this.phase === 'instructions') this.unit.hart.remaining = 1;
  }

  /** Nobody wants to know any more what a device did while nothing ran. */
  forgetDevices(): void {
    this.early = undefined;
  }

  /** The test finisher was written: the store completes. */
  finish(stop: Extract<Stop, { kind: 'exit' | 'reset' }>): void {
    const { hart } = this.unit;
    this.stopped = stop;
    this.parts.recorder.stop(hart, stopReasons.indexOf(stop.kind), stop.kind === 'exit' ? stop.code : 0);
    hart.remaining = 1;
  }

  save(): TurnsState {
    const { unit, round, told } = this;
    const { position, settled } = this.mark;
    return { position, running: unit.hart.id, round, settled, told };
  }

  load({ position, running, round, settled, told }: TurnsState): void {
    this.unit = this.parts.units[running] ?? this.unit;
    this.unit.hart.position = position;
    this.round = round;
    this.settled = settled;
    this.settledAt = position;
    this.told = told;
    this.early = undefined;
  }

  private get turnEnd(): number {
    return this.alone ? this.pauseAt : this.round + this.parts.quantum;
  }

  private get paused(): boolean {
    if (this.alone) return this.unit.hart.cycle >= this.pauseAt;
    return this.unit.hart.id === 0 && this.round >= this.pauseAt;
  }

  /** How far emitted code may run: to the limit, and to what happens next by itself. */
  private plan(): void {
    const { hart, quietUntil } = this.unit;
    const time = quietUntil - hart.cycle;
    hart.remaining = Math.max(1, Math.min(this.limit - hart.position, longestSlice, time));
  }

  /**
   * Passes the turn on, brings interrupt lines up to date, takes an interrupt, wakes a waiting hart, or lets time pass
   * until one can wake. Gives whether nothing of that happened, so that instructions may run.
   */
  private settle(): boolean {
    const { hart } = this.unit;
    hart.remaining = 0;
    const { cycle } = hart;
    if (this.parts.devices.deadline <= cycle) this.advanceDevices();
    // Before an interrupt is taken: that is a step.
    if (this.stopped !== undefined) return false;
    if (cycle >= this.turnEnd) {
      this.passTurn();
      return false;
    }
    const mip = this.updatePending();
    if (this.unit.waiting) {
      if ((mip & hart.get(at.mie)) === 0) {
        this.idle();
        return false;
      }
      this.changed();
      hart.set(at.waiting, 0);
      this.parts.recorder.wait(hart, false);
    }
    this.told = false;
    const code = interruptToTake(hart, mip);
    if (code >= 0) this.unit.trap(code, true, 0, 0);
    return code < 0;
  }

  private advanceDevices(): void {
    this.changed();
    this.parts.devices.advance();
  }

  private updatePending(): number {
    const { lastPending } = this.unit;
    const mip = this.unit.updatePending();
    if (mip !== lastPending) this.changed();
    return mip;
  }

  /** Counts what is done between two steps, so that an input in the midst of it can be repeated there. */
  private changed(): void {
    const { position } = this.unit.hart;
    if (this.settledAt !== position) this.settled = 0;
    this.settledAt = position;
    this.settled++;
  }

  private passTurn(): void {
    this.changed();
    const { units, quantum } = this.parts;
    const next = (this.unit.hart.id + 1) % units.length;
    if (next === 0) this.round += quantum;
    this.switchTo(next);
  }

  /** A reservation does not outlast a turn: a store-conditional may fail for no reason that the program could see. */
  private switchTo(index: number): void {
    const { hart } = this.unit;
    hart.set(at.reservation, 0);
    this.unit = this.parts.units[index] ?? this.unit;
    this.unit.hart.position = hart.position;
  }

  /** The hart has nothing to do: its time passes; or everybody's, if nobody has. */
  private idle(): void {
    const { units, devices } = this.parts;
    const { hart } = this.unit;
    if (!this.asleep) {
      this.changed();
      const next = Math.min(this.turnEnd, this.unit.alarm, devices.deadline);
      hart.charge(Math.max(1, next - hart.cycle));
      return;
    }
    const next = Math.min(this.pauseAt, ...units.map((unit) => unit.alarm));
    if (devices.deadline < next) this.sleep();
    else if (Number.isFinite(next)) this.jump(next);
    else this.rest();
  }

  private jump(cycle: number): void {
    this.changed();
    this.told = false;
    for (const { hart } of this.parts.units) hart.charge(Math.max(0, cycle - hart.cycle));
    if (this.alone) return;
    this.round = Math.max(this.round, cycle);
    this.switchTo(0);
  }

  /** Jumps to what a device does next. It counts as a step, so that a run ends even if devices never do. */
  private sleep(): void {
    this.jump(this.parts.devices.deadline - 1);
    this.unit.hart.countStep();
  }

  private rest(): void {
    const { recorder } = this.parts;
    const kind = this.listens ? 'waiting' : 'deadlock';
    this.stopped = { kind };
    if (this.told) return;
    this.changed();
    this.told = true;
    recorder.stop(this.unit.hart, stopReasons.indexOf(kind), 0);
  }
}
