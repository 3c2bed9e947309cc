/** A student's work as one JSON file. */
import { editableFiles, type Lesson, questionsOf } from './lesson.ts';
import * as z from './schema.ts';
import { didYouMean } from './suggest.ts';

const submissionFormat = 'guesthouse-submission';
const formatVersion = 1;
const mostFileCharacters = 1_000_000;

const schema = z.object({
  format: z.literal(submissionFormat),
  version: z.literal(formatVersion),
  lesson: z.string(),
  lessonVersion: z.int(),
  student: z.string().check(z.maxLength(200)),
  files: z.record(z.string(), z.string().check(z.maxLength(mostFileCharacters))),
  answers: z.record(z.string(), z.nullable(z.number())),
  predictions: z.record(z.string(), z.number()),
});

export type Submission = z.infer<typeof schema>;

export type ReadSubmission =
  | { readonly ok: true; readonly submission: Submission; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly message: string };

const refuse = (message: string): ReadSubmission => ({ ok: false, message });

/** Reads a submission for a lesson; what is not the lesson's to take is left out with a warning. */
export function readSubmission(text: string, lesson: Lesson): ReadSubmission {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return refuse('This is not a submission file: it is not JSON. Download one from the lesson’s page.');
  }
  const {
    format,
    version,
    lesson: of,
  } = (typeof data === 'object' && data !== null ? data : {}) as Record<string, unknown>;
  if (format !== submissionFormat) return refuse('This JSON is not a Guesthouse submission.');
  if (version !== formatVersion) {
    return refuse(
      `This submission is of format version ${String(version)}; this Guesthouse reads version ${formatVersion}.`,
    );
  }
  if (of !== lesson.slug)
    return refuse(`This submission is for the lesson \`${String(of)}\`, not for \`${lesson.slug}\`.`);
  const parsed = schema.safeParse(data);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return refuse(`The submission is damaged: \`${issue?.path.join('.') ?? ''}\`: ${issue?.message ?? 'unreadable'}.`);
  }
  return { ok: true, ...restrict(parsed.data, lesson) };
}

function restrict(submission: Submission, lesson: Lesson): { submission: Submission; warnings: string[] } {
  const warnings: string[] = [];
  const editable = editableFiles(lesson).map(({ name }) => name);
  const questions = questionsOf(lesson).map(({ id }) => id);
  const known = <T>(record: Record<string, T>, names: readonly string[], what: string): Record<string, T> =>
    Object.fromEntries(
      Object.entries(record).filter(([name]) => {
        if (names.includes(name)) return true;
        warnings.push(`Ignored ${what} \`${name}\`, which is not the student’s to change. ${didYouMean(name, names)}`);
        return false;
      }),
    );
  if (submission.lessonVersion !== lesson.version) {
    warnings.push(
      `The submission was made for version ${submission.lessonVersion} of the lesson; it is graded by version ${lesson.version}.`,
    );
  }
  const files = known(submission.files, editable, 'the file');
  return {
    submission: { ...submission, files, answers: known(submission.answers, questions, 'the answer') },
    warnings,
  };
}

export function writeSubmission(submission: Omit<Submission, 'format' | 'version'>): string {
  return `${JSON.stringify({ format: submissionFormat, version: formatVersion, ...submission }, undefined, 2)}\n`;
}
