/** Every shipped lesson proves itself: what `guesthouse verify` says, one test for each attempt. */
import { describe, expect, it } from 'vitest';
import { lessonNames, readLessonFolder, viewNames } from '../../src/cli/files.ts';
import { readLibraryTexts } from '../../src/cli/library-texts.ts';
import { readFirmwareTexts } from '../../src/cli/run/guest-files.ts';
import { formatProblem, withFirmware } from '../../src/labs/lesson.ts';
import { parseLesson } from '../../src/labs/parse-lesson.ts';
import { verifyLesson } from '../../src/labs/verify.ts';

describe.each(lessonNames())('%s', (slug) => {
  const folder = readLessonFolder(slug);
  const parsed = parseLesson(slug, folder, { views: viewNames(), library: readLibraryTexts() });

  it('has no mistakes', () => {
    expect(parsed.ok ? [] : parsed.problems.map(formatProblem)).toEqual([]);
  });

  it('is passed by right answers, and by no other', async () => {
    if (!parsed.ok) return;
    const proofs = await verifyLesson(withFirmware(parsed.lesson, readFirmwareTexts()), folder);
    expect(proofs.filter(({ holds }) => !holds)).toEqual([]);
    expect(parsed.lesson.wrong.length).toBeGreaterThanOrEqual(4);
    expect(proofs.length).toBeGreaterThan(parsed.lesson.wrong.length + 2);
  }, 300_000);
});

it('there are lessons', () => {
  expect(lessonNames().length).toBeGreaterThan(0);
});
