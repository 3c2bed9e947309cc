/** The submission file of a piece of work. */
import type { Lesson } from '../labs/lesson.ts';
import type { Work } from '../labs/session.ts';
import { writeSubmission } from '../labs/submission.ts';

/** Letters of any script survive; what file systems dislike becomes a hyphen. */
export const fileStem = (words: string): string =>
  words
    .normalize('NFC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '');

export function submissionName(lesson: Lesson, student: string): string {
  const who = fileStem(student);
  return `${lesson.slug}${who === '' ? '' : `.${who}`}.json`;
}

export function submissionText(lesson: Lesson, work: Work): string {
  return writeSubmission({
    lesson: lesson.slug,
    lessonVersion: lesson.version,
    student: work.student,
    files: { ...work.texts },
    answers: { ...work.answers },
    predictions: { ...work.predictions },
  });
}
