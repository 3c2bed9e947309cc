/** Small programs for what a translator is likely to get wrong. */
import { describe, expect, it } from 'vitest';
import { type Action, outcomeOf, type Plan } from './drive.ts';
import { requireSameRuns } from './law.ts';
import { interpreted } from './plans.ts';
import { guestOfSpecial, type Special } from './special.ts';
import { storesOverCode } from './special-stores.ts';
import { changesOfAddress } from './special-translation.ts';
import { trapsAndCounters } from './special-traps.ts';

const repeated = (count: number, actions: readonly Action[]): readonly Action[] =>
  Array.from({ length: count }, () => actions).flat();

const plansFor = (steps: number): readonly Plan[] => [
  { starts: 1, hears: true, actions: repeated(steps, [{ run: 1 }]) },
  { starts: 2, hears: true, actions: repeated(steps / 20, [{ run: 7 }, { tier: 'never' }, { run: 13 }, { tier: 1 }]) },
  { starts: 2, hears: true, actions: repeated(steps / 100, [{ run: 100 }, { again: 70 }]) },
  { starts: 1, hears: true, actions: repeated(4, [{ run: steps / 5 }, { move: 1, after: steps / 2 }]) },
];

const defaultSteps = 1500;

async function requireSpecial(special: Special): Promise<void> {
  const { steps = defaultSteps, expect: expected } = special;
  const guest = guestOfSpecial(special);
  const { machine } = await outcomeOf(guest, interpreted, steps);
  const registers = machine.state().harts[0]?.registers ?? [];
  expect(Object.fromEntries(Object.keys(expected).map((index) => [index, registers[Number(index)]]))).toEqual(expected);
  for (const plan of plansFor(steps)) await requireSameRuns({ guest, plan, end: steps });
}

const groups = {
  'code that changes': storesOverCode,
  'addresses that change': changesOfAddress,
  'traps and counters': trapsAndCounters,
};

describe.each(Object.entries(groups))('%s', (_, specials) => {
  it.each(specials.map((special) => [special.name, special] as const))('%s', (_, special) => requireSpecial(special));
});
