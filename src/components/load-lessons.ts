/** The lessons of this site, parsed while it is built; an author's mistake ends the build and says where it is. */
import { formatProblem, type Lesson, withFirmware } from '../labs/lesson.ts';
import { parseLesson } from '../labs/parse-lesson.ts';
import { loadFirmware } from './load-firmware.ts';
import { loadLibrary } from './load-library.ts';

const texts = import.meta.glob<string>('/content/lessons/*/**', { query: '?raw', import: 'default', eager: true });

/** Names alone: the views themselves are not needed to read a lesson. */
const views = Object.keys(import.meta.glob('../visualizers/*/index.ts')).map((path) => path.split('/').at(-2) ?? '');

const placeOf = /^\/content\/lessons\/([^/]+)\/(.+)$/;

export function loadLessons(): Lesson[] {
  const folders = new Map<string, Map<string, string>>();
  for (const [path, text] of Object.entries(texts)) {
    const [, slug, file] = placeOf.exec(path) ?? [];
    if (slug === undefined || file === undefined) continue;
    const folder = folders.get(slug) ?? new Map<string, string>();
    folders.set(slug, folder.set(file, text));
  }
  const parsed = [...folders].map(([slug, folder]) => parseLesson(slug, folder, { views, library: loadLibrary() }));
  const problems = parsed.flatMap((each) => (each.ok ? [] : each.problems));
  if (problems.length > 0) {
    const list = problems.map((each) => formatProblem({ ...each, file: `content/lessons/${each.file}` }));
    throw new Error(`A lesson has mistakes:\n\n${list.join('\n')}\n`);
  }
  return parsed
    .flatMap((each) => (each.ok ? [withFirmware(each.lesson, loadFirmware())] : []))
    .sort((a, b) => a.slug.localeCompare(b.slug, 'en', { numeric: true }));
}

/** What the page and its worker need; the wrong answers are for the author's proof only. */
export const forPage = (lesson: Lesson): Lesson => ({ ...lesson, wrong: [] });
