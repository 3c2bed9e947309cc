/** A student's work as text for the browser's storage. Old or damaged text loses no more than what cannot be read. */
import type { Lesson } from './lesson.ts';
import * as z from './schema.ts';
import { newWork, type Work } from './session.ts';

const texts = z.record(z.string(), z.string());
const numbers = z.record(z.string(), z.number());
const condition = z.optional(z.string());
export const breakpointsSchema = z.array(z.object({ file: z.string(), line: z.int(), condition }));
const bytes = z.union([z.literal(1), z.literal(2), z.literal(4), z.literal(8)]);
const on = z.enum(['load', 'store', 'both']);
export const watchpointsSchema = z.array(z.object({ what: z.string(), bytes, on, condition }));
const bookmark = {
  name: z.string(),
  position: z.int(),
  run: z.string(),
  program: z.string(),
  course: z.string(),
};
export const bookmarksSchema = z.array(z.object(bookmark));

export function serializeWork(work: Work): string {
  return JSON.stringify(work);
}

export function restoreWork(lesson: Lesson, stored: string | null): Work {
  const fresh = newWork(lesson);
  if (stored === null) return fresh;
  let data: unknown;
  try {
    data = JSON.parse(stored);
  } catch {
    return fresh;
  }
  if (typeof data !== 'object' || data === null) return fresh;
  const fields = data as Readonly<Record<string, unknown>>;
  const read = <T>(schema: z.ZodMiniType<T>, value: unknown, otherwise: T): T => {
    const parsed = schema.safeParse(value);
    return parsed.success ? parsed.data : otherwise;
  };
  return {
    student: read(z.string(), fields.student, ''),
    texts: { ...fresh.texts, ...onlyNames(read(texts, fields.texts, {}), fresh.texts) },
    undo: read(z.optional(texts), fields.undo, undefined),
    answers: read(numbers, fields.answers, {}),
    predictions: read(numbers, fields.predictions, {}),
    breakpoints: read(breakpointsSchema, fields.breakpoints, []),
    watchpoints: read(watchpointsSchema, fields.watchpoints, []),
    bookmarks: read(bookmarksSchema, fields.bookmarks, []),
    done: fields.done === true,
  };
}

/** A file that the lesson no longer has is not built; its text would only be carried along. */
function onlyNames(stored: Record<string, string>, known: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(stored).filter(([name]) => known[name] !== undefined));
}
