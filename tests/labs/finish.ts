import type { Activity, Halt } from '../../src/labs/recording.ts';

/** Does all of an activity. */
export function finish(activity: Activity): Halt {
  for (let count = 0; count < 10_000; count++) {
    const step = activity.next();
    if (step.done === true) return step.value;
  }
  throw new Error('It never ends.');
}
