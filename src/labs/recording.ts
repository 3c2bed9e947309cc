/**
 * A run that can be visited at any of its positions. What it does is done in activities: generators that work for some
 * milliseconds at a time, so that whoever drives one hears what comes in between, and may drop it for another.
 *
 * Events and output are told once, when the run comes to them first. Who visits the past has them already.
 */
import type { EventBatch, EventKind } from '../engine/events.ts';
import { History } from '../engine/machine/history.ts';
import type { Sought } from '../engine/machine/search.ts';
import type { Machine, Stop } from '../engine/machine/types.ts';
import type { Watch } from '../engine/machine/watches.ts';
import type { PlacedStops } from './stops.ts';

/** Why an activity came to its end. */
export type Halt =
  | Stop
  /** It came to where it was to go. */
  | { readonly kind: 'there'; readonly reason?: string }
  /** What was looked for never happened. */
  | { readonly kind: 'nowhere'; readonly reason?: string };

export type Activity = Generator<void, Halt>;

export interface RecordingSink {
  events(batch: EventBatch): void;
  output(bytes: Uint8Array): void;
}

const sliceMilliseconds = 8;
const firstSteps = 20_000;
const fewestSteps = 1_000;
const mostSteps = 5_000_000;

/** A run goes no further than these. */
type LastStop = Extract<Stop, { readonly kind: 'exit' | 'reset' | 'deadlock' }>;
const isLast = (stop: Stop): stop is LastStop =>
  stop.kind === 'exit' || stop.kind === 'reset' || stop.kind === 'deadlock';

export class Recording {
  readonly machine: Machine;
  private readonly history: History;
  private readonly sink: RecordingSink;
  private readonly now: () => number;
  private sliceSteps = firstSteps;
  private stops: PlacedStops = { addresses: [], watches: [], reason: () => '' };
  /** Why the run goes no further than its tip. */
  private over: LastStop | undefined;

  /** Takes the machine over, which stands where the run begins. `now`: the host's milliseconds. */
  constructor(machine: Machine, kinds: readonly EventKind[], sink: RecordingSink, now: () => number) {
    this.machine = machine;
    this.history = new History(machine, { now });
    this.history.listen(kinds);
    this.sink = sink;
    this.now = now;
  }

  get position(): number {
    return this.history.position;
  }

  /** There at once: for what has to be left as it was found. */
  stand(position: number): void {
    if (this.position !== position || position === this.tip) this.history.seek(position);
  }

  /** The furthest position of the run so far. */
  get tip(): number {
    return this.history.tip;
  }

  /** Why the program ended, while the machine stands at that end. */
  get end(): LastStop | undefined {
    return this.position === this.tip ? this.over : undefined;
  }

  setStops(stops: PlacedStops): void {
    this.stops = stops;
    this.history.setBreakpoints(stops.addresses);
    this.history.setWatches(stops.watches);
  }

  /** On until the machine stops by itself, or where it was asked to. */
  going(): Activity {
    return this.goingTo([], () => false);
  }

  /** The same, or until before the instruction at one of these addresses, if it is `there` then. */
  *goingTo(addresses: readonly bigint[], there: () => boolean): Activity {
    this.history.setBreakpoints([...new Set([...addresses, ...this.stops.addresses])]);
    try {
      for (let continues = false; ; ) {
        const stop = this.slice(continues);
        if (stop.kind === 'breakpoint' && addresses.includes(stop.pc) && there()) return { kind: 'there' };
        if (stop.kind !== 'limit' && this.holds(stop)) return stop;
        // A breakpoint that does not hold is passed by a run that begins there.
        continues = stop.kind !== 'breakpoint';
        yield;
      }
    } finally {
      this.history.setBreakpoints(this.stops.addresses);
    }
  }

  /** Why the machine stands still. */
  reasonOf(stop: Stop): string {
    return this.stops.reason(stop) ?? '';
  }

  private holds(stop: Stop): boolean {
    if (stop.kind === 'breakpoint' && !this.stops.addresses.includes(stop.pc)) return false;
    return (stop.kind !== 'breakpoint' && stop.kind !== 'watch') || this.stops.reason(stop) !== undefined;
  }

  /** Looks at the machine behind its next step, which may stop at other watches; it stands where it stood then. */
  trying<T>(watches: readonly Watch[], look: (stop: Stop) => T): T {
    const { position } = this;
    this.history.setWatches(watches);
    try {
      return look(this.advance(1));
    } finally {
      this.history.setWatches(this.stops.watches);
      this.history.seek(position);
    }
  }

  *seeking(position: number): Activity {
    for (const _ of this.history.seeking(position)) yield;
    return { kind: 'there' };
  }

  /** Back to the last breakpoint that held. */
  searchingStop(): Activity {
    const { addresses } = this.stops;
    const holds = (stop: Stop): boolean => this.holds(stop);
    return this.searching({ kind: 'breakpoint', addresses, holds });
  }

  /** Back to before the last step at which something happened. */
  *searching(sought: Sought): Activity {
    const searching = this.history.searching(sought);
    let step = searching.next();
    while (step.done !== true) {
      yield;
      step = searching.next();
    }
    return step.value ? { kind: 'there' } : { kind: 'nowhere' };
  }

  /** Tells all events and output up to here anew: after another past than the one that was told. */
  *retelling(): Activity {
    for (const _ of this.history.seeking(this.position, { since: 0 })) {
      this.tell();
      yield;
    }
    return { kind: 'there' };
  }

  /** At most so many steps; fewer where the machine stops, at the tip, or for events to be told. */
  advance(steps: number, continues = false): Stop {
    const past = this.tip - this.position;
    if (past === 0) {
      const stop = this.history.run(steps, continues);
      this.tell();
      if (isLast(stop)) this.over = stop;
      return stop;
    }
    const stop = this.history.run(Math.min(steps, past), continues);
    this.machine.takeEvents();
    this.machine.dropOutput();
    // What happened at the tip without a step is part of what was told.
    if (this.position === this.tip) this.history.seek(this.tip);
    return this.position === this.tip && this.over !== undefined ? this.over : stop;
  }

  /** What the guest hears next. True if that made another future than the one that was told. */
  input(bytes: Uint8Array): boolean {
    const past = this.position < this.tip;
    this.history.input(bytes);
    if (past) this.over = undefined;
    return past;
  }

  /** As many steps as take some milliseconds. */
  private slice(continues: boolean): Stop {
    const began = this.now();
    const stop = this.advance(this.sliceSteps, continues);
    const took = this.now() - began;
    const factor = took < sliceMilliseconds / 2 ? 2 : took > 2 * sliceMilliseconds ? 0.5 : 1;
    this.sliceSteps = Math.max(fewestSteps, Math.min(mostSteps, Math.floor(this.sliceSteps * factor)));
    return stop;
  }

  private tell(): void {
    const output = this.machine.output();
    if (output.length > 0) this.sink.output(output);
    const batch = this.machine.takeEvents();
    if (batch.words.length > 0) this.sink.events(batch);
  }
}
