/** Verdicts in words. */
import type { Verdict } from '../labs/checks.ts';
import type { Check, Lesson } from '../labs/lesson.ts';

export type Outcome = 'passed' | 'failed' | 'not run';

export interface Result {
  readonly check: Check;
  readonly outcome: Outcome;
  /** What to say to the student; empty unless it failed. */
  readonly why: string;
}

export function resultsOf({ checks }: Lesson, verdicts: readonly Verdict[] | undefined): Result[] {
  return checks.map((check) => {
    const verdict = verdicts?.find((each) => each.check === check.id);
    if (verdict === undefined) return { check, outcome: 'not run', why: '' };
    return { check, outcome: verdict.passed ? 'passed' : 'failed', why: verdict.why };
  });
}

export function tally({ checks }: Lesson, verdicts: readonly Verdict[] | undefined): string {
  if (verdicts === undefined) return `${checks.length}, not run`;
  return `${verdicts.filter(({ passed }) => passed).length} of ${checks.length} pass`;
}
