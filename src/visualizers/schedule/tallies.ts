/**
 * What each occupant got, and how long tasks waited for it: exact for every run. Times are in cycles. Whether a task that
 * has no hart could run is what software says; else who was interrupted could, and who gave way waits for something.
 */
import type { Saying } from './labels.ts';

/** A task has no hart. */
interface Waiting {
  readonly state: Saying;
  readonly since: number;
  /** By hart: what tasks had had of it by then. */
  readonly busy: readonly number[];
}

export interface Tally {
  readonly cycles: number;
  /** How often it got a hart from another task. */
  readonly dispatches: number;
  readonly longestStint: number;
  /** How often an interrupt took the hart away for another task; how often it gave way by itself. */
  readonly preemptions: number;
  readonly yields: number;
  /** From ready to running: how often, how long, and how much of that another task had the hart that it got. */
  readonly waits: number;
  readonly latency: number;
  readonly longestLatency: number;
  readonly stolen: number;
  /** How often and how long it could not run. */
  readonly blocks: number;
  readonly blocked: number;
  /** Software says when it is ready and when it is blocked; else that is inferred. */
  readonly said: boolean;
  readonly waiting: Waiting | undefined;
}

type Open = { -readonly [K in keyof Tally]: Tally[K] };

const freshTally = (): Open => ({
  cycles: 0,
  dispatches: 0,
  longestStint: 0,
  preemptions: 0,
  yields: 0,
  waits: 0,
  latency: 0,
  longestLatency: 0,
  stolen: 0,
  blocks: 0,
  blocked: 0,
  said: false,
  waiting: undefined,
});

/** By occupant; counted in place. */
export type Tallies = readonly Tally[];

export function tallyOf(tallies: Tallies, occupant: number): Open {
  const known = tallies[occupant] as Open | undefined;
  if (known !== undefined) return known;
  const all = tallies as Open[];
  while (all.length <= occupant) all.push(freshTally());
  return all[occupant] ?? freshTally();
}

/** Another task has the hart now, and this one waits. What was said of it since it lost the hart stands. */
export function suspend(
  tally: Open,
  cycle: number,
  preempted: boolean,
  stint: number,
  busy: () => readonly number[],
): void {
  tally.longestStint = Math.max(tally.longestStint, stint);
  if (preempted) tally.preemptions++;
  else tally.yields++;
  const { waiting } = tally;
  if (waiting === undefined) tally.waiting = { state: preempted ? 'ready' : 'blocked', since: cycle, busy: busy() };
  else if (waiting.since < cycle) tally.waiting = { ...waiting, since: cycle, busy: busy() };
}

/** Software says what a task is. */
export function say(tally: Open, state: Saying, cycle: number, busy: () => readonly number[]): void {
  tally.said = true;
  if (tally.waiting?.state === state) return;
  if (tally.waiting?.state === 'blocked') unblock(tally, cycle, tally.waiting.since);
  tally.waiting = { state, since: cycle, busy: busy() };
}

/** It runs. Harts' clocks differ by a turn at most: a wait is never negative. `busy`: of the hart that it has now. */
export function resume(tally: Open, cycle: number, hart: number, busy: number): void {
  const { waiting } = tally;
  tally.waiting = undefined;
  if (waiting === undefined) return;
  if (waiting.state === 'blocked') return unblock(tally, cycle, waiting.since);
  const waited = Math.max(0, cycle - waiting.since);
  tally.waits++;
  tally.latency += waited;
  tally.longestLatency = Math.max(tally.longestLatency, waited);
  tally.stolen += Math.max(0, Math.min(waited, busy - (waiting.busy[hart] ?? 0)));
}

function unblock(tally: Open, cycle: number, since: number): void {
  tally.blocks++;
  tally.blocked += Math.max(0, cycle - since);
}

/** Switches from one task to another: from the trap that took the hart from the one to the return into the other. */
export interface Switches {
  readonly count: number;
  readonly cycles: number;
  readonly least: number;
  readonly most: number;
  /** Where the most expensive one began. */
  readonly mostAt: number;
}

export const noSwitches: Switches = { count: 0, cycles: 0, least: Number.POSITIVE_INFINITY, most: 0, mostAt: 0 };

export const withSwitch = ({ count, cycles, least, most, mostAt }: Switches, cost: number, at: number): Switches => ({
  count: count + 1,
  cycles: cycles + cost,
  least: Math.min(least, cost),
  most: Math.max(most, cost),
  mostAt: cost > most ? at : mostAt,
});

/** Jain's index of the tasks' shares: 1 where all got the same, 1/n where one got all. */
export function fairness(shares: readonly number[]): number {
  const sum = shares.reduce((total, share) => total + share, 0);
  const squares = shares.reduce((total, share) => total + share * share, 0);
  return squares === 0 ? 1 : (sum * sum) / (shares.length * squares);
}
