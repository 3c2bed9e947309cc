/** Checks over a run → verdicts. Running out of budget fails, whatever the expression says. */
import type { Diagnostic } from '../engine/toolchain/diagnostics.ts';
import { Evaluator } from './cel.ts';
import { type Experiment, runExperiment, type Texts } from './experiment.ts';
import { type Check, type Lesson, questionsOf, runNamed } from './lesson.ts';
import { vocabularyOf } from './observations.ts';

export type Answers = Readonly<Record<string, number | null>>;

export interface Verdict {
  readonly check: string;
  readonly passed: boolean;
  /** Why not, in words for the student; empty where it passed. */
  readonly why: string;
  /** Id of the hint whose condition held. */
  readonly hint?: string;
}

export interface Attempt {
  readonly texts: Texts;
  readonly answers: Answers;
  readonly seed: number;
}

export interface Results {
  readonly verdicts: readonly Verdict[];
  /** What the build said, where a run did not build. */
  readonly diagnostics: readonly Diagnostic[];
  /** The runs that were made, by name. */
  readonly experiments: ReadonlyMap<string, Experiment>;
}

const budgetSpent = (budget: number): string =>
  `The run did not end within its budget of ${budget.toLocaleString('en')} steps.`;

/** Every question has an answer, if only null. */
function withAllAnswers(lesson: Lesson, answers: Answers): Answers {
  return Object.fromEntries(questionsOf(lesson).map(({ id }) => [id, answers[id] ?? null]));
}

/** Makes each run that a check names, once, and judges all checks. */
export async function judge(lesson: Lesson, given: Attempt): Promise<Results> {
  const attempt = { ...given, answers: withAllAnswers(lesson, given.answers) };
  const experiments = new Map<string, Experiment>();
  const verdicts: Verdict[] = [];
  for (const check of lesson.checks) {
    const run = runNamed(lesson, check.run);
    if (run === undefined) continue;
    const experiment = experiments.get(run.name) ?? (await runExperiment(lesson, run, attempt.texts, attempt.seed));
    experiments.set(run.name, experiment);
    verdicts.push(verdictOn(check, experiment, attempt, run.budget));
  }
  const failedBuilds = [...experiments.values()].flatMap((experiment) => (experiment.ok ? [] : experiment.diagnostics));
  return { verdicts, diagnostics: distinct(failedBuilds), experiments };
}

export function verdictOn(check: Check, experiment: Experiment, attempt: Attempt, budget: number): Verdict {
  if (!experiment.ok) return { check: check.id, passed: false, why: 'The program does not build.' };
  const { observed } = experiment;
  const evaluator = new Evaluator(vocabularyOf(observed, attempt.answers, attempt.seed));
  const spent = observed.exit.reason === 'budget';
  const result = evaluator.evaluate(check.expect);
  if (!spent && result.ok && result.value === true) return { check: check.id, passed: true, why: '' };
  const hint = check.hints.find(({ when }) => evaluator.holds(when));
  if (hint !== undefined) return { check: check.id, passed: false, why: hint.say, hint: hint.id };
  const reason = spent ? `${budgetSpent(budget)} ` : result.ok ? '' : `It could not be told: ${result.message}. `;
  return { check: check.id, passed: false, why: `${reason}${check.hint}` };
}

function distinct(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const seen = new Map(diagnostics.map((each) => [`${each.file}:${each.line}:${each.column}:${each.message}`, each]));
  return [...seen.values()];
}
