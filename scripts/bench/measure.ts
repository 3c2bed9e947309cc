/**
 * What a unit of work costs: a program does a small and a large amount of it, and the difference of the times counts, so
 * that starting and warming up cancel out.
 */

export interface Run {
  /** Wall-clock time. */
  readonly seconds: number;
  /** The checksum that the program printed. */
  readonly output: string;
  /** Instructions, where they are counted. */
  readonly steps?: number;
}

/** Does an amount of work: a whole number from 1 on. */
export type Runner = (amount: number) => Promise<Run>;

export interface Measured {
  /** Of an amount of one. */
  readonly seconds: number;
  readonly steps: number | undefined;
  /** What the program printed for an amount that is the same for all who run it. */
  readonly output: string;
}

/** The times of others on the host only ever add: the least of several is nearest to the truth. */
const repeats = 3;
/** The large amount is this many times the small one. */
const spread = 4;

/** Enough that a checksum says something. */
const checkedAmount = 5;

/** Far beyond what takes a second anywhere. */
const mostAmount = 2 ** 40;

/** An amount that takes about `target` seconds beyond what a run takes anyway. */
async function calibrate(run: Runner, base: number, target: number): Promise<number> {
  for (let amount = 1; amount < mostAmount; ) {
    const spent = (await run(amount)).seconds - base;
    if (spent >= 0.75 * target) return amount;
    // A short run says little about a long one: what is translated or compiled on the way makes it faster.
    amount = Math.ceil(amount * Math.min(16, Math.max(1.3, target / Math.max(spent, 1e-6))));
  }
  throw new Error('more work takes no more time: the program does not do it');
}

/** One who runs the program, with the amounts that suit it. */
interface Side {
  readonly run: Runner;
  readonly output: string;
  readonly small: number;
  readonly large: number;
  /** With the small amount and with the large one. */
  readonly pairs: (readonly [Run, Run])[];
}

async function prepare(run: Runner, target: number): Promise<Side> {
  const { seconds, output } = await run(checkedAmount);
  const large = Math.max(spread, await calibrate(run, seconds, target));
  return { run, output, small: Math.floor(large / spread), large, pairs: [] };
}

function costOf({ output, small, large, pairs }: Side): Measured {
  const units = large - small;
  const seconds = least(pairs.map(([, run]) => run)) - least(pairs.map(([run]) => run));
  const [first] = pairs;
  return { seconds: seconds / units, steps: first && stepsBetween(...first, units), output };
}

const least = (runs: readonly Run[]): number => Math.min(...runs.map(({ seconds }) => seconds));

const stepsBetween = (small: Run, large: Run, units: number): number | undefined =>
  small.steps === undefined || large.steps === undefined ? undefined : (large.steps - small.steps) / units;

/** Those who run take turns, so that what happens to the host meanwhile happens to all. */
export async function measure<Name extends string>(
  runners: ReadonlyMap<Name, Runner>,
  target: number,
): Promise<ReadonlyMap<Name, Measured>> {
  const sides = new Map<Name, Side>();
  for (const [name, run] of runners) sides.set(name, await prepare(run, target));
  for (let round = 0; round < repeats; round++) {
    for (const { run, small, large, pairs } of sides.values()) pairs.push([await run(small), await run(large)]);
  }
  return new Map([...sides].map(([name, side]) => [name, costOf(side)]));
}
