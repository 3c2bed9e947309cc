/**
 * Machines on one clock, with cables between them. They take turns as harts do: each runs until its clock is a quantum
 * beyond the beginning of the round. A frame arrives later than that, so that nobody misses it. Positions are the
 * rack's, in events too. A rack of one is its machine.
 */
import { type EventBatch, type EventKind, recordWords } from '../events.ts';
import { createMember } from './machine.ts';
import type { EthernetSegment, SegmentState } from './segment.ts';
import { type Snapshot, SnapshotError } from './snapshot.ts';
import type { Timeline } from './timeline.ts';
import type { BoardConfig, Machine, Mark, RackMember, Stop } from './types.ts';
import type { Watch } from './watches.ts';

export interface RackConfig {
  readonly machines: readonly BoardConfig[];
  /** The cables that ports of the machines' network devices are attached to. */
  readonly segments?: readonly EthernetSegment[];
  /** Cycles of a machine's turn: half the latency of the shortest cable, where not given. */
  readonly quantum?: number;
}

interface RackTurns {
  readonly running: number;
  /** The cycle at which the present round began. */
  readonly round: number;
  /** How many turns were passed on at this position. */
  readonly passes: number;
}

export interface RackSnapshot {
  readonly machines: readonly Snapshot[];
  readonly segments: readonly SegmentState[];
  readonly turns: RackTurns;
}

const defaultQuantum = 5000;
/** More changes than a machine makes between two steps in one turn. */
const changesOfTurn = 2 ** 24;

/** Throws a `RangeError` for a rack that cannot be. */
export async function createRack({ machines, segments = [], quantum }: RackConfig): Promise<Rack> {
  if (machines.length === 0) throw new RangeError('A rack has at least one machine.');
  const shortest = Math.min(...segments.map(({ latency }) => latency));
  const turn = quantum ?? (Number.isFinite(shortest) ? Math.max(1, Math.floor(shortest / 2)) : defaultQuantum);
  if (!Number.isInteger(turn) || turn < 1 || turn > shortest) {
    throw new RangeError(
      `A turn of ${turn} cycles does not fit: frames take ${shortest} cycles, and no less than a turn.`,
    );
  }
  return new Rack(await Promise.all(machines.map(createMember)), segments, turn);
}

export class Rack implements Timeline<RackSnapshot> {
  readonly machines: readonly Machine[];
  private readonly members: readonly RackMember[];
  private readonly segments: readonly EthernetSegment[];
  private readonly quantum: number;
  private member: RackMember;
  private round = 0;
  private passes = 0;
  private passedAt = 0;

  constructor(members: readonly RackMember[], segments: readonly EthernetSegment[], quantum: number) {
    const [first] = members;
    if (first === undefined) throw new RangeError('A rack has at least one machine.');
    this.machines = members;
    this.members = members;
    this.member = first;
    this.segments = segments;
    this.quantum = quantum;
  }

  /** Steps of all machines together. */
  get position(): number {
    return this.member.position;
  }

  get ramBytes(): number {
    return this.machines.reduce((sum, { ramBytes }) => sum + ramBytes, 0);
  }

  /** The machine whose turn it is: the one that a stop is about. */
  get running(): number {
    return this.members.indexOf(this.member);
  }

  get mark(): Mark {
    const { position, settled } = this.member.mark;
    const passes = position === this.passedAt ? this.passes : 0;
    return { position, settled: passes * changesOfTurn + settled };
  }

  run(steps: number, continues = false): Stop {
    const limit = this.position + steps;
    let continuing = continues;
    while (this.position < limit) {
      if (this.resting) return { kind: this.members.some(({ listens }) => listens) ? 'waiting' : 'deadlock' };
      const stop = this.member.runUntil(limit - this.position, continuing, this.turnEnd);
      if (stop !== undefined) return stop;
      this.passTurn();
      continuing = true;
    }
    return { kind: 'limit' };
  }

  settleTo(mark: Mark): void {
    const { position } = this;
    const passes = Math.floor(mark.settled / changesOfTurn);
    while (this.position === position && Math.floor(this.mark.settled / changesOfTurn) < passes) {
      this.member.settleTo({ position, settled: Number.POSITIVE_INFINITY }, this.turnEnd);
      this.passTurn();
    }
    this.member.settleTo({ position, settled: mark.settled % changesOfTurn }, this.turnEnd);
  }

  snapshot(): RackSnapshot {
    const { running, round } = this;
    const passes = Math.floor(this.mark.settled / changesOfTurn);
    return {
      machines: this.members.map((member) => member.snapshot()),
      segments: this.segments.map((segment) => segment.save()),
      turns: { running, round, passes },
    };
  }

  /** Throws a `SnapshotError` for a snapshot of another rack, and then changes nothing. */
  restore({ machines, segments, turns }: RackSnapshot): void {
    const member = this.members[turns.running];
    if (machines.length !== this.members.length || segments.length !== this.segments.length || member === undefined) {
      throw new SnapshotError(
        `The snapshot is of a rack of ${machines.length} machines and ${segments.length} cables; ` +
          `this one has ${this.members.length} and ${this.segments.length}.`,
      );
    }
    this.restoreMachines(machines);
    this.segments.forEach((segment, index) => {
      const state = segments[index];
      if (state !== undefined) segment.load(state);
    });
    this.member = member;
    this.round = turns.round;
    this.passes = turns.passes;
    this.passedAt = member.position;
  }

  input(bytes: Uint8Array, slot?: number, machine = 0): void {
    const member = this.members[machine];
    if (member === undefined) throw new RangeError(`The rack has no machine ${machine}.`);
    member.input(bytes, slot);
  }

  dropOutput(): void {
    for (const member of this.members) member.dropOutput();
  }

  listen(kinds: readonly EventKind[]): void {
    for (const member of this.members) member.listen(kinds);
  }

  /** Of all machines, one after the other; each gives its own alone, too. */
  takeEvents(): EventBatch {
    const batches = this.members.map((member) => member.takeEvents());
    const words = new Uint32Array(batches.reduce((sum, batch) => sum + batch.words.length, 0));
    let at = 0;
    for (const batch of batches) {
      words.set(batch.words, at);
      at += batch.words.length;
    }
    return { words: words.subarray(0, at - (at % recordWords)) };
  }

  setBreakpoints(addresses: readonly bigint[]): void {
    for (const member of this.members) member.setBreakpoints(addresses);
  }

  setWatches(watches: readonly Watch[]): void {
    for (const member of this.members) member.setWatches(watches);
  }

  private get turnEnd(): number {
    return this.members.length === 1 ? Number.POSITIVE_INFINITY : this.round + this.quantum;
  }

  /** Nothing but input could go on. Found where a round begins; a machine alone finds it itself. */
  private get resting(): boolean {
    return this.members.length > 1 && this.running === 0 && this.alarm === Number.POSITIVE_INFINITY;
  }

  /** While all machines wait: the next cycle at which something could wake one. */
  private get alarm(): number {
    return Math.min(...this.members.map(({ alarm }) => alarm ?? 0));
  }

  private passTurn(): void {
    const { position } = this;
    this.passes = position === this.passedAt ? this.passes + 1 : 1;
    this.passedAt = position;
    const next = (this.running + 1) % this.members.length;
    if (next === 0) this.round += this.quantum;
    this.member = this.members[next] ?? this.member;
    this.member.stand(position);
    if (next === 0) this.skipRounds();
  }

  /** As long as all machines wait, there is nothing to see. */
  private skipRounds(): void {
    const { alarm } = this;
    if (!Number.isFinite(alarm)) return;
    this.round += Math.max(0, Math.floor((alarm - this.round) / this.quantum)) * this.quantum;
  }

  private restoreMachines(snapshots: readonly Snapshot[]): void {
    const before = this.members.map((member) => member.snapshot());
    const restoreAll = (all: readonly Snapshot[]): void =>
      all.forEach((snapshot, index) => {
        this.members[index]?.restore(snapshot);
      });
    try {
      restoreAll(snapshots);
    } catch (error) {
      restoreAll(before);
      throw error;
    }
  }
}
