/** Proves a lesson for its author: right answers pass, the starter fails, wrong answers fail where and how it is said. */
import { parse as parseYaml } from 'yaml';
import { Evaluator, numberOf } from './cel.ts';
import { type Answers, judge, type Verdict, verdictOn } from './checks.ts';
import { type Experiment, runExperiment, type Texts } from './experiment.ts';
import { type Lesson, type LessonFolder, questionsOf, runNamed } from './lesson.ts';
import { vocabularyOf } from './observations.ts';
import { seedOf } from './seed.ts';

/** Variants differ by student; these stand for a class. */
const students = ['Ada', 'Grace', 'Edsger', 'Barbara'];

export interface Proof {
  /** What was tried: `solution`, `start`, `right/NAME`, `wrong/NAME`. */
  readonly attempt: string;
  readonly holds: boolean;
  readonly expected: string;
  readonly found: string;
}

export async function verifyLesson(lesson: Lesson, folder: LessonFolder): Promise<Proof[]> {
  const proofs: Proof[] = [];
  for (const name of ['solution', ...subfolders(folder, 'right')]) {
    for (const student of students) proofs.push(await proveRight(lesson, folder, name, student));
  }
  proofs.push(await proveStart(lesson));
  for (const wrong of lesson.wrong) {
    proofs.push(await proveWrong(lesson, folder, wrong));
  }
  return proofs;
}

/** Texts of an attempt: the folder's, or the starter's where it has none. */
function textsOf(lesson: Lesson, folder: LessonFolder, name: string): Texts {
  const texts: Record<string, string> = {};
  for (const file of lesson.files) texts[file.name] = folder.get(`${name}/${file.name}`) ?? file.text;
  return texts;
}

function subfolders(folder: LessonFolder, place: string): string[] {
  const names = [...folder.keys()].flatMap((path) => new RegExp(`^${place}/[^/]+`).exec(path)?.[0] ?? []);
  return [...new Set(names)];
}

/** The course's own answers are expressions over the question's run, in `solution/answers.yaml`. */
async function answersOf(
  lesson: Lesson,
  folder: LessonFolder,
  name: string,
  texts: Texts,
  seed: number,
): Promise<Answers> {
  const source = folder.get(`${name}/answers.yaml`) ?? folder.get('solution/answers.yaml');
  const expressions = (source === undefined ? {} : parseYaml(source)) as Record<string, unknown>;
  const experiments = new Map<string, Experiment>();
  const answers: Record<string, number | null> = {};
  for (const question of questionsOf(lesson)) {
    const expression = expressions[question.id];
    answers[question.id] = typeof expression === 'number' ? expression : null;
    const run = question.kind === 'select' ? runNamed(lesson, question.run) : undefined;
    if (typeof expression !== 'string' || run === undefined) continue;
    const experiment = experiments.get(run.name) ?? (await runExperiment(lesson, run, texts, seed));
    experiments.set(run.name, experiment);
    if (!experiment.ok) continue;
    const result = new Evaluator(vocabularyOf(experiment.observed, {}, seed)).evaluate(expression);
    answers[question.id] = result.ok ? (numberOf(result.value) ?? null) : null;
  }
  return answers;
}

const describeFailures = (verdicts: readonly Verdict[]): string =>
  verdicts
    .filter(({ passed }) => !passed)
    .map(({ check, why }) => `${check}: ${why}`)
    .join('; ');

async function proveRight(lesson: Lesson, folder: LessonFolder, name: string, student: string): Promise<Proof> {
  const texts = textsOf(lesson, folder, name);
  const seed = seedOf(student, lesson.slug);
  const answers = await answersOf(lesson, folder, name, texts, seed);
  const { verdicts, diagnostics } = await judge(lesson, { texts, answers, seed });
  const failures = describeFailures(verdicts);
  const [diagnostic] = diagnostics;
  const place = diagnostic === undefined ? '' : ` (${diagnostic.file}:${diagnostic.line}: ${diagnostic.message})`;
  return {
    attempt: `${name} (${student})`,
    holds: failures === '',
    expected: 'passes every check',
    found: failures === '' ? 'passes every check' : `fails ${failures}${place}`,
  };
}

async function proveStart(lesson: Lesson): Promise<Proof> {
  const texts = Object.fromEntries(lesson.files.map(({ name, text }) => [name, text]));
  const { verdicts, diagnostics } = await judge(lesson, { texts, answers: {}, seed: seedOf('Ada', lesson.slug) });
  const failed = verdicts.filter(({ passed }) => !passed);
  const builds = diagnostics.length === 0;
  return {
    attempt: 'start',
    holds: builds && failed.length > 0,
    expected: 'builds, and fails some check',
    found: builds ? `fails ${failed.length} of ${verdicts.length}` : `does not build: ${diagnostics[0]?.message ?? ''}`,
  };
}

async function proveWrong(lesson: Lesson, folder: LessonFolder, wrong: Lesson['wrong'][number]): Promise<Proof> {
  const name = `wrong/${wrong.name}`;
  const check = lesson.checks.find(({ id }) => id === wrong.check);
  const run = check === undefined ? undefined : runNamed(lesson, check.run);
  const expected = `fails ${wrong.check} with the hint ${wrong.hint}`;
  if (check === undefined || run === undefined)
    return { attempt: name, holds: false, expected, found: 'no such check' };
  const texts = textsOf(lesson, folder, name);
  const seed = seedOf('Ada', lesson.slug);
  const experiment = await runExperiment(lesson, run, texts, seed);
  if (!experiment.ok) {
    const [first] = experiment.diagnostics;
    const place = `${first?.file ?? ''}:${first?.line ?? 0}: ${first?.message ?? ''}`;
    return { attempt: name, holds: false, expected, found: `does not build: ${place}` };
  }
  const answers = await answersOf(lesson, folder, name, texts, seed);
  const verdict = verdictOn(check, experiment, { texts, answers, seed }, run.budget);
  const found = verdict.passed ? 'passes' : `fails with the hint ${verdict.hint ?? `(none): ${verdict.why}`}`;
  return { attempt: name, holds: !verdict.passed && verdict.hint === wrong.hint, expected, found };
}
