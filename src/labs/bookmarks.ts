/**
 * Moments of a run that a student has marked. A position means something only in the course that the run took up to it:
 * the program that runs, and what was typed on the way.
 */

export interface Bookmark {
  readonly name: string;
  readonly position: number;
  readonly run: string;
  /** Keys of the program, and of the course up to the position. */
  readonly program: string;
  readonly course: string;
}

/** Behind a position, until the next one: the key of all that came in before. The first is the program's. */
export interface Course {
  readonly from: number;
  readonly key: string;
}

/** Of the run that is shown, as far as bookmarks are concerned. */
export interface Coursed {
  readonly name: string;
  readonly tip: number;
  readonly courses: readonly Course[];
}

/**
 * `there`: it can be gone to. `ahead`: the run has not come to it yet. `no-run`: nothing has run that could say more.
 * `other-run`, `other-program`, `other-input`: what it marks is not in this run.
 */
export type Standing = 'there' | 'ahead' | 'no-run' | 'other-run' | 'other-program' | 'other-input';

/** FNV-1a over UTF-16 units, 32 bits. */
function keyOf(text: string): string {
  let hash = 0x811c_9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x0100_0193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/** Something was typed. `branched`: with a future behind it, which is no more. */
export function heard(courses: readonly Course[], position: number, text: string, branched: boolean): Course[] {
  const kept = branched ? courses.filter(({ from }, index) => index === 0 || from < position) : courses;
  return [...kept, { from: position, key: keyOf(`${kept.at(-1)?.key ?? ''} ${position} ${text}`) }];
}

/** What is typed at a position takes effect behind it. */
const courseAt = (courses: readonly Course[], position: number): Course | undefined =>
  courses.findLast(({ from }, index) => index === 0 || from < position);

export function standingOf({ run, program, course, position }: Bookmark, coursed: Coursed): Standing {
  const { name, tip, courses } = coursed;
  if (courses.length === 0) return 'no-run';
  if (run !== name) return 'other-run';
  if (program !== courses[0]?.key) return 'other-program';
  if (position > tip) return 'ahead';
  return course === courseAt(courses, position)?.key ? 'there' : 'other-input';
}

/** What it marks has been lost with the program or the input that made it. */
export const isVoid = (standing: Standing): boolean => standing === 'other-program' || standing === 'other-input';

/** That of the moment, if there is one. */
export const bookmarkAt = (bookmarks: readonly Bookmark[], coursed: Coursed, position: number): Bookmark | undefined =>
  bookmarks.find((each) => each.position === position && standingOf(each, coursed) === 'there');

/** With one at the position, unless there is one. */
export function withBookmark(
  bookmarks: readonly Bookmark[],
  coursed: Coursed,
  position: number,
  name: string,
): readonly Bookmark[] {
  const program = coursed.courses[0]?.key;
  const course = courseAt(coursed.courses, position)?.key;
  if (program === undefined || course === undefined || bookmarkAt(bookmarks, coursed, position)) return bookmarks;
  const added: Bookmark = { name, position, run: coursed.name, program, course };
  return [...bookmarks, added].sort((a, b) => a.position - b.position);
}
