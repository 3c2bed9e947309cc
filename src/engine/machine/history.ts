/**
 * A machine, or a rack of them, whose past can be visited. What came from outside is logged with the point at which it came, and snapshots
 * are kept on a ladder: any position is reached again by restoring the rung below it and replaying from there.
 *
 * Time of the host decides where rungs stand, and nothing else: the machine's state never depends on it.
 */
import type { EventKind } from '../events.ts';
import { InputLog } from './input-log.ts';
import { Ladder, type Rung } from './ladder.ts';
import { SearchRun, type Sought } from './search.ts';
import type { Timeline } from './timeline.ts';
import type { Machine, Mark, Stop } from './types.ts';
import type { Watch } from './watches.ts';

export interface HistoryOptions {
  /**
   * Bytes for snapshots; the first is kept in any case. By default they hold 64 MiB of differences: the first and the
   * last may share nothing, so that a guest which fills its memory would have none between them otherwise.
   */
  readonly memory?: number;
  /** Milliseconds. */
  readonly now?: () => number;
}

export interface SeekOptions {
  /** From this position on, events are recorded as they were; the caller takes them between two slices. */
  readonly since?: number;
}

export interface Progress {
  readonly from: number;
  readonly position: number;
  readonly to: number;
}

const memoryForDifferences = 64 * 2 ** 20;
/** Replaying from a rung to the next takes this long, where there is memory enough. */
const spacingMilliseconds = 20;
const sliceMilliseconds = 8;
const fewestSteps = 5_000;
const mostSteps = 4_000_000;

export class History<M extends Timeline = Machine> {
  readonly machine: M;
  private readonly now: () => number;
  private readonly ladder: Ladder;
  private readonly inputs = new InputLog();
  private end: Mark;
  /** What running to here from the first rung took, in milliseconds. */
  private effort = 0;
  private under: Rung;
  private sliceSteps = 100_000;
  private kinds: readonly EventKind[] = [];
  private breakpoints: readonly bigint[] = [];
  private watches: readonly Watch[] = [];

  /** The history begins where the machine is, and takes it over: from now on only the history runs it. */
  constructor(machine: M, { memory, now = Date.now }: HistoryOptions = {}) {
    this.machine = machine;
    this.now = now;
    this.end = machine.mark;
    this.under = this.rungHere();
    this.ladder = new Ladder(this.under, memory ?? memoryForDifferences + 2 * machine.ramBytes);
  }

  get position(): number {
    return this.machine.position;
  }

  /** The furthest position that is recorded. */
  get tip(): number {
    return this.end.position;
  }

  /** Bytes that the snapshots take. */
  get bytes(): number {
    return this.ladder.bytes;
  }

  /** Where the snapshots stand. */
  get rungs(): readonly number[] {
    return this.ladder.positions;
  }

  listen(kinds: readonly EventKind[]): void {
    this.kinds = kinds;
    this.machine.listen(kinds);
  }

  setBreakpoints(addresses: readonly bigint[]): void {
    this.breakpoints = addresses;
    this.machine.setBreakpoints(addresses);
  }

  setWatches(watches: readonly Watch[]): void {
    this.watches = watches;
    this.machine.setWatches(watches);
  }

  /** As the machine's. Before the tip, what came from outside comes again when it came. */
  run(steps: number, continues = false): Stop {
    const target = this.position + steps;
    let continuing = continues;
    while (this.position < target) {
      const { stop, whole } = this.slice(target, continuing);
      if (isAfter(this.machine.mark, this.end)) this.end = this.machine.mark;
      this.climb();
      if (stop.kind !== 'limit' || !whole) return stop;
      continuing = true;
    }
    return { kind: 'limit' };
  }

  /** As the machine's or the rack's. What had been the future is forgotten. */
  input(bytes: Uint8Array, slot?: number, machine?: number): void {
    this.branch();
    this.inputs.add(this.machine, bytes, slot, machine);
  }

  /** Forgets what comes after the present point: to be called before the machine is changed from outside. */
  branch(): void {
    const { mark } = this.machine;
    this.inputs.forgetFuture();
    this.end = mark;
    this.ladder.keep((rung) => !isAfter(rung.mark, mark) && rung.inputs <= this.inputs.delivered);
  }

  /**
   * The state at a position, before what came from outside there; at the tip, after it. Beyond the recorded positions
   * the nearest one. Events and output that were not taken are lost.
   */
  seek(position: number): void {
    for (const _ of this.seeking(position));
  }

  /** The same in slices of a few milliseconds. Whoever stops asking leaves the machine somewhere on the way. */
  *seeking(position: number, { since }: SeekOptions = {}): Generator<Progress, void> {
    const to = Math.max(this.ladder.first.mark.position, Math.min(position, this.tip));
    const quietly = Math.max(this.ladder.first.mark.position, Math.min(since ?? to, to));
    try {
      this.quieten();
      this.approach(quietly);
      yield* this.replayTo(quietly);
      if (since !== undefined) this.machine.listen(this.kinds);
      yield* this.replayTo(to);
      if (to === this.tip) this.catchUp();
    } finally {
      this.restoreListeners(since !== undefined);
    }
  }

  /** Back to before the last step at which something happened; false, without moving, if it never did. */
  previous(sought: Sought): boolean {
    const searching = this.searching(sought);
    let step = searching.next();
    while (step.done !== true) step = searching.next();
    return step.value;
  }

  /** The same in slices. Whoever stops asking leaves the machine somewhere in the past. */
  *searching(sought: Sought): Generator<Progress, boolean> {
    const here = this.rungHere();
    let found: number | undefined;
    try {
      found = yield* this.scan(sought, this.position);
      if (found === undefined) this.restore(here);
    } finally {
      this.restoreListeners(false);
    }
    if (found !== undefined) yield* this.seeking(found);
    return found !== undefined;
  }

  /** Rung by rung, downwards. */
  private *scan(sought: Sought, to: number): Generator<Progress, number | undefined> {
    let upper = to;
    while (upper > this.ladder.first.mark.position) {
      const rung = this.ladder.highest(({ mark }) => mark.position < upper);
      this.quieten();
      this.restore(rung);
      const search = new SearchRun(sought, this.machine, to);
      let stop: Stop = { kind: 'limit' };
      while (this.position < upper) {
        stop = this.replay(upper, stop.kind !== 'breakpoint');
        search.see(stop);
        yield { from: rung.mark.position, position: this.position, to: upper };
      }
      if (search.last !== undefined) return search.last;
      upper = rung.mark.position;
    }
    return undefined;
  }

  private *replayTo(to: number): Generator<Progress, void> {
    const from = this.position;
    while (this.position < to) {
      this.replay(to);
      this.climb();
      yield { from, position: this.position, to };
    }
  }

  /** One slice on the way that is recorded. */
  private replay(target: number, continues = true): Stop {
    const before = this.position;
    const { stop } = this.slice(target, continues);
    const stuck = stop.kind === 'waiting' || stop.kind === 'deadlock';
    if (stuck && this.position === before) throw new Error(`The replay went another way at position ${before}.`);
    return stop;
  }

  /** Some milliseconds, at most to a position or to the next input. `whole`: the event ring did not end it early. */
  private slice(target: number, continues: boolean): { readonly stop: Stop; readonly whole: boolean } {
    this.inputs.deliverTo(this.machine);
    const end = Math.min(target, this.inputs.next, this.position + this.sliceSteps);
    const full = end === this.position + this.sliceSteps;
    const began = this.now();
    const stop = this.machine.run(end - this.position, continues);
    const took = this.now() - began;
    this.effort += took;
    const whole = this.position >= end;
    if (took > 2 * sliceMilliseconds) this.sliceSteps = Math.max(fewestSteps, Math.floor(this.sliceSteps / 2));
    else if (full && whole && took < sliceMilliseconds / 2) this.sliceSteps = Math.min(mostSteps, 2 * this.sliceSteps);
    return { stop, whole };
  }

  /** Adds a rung if the one below is too far. */
  private climb(): void {
    const { mark } = this.machine;
    const below = this.ladder.highest((rung) => !isAfter(rung.mark, mark));
    if (below !== this.under) this.effort = below.effort;
    this.under = below;
    if (this.effort - below.effort < spacingMilliseconds) return;
    this.under = this.rungHere();
    this.ladder.add(this.under, this.effort);
  }

  private rungHere(): Rung {
    const { machine, inputs, effort } = this;
    return { mark: machine.mark, inputs: inputs.delivered, effort, snapshot: machine.snapshot() };
  }

  private restore(rung: Rung): void {
    this.machine.restore(rung.snapshot);
    this.inputs.delivered = rung.inputs;
    this.effort = rung.effort;
    this.under = rung;
  }

  /** As near below a position as can be had at once: here, or on a rung. */
  private approach(to: number): void {
    const inputs = this.inputs.before(to);
    const leads = (point: { readonly mark: Mark; readonly inputs: number }): boolean =>
      point.mark.position < to || to === this.tip || (point.mark.settled === 0 && point.inputs <= inputs);
    const rung = this.ladder.highest((each) => each.mark.position <= to && leads(each));
    const { mark } = this.machine;
    const here = mark.position <= to && leads({ mark, inputs: this.inputs.delivered });
    if (!here || isAfter(rung.mark, mark)) this.restore(rung);
  }

  /** At the tip's position: what happened there without a step. */
  private catchUp(): void {
    this.inputs.deliverTo(this.machine);
    this.machine.settleTo(this.end);
  }

  private quieten(): void {
    this.machine.takeEvents();
    this.machine.listen([]);
    this.machine.setBreakpoints([]);
    this.machine.setWatches([]);
  }

  private restoreListeners(events: boolean): void {
    if (!events) this.machine.takeEvents();
    this.machine.dropOutput();
    this.listen(this.kinds);
    this.setBreakpoints(this.breakpoints);
    this.setWatches(this.watches);
  }
}

const isAfter = (a: Mark, b: Mark): boolean =>
  a.position > b.position || (a.position === b.position && a.settled > b.settled);
