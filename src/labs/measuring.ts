/** What runs give for what a lesson shows of them: values in prose, comparisons, plots, predictions. */
import type { Diagnostic } from '../engine/toolchain/diagnostics.ts';
import { Evaluator, measuredValue } from './cel.ts';
import { runExperiment, type Texts } from './experiment.ts';
import { type Lesson, measureKey, runNamed } from './lesson.ts';
import { type Observed, vocabularyOf } from './observations.ts';
import type { MeasuredValue } from './session.ts';

type Values = Readonly<Record<string, MeasuredValue>>;

/** Of a run that has come to its end, by `measureKey`. What cannot be evaluated is left out. */
export function measuresIn(lesson: Lesson, run: string, observed: Observed, seed: number): Values {
  const evaluator = new Evaluator(vocabularyOf(observed, {}, seed));
  const values: Record<string, MeasuredValue> = {};
  for (const measure of lesson.measures) {
    if (measure.run !== run) continue;
    const result = evaluator.evaluate(measure.value);
    const value = result.ok ? measuredValue(result.value) : undefined;
    if (value !== undefined) values[measureKey(measure)] = value;
  }
  return values;
}

/** Makes runs on machines of their own. One that exceeds its budget has no end, and gives nothing. */
export async function measureRuns(
  lesson: Lesson,
  names: readonly string[],
  texts: Texts,
  seed: number,
): Promise<{ readonly measured: Values; readonly diagnostics: readonly Diagnostic[] }> {
  let measured: Values = {};
  for (const name of names) {
    const run = runNamed(lesson, name);
    if (run === undefined) continue;
    const experiment = await runExperiment(lesson, run, texts, seed);
    if (!experiment.ok) return { measured, diagnostics: experiment.diagnostics };
    if (experiment.observed.exit.reason === 'budget') continue;
    measured = { ...measured, ...measuresIn(lesson, name, experiment.observed, seed) };
  }
  return { measured, diagnostics: [] };
}
