/** The law of tiers: which one runs is never observable. Held for random guests and plans, with a report where it is broken. */
import fc from 'fast-check';
import { createMachine } from '../../../src/engine/machine/machine.ts';
import { report } from './divergence.ts';
import { type Create, difference, outcomeOf, type Plan } from './drive.ts';
import type { Guest } from './guest.ts';
import { deaf, interpreted, translated } from './plans.ts';

export interface Case {
  readonly guest: Guest;
  readonly plan: Plan;
  /** Position at which the runs end. */
  readonly end: number;
}

/** The first of the plans by which a run differs from the interpreter's. */
export async function brokenPlan(
  { guest, plan, end }: Case,
  create: Create = createMachine,
): Promise<Plan | undefined> {
  const right = await outcomeOf(guest, interpreted, end);
  for (const each of [translated, plan, deaf]) {
    if (difference(await outcomeOf(guest, each, end, create), right, each.hears) !== undefined) return each;
  }
  return undefined;
}

/** Throws with a report when a run differs from the interpreter's. */
export async function requireSameRuns(tried: Case, create: Create = createMachine): Promise<void> {
  const broken = await brokenPlan(tried, create);
  if (broken !== undefined) throw new Error(await report(tried.guest, broken, tried.end, create));
}

/**
 * A fixed seed and few runs, unless the environment says otherwise: TIERS_RUNS for many with a seed of their own,
 * TIERS_SEED for the same ones again, and TIERS_PATH for the one that a report names.
 */
export function extent(runs: number): { readonly numRuns: number; readonly seed: number; readonly path?: string } {
  const { TIERS_RUNS, TIERS_SEED, TIERS_PATH } = process.env;
  if (TIERS_RUNS === undefined && TIERS_SEED === undefined) return { numRuns: runs, seed: 20_240_411 };
  const seed = Number(TIERS_SEED ?? Math.floor(Math.random() * 2 ** 31));
  const numRuns = Number(TIERS_RUNS ?? runs);
  console.log(`TIERS_SEED=${seed} TIERS_RUNS=${numRuns}`);
  return { numRuns, seed, ...(TIERS_PATH !== undefined && { path: TIERS_PATH }) };
}

/** Without an end where the environment asks for many runs. */
export const patience = process.env.TIERS_RUNS === undefined ? 120_000 : 0;

/** Looks for a case that breaks the law, makes it small, and throws a report of it. */
export async function requireLaw(
  cases: fc.Arbitrary<Case>,
  runs: number,
  create: Create = createMachine,
): Promise<void> {
  const holds = fc.asyncProperty(cases, async (tried) => (await brokenPlan(tried, create)) === undefined);
  const { failed, counterexample, seed, counterexamplePath, errorInstance } = await fc.check(holds, extent(runs));
  if (!failed) return;
  const place = `TIERS_SEED=${seed} TIERS_PATH=${counterexamplePath}\n`;
  const [found] = counterexample ?? [];
  if (found === undefined) throw new Error(`${place}${errorInstance}`);
  const broken = await brokenPlan(found, create);
  if (broken === undefined) throw new Error(`${place}The guest threw: ${errorInstance}\n${found.guest.text}`);
  throw new Error(place + (await report(found.guest, broken, found.end, create)));
}
