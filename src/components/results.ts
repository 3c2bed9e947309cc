/** Verdicts in words. */
import type { Verdict } from '../labs/checks.ts';
import type { Check, Lesson } from '../labs/lesson.ts';
import type { SessionState } from '../labs/session.ts';

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

export function tally({ checks }: Lesson, { verdicts, outdated }: Pick<SessionState, 'verdicts' | 'outdated'>): string {
  if (verdicts === undefined) return `${checks.length}, not run`;
  const passed = `${verdicts.filter((each) => each.passed).length} of ${checks.length}`;
  return outdated ? `${passed} passed, before the last change` : `${passed} pass`;
}
