/** What each occupant got, and how long tasks waited for it: exact for every run. Times are in cycles. */

export interface Tally {
  readonly cycles: number;
  /** How often it got a hart from another task. */
  readonly dispatches: number;
  readonly longestStint: number;
  /** How often an interrupt took the hart away for another task, and how long it then waited: time stolen from it. */
  readonly preemptions: number;
  readonly stolen: number;
  readonly longestStolen: number;
  /** How often it gave way by itself, and how long it was away. */
  readonly yields: number;
  readonly away: number;
  /** Since when it waits, and whether it was preempted; undefined while it has a hart. */
  readonly since: number | undefined;
  readonly preempted: boolean;
}

type Open = { -readonly [K in keyof Tally]: Tally[K] };

const freshTally = (): Open => ({
  cycles: 0,
  dispatches: 0,
  longestStint: 0,
  preemptions: 0,
  stolen: 0,
  longestStolen: 0,
  yields: 0,
  away: 0,
  since: undefined,
  preempted: false,
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

/** Another task has the hart now, and this one waits. */
export function suspend(tally: Open, cycle: number, preempted: boolean, stint: number): void {
  tally.longestStint = Math.max(tally.longestStint, stint);
  tally.since = cycle;
  tally.preempted = preempted;
  if (preempted) tally.preemptions++;
  else tally.yields++;
}

/** It gets a hart. Harts' clocks differ by a turn at most: a wait is never negative. */
export function dispatch(tally: Open, cycle: number): void {
  tally.dispatches++;
  if (tally.since === undefined) return;
  const waited = Math.max(0, cycle - tally.since);
  tally.since = undefined;
  if (!tally.preempted) tally.away += waited;
  else {
    tally.stolen += waited;
    tally.longestStolen = Math.max(tally.longestStolen, waited);
  }
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
