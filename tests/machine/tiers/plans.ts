/** Random plans for runs, and the fixed ones that every guest is run by. */
import fc from 'fast-check';
import type { Action, HotAfter, Plan } from './drive.ts';

const tier: fc.Arbitrary<HotAfter> = fc.constantFrom<HotAfter[]>('never', 1, 2, 5);

const steps = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 300 }));

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 6, arbitrary: steps.map((run) => ({ run })) },
  { weight: 3, arbitrary: tier.map((chosen) => ({ tier: chosen })) },
  { weight: 1, arbitrary: steps.map((again) => ({ again })) },
  { weight: 1, arbitrary: fc.record({ move: tier, after: fc.integer({ min: 1, max: 800 }) }) },
);

/** `scale`: how much longer the parts of a run are. */
export const randomPlan = (scale = 1): fc.Arbitrary<Plan> =>
  fc.record({
    starts: tier,
    hears: fc.constant(true),
    actions: fc
      .array(action, { maxLength: 24, size: 'max' })
      .map((actions) => actions.map((each) => scaled(each, scale))),
  });

function scaled(each: Action, scale: number): Action {
  if ('run' in each) return { run: each.run * scale };
  if ('again' in each) return { again: each.again * scale };
  return 'move' in each ? { ...each, after: each.after * scale } : each;
}

export const interpreted: Plan = { starts: 'never', hears: true, actions: [] };
export const translated: Plan = { starts: 1, hears: true, actions: [] };
export const deaf: Plan = { starts: 1, hears: false, actions: [] };
