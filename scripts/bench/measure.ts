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
  /** What the program printed for an amount of one. */
  readonly output: string;
}

/** The times of others on the host only ever add: the least of several is nearest to the truth. */
const repeats = 3;
/** The large amount is this many times the small one. */
const spread = 4;

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

const least = (runs: readonly Run[]): number => Math.min(...runs.map(({ seconds }) => seconds));

/** Takes turns, so that what happens to the host meanwhile happens to all. */
export async function measure<Name extends string>(
  runners: ReadonlyMap<Name, Runner>,
  target: number,
): Promise<ReadonlyMap<Name, Measured>> {
  const sides = [];
  for (const [name, run] of runners) {
    const first = await run(1);
    const large = Math.max(spread, await calibrate(run, first.seconds, target));
    sides.push({ name, run, first, large, small: Math.floor(large / spread), runs: [] as [Run, Run][] });
  }
  for (let round = 0; round < repeats; round++) {
    for (const { run, small, large, runs } of sides) runs.push([await run(small), await run(large)]);
  }
  return new Map(
    sides.map(({ name, first, small, large, runs }) => {
      const units = large - small;
      const seconds = (least(runs.map(([, run]) => run)) - least(runs.map(([run]) => run))) / units;
      return [name, { seconds, steps: stepsBetween(runs[0], units), output: first.output }];
    }),
  );
}

function stepsBetween(runs: readonly [Run, Run] | undefined, units: number): number | undefined {
  const [small, large] = runs ?? [];
  if (small?.steps === undefined || large?.steps === undefined) return undefined;
  return (large.steps - small.steps) / units;
}
