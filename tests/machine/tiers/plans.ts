/**
 * Random plans for runs, and the fixed ones that every guest is run by. Translators work between the slices of a run:
 * code that is to be translated is run in many short parts.
 */
import fc from 'fast-check';
import type { Action, HotAfter, Plan } from './drive.ts';

const tier: fc.Arbitrary<HotAfter> = fc.constantFrom<HotAfter[]>('never', 1, 1, 2, 5);

const steps = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 300 }));

const repeated = (count: number, action: Action): readonly Action[] => Array.from({ length: count }, () => action);

const burst = fc
  .record({ count: fc.integer({ min: 1, max: 20 }), run: fc.integer({ min: 1, max: 40 }) })
  .map(({ count, run }) => repeated(count, { run }));

const actions: fc.Arbitrary<readonly Action[]> = fc.oneof(
  { weight: 6, arbitrary: burst },
  { weight: 3, arbitrary: steps.map((run) => [{ run }]) },
  { weight: 2, arbitrary: tier.map((chosen) => [{ tier: chosen }]) },
  { weight: 2, arbitrary: steps.map((again) => [{ again }]) },
  { weight: 1, arbitrary: fc.record({ move: tier, after: fc.integer({ min: 1, max: 800 }) }).map((move) => [move]) },
);

/** `scale`: how much longer the parts of a run are. */
export const randomPlan = (scale = 1): fc.Arbitrary<Plan> =>
  fc.record({
    starts: tier,
    hears: fc.boolean(),
    actions: fc
      .array(actions, { maxLength: 16, size: 'max' })
      .map((parts) => parts.flat().map((each) => scaled(each, scale))),
  });

function scaled(each: Action, scale: number): Action {
  if ('run' in each) return { run: each.run * scale };
  if ('again' in each) return { again: each.again * scale };
  return 'move' in each ? { ...each, after: each.after * scale } : each;
}

const shortParts = repeated(50, { run: 23 });

export const interpreted: Plan = { starts: 'never', hears: true, actions: [] };
export const translated: Plan = { starts: 1, hears: true, actions: shortParts };
export const deaf: Plan = { starts: 1, hears: false, actions: shortParts };
