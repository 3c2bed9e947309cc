/** `guesthouse grade`: a submission → a report. */
import { type Answers, judge, type Results } from '../labs/checks.ts';
import type { Texts } from '../labs/experiment.ts';
import { editableFiles, type Lesson } from '../labs/lesson.ts';
import { seedOf } from '../labs/seed.ts';
import { readSubmission } from '../labs/submission.ts';
import { CannotGrade, fileName, isFolder, readSources, readText } from './files.ts';

interface HandedIn {
  readonly student: string;
  readonly texts: Texts;
  readonly answers: Answers;
  readonly warnings: readonly string[];
}

export interface Report {
  readonly lesson: string;
  readonly version: number;
  readonly student: string;
  readonly passed: boolean;
  readonly warnings: readonly string[];
  readonly checks: readonly {
    readonly id: string;
    readonly title: string;
    readonly passed: boolean;
    readonly why: string;
  }[];
  readonly errors: readonly string[];
}

/** One submission file, a folder, or source files by name. Throws `CannotGrade`. */
function takeIn(lesson: Lesson, paths: readonly string[], student: string | undefined): HandedIn {
  const names = editableFiles(lesson).map(({ name }) => name);
  const [first = ''] = paths;
  const none = { student: student ?? '', answers: {}, warnings: [] };
  if (paths.length === 1 && isFolder(first)) return { ...none, texts: readSources(first, names) };
  if (paths.every((path) => names.includes(fileName(path)))) {
    return { ...none, texts: Object.fromEntries(paths.map((path) => [fileName(path), readText(path)])) };
  }
  const stranger = paths.find((path) => !names.includes(fileName(path))) ?? first;
  if (paths.length > 1 || /\.(c|h|S|s|asm|inc|ld)$/.test(stranger)) {
    throw new CannotGrade(`\`${stranger}\` is not a file of this lesson to hand in: ${names.join(', ')}.`);
  }
  const read = readSubmission(readText(first), lesson);
  if (!read.ok) throw new CannotGrade(`\`${first}\`: ${read.message}`);
  const { submission, warnings } = read;
  const missing = names.filter((name) => submission.files[name] === undefined);
  return {
    student: student ?? submission.student,
    texts: submission.files,
    answers: submission.answers,
    warnings: [...warnings, ...missing.map((name) => `The submission has no \`${name}\`; the starter’s is graded.`)],
  };
}

export async function grade(lesson: Lesson, paths: readonly string[], student: string | undefined): Promise<Report> {
  const handedIn = takeIn(lesson, paths, student);
  const seed = seedOf(handedIn.student, lesson.slug);
  const results = await judge(lesson, { texts: handedIn.texts, answers: handedIn.answers, seed });
  return reportOf(lesson, handedIn, results);
}

function reportOf(lesson: Lesson, handedIn: HandedIn, { verdicts, diagnostics }: Results): Report {
  return {
    lesson: lesson.slug,
    version: lesson.version,
    student: handedIn.student,
    passed: verdicts.length > 0 && verdicts.every(({ passed }) => passed),
    warnings: handedIn.warnings,
    checks: lesson.checks.map(({ id, title }) => {
      const verdict = verdicts.find(({ check }) => check === id);
      return { id, title, passed: verdict?.passed ?? false, why: verdict?.why ?? 'It was not run.' };
    }),
    errors: diagnostics
      .filter(({ severity }) => severity === 'error')
      .map(
        ({ file, line, column, message, hint }) => `${file}:${line}:${column}: ${message}${hint ? ` (${hint})` : ''}`,
      ),
  };
}

/** For a terminal. */
export function formatReport(lesson: Lesson, report: Report): string {
  const passed = report.checks.filter((check) => check.passed).length;
  const lines = [
    `${lesson.title}${report.student === '' ? '' : `: ${report.student}`}`,
    ...report.warnings.map((warning) => `  note: ${warning}`),
    ...report.errors.map((error) => `  ${error}`),
    ...report.checks.flatMap(({ title, passed: good, why }) => [
      `  ${good ? 'pass' : 'FAIL'}  ${title}`,
      ...(good ? [] : [`        ${why}`]),
    ]),
    `${passed} of ${report.checks.length} checks passed.`,
  ];
  return `${lines.join('\n')}\n`;
}
