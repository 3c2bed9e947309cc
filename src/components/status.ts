/** Where the machine stands, in a sentence. */
import { bookmarkAt } from '../labs/bookmarks.ts';
import { type Lesson, runNamed } from '../labs/lesson.ts';
import type { SessionState } from '../labs/session.ts';

export function sayStatus(lesson: Lesson, { run, stale, work }: SessionState): string {
  const changed = stale ? ' The text has changed since: Run and Step begin anew.' : '';
  const at = run.place === undefined ? '' : `${run.place.file}:${run.place.line}`;
  switch (run.status) {
    case 'idle':
      return 'The machine is off.';
    case 'building':
      return 'Building …';
    case 'running': {
      const budget = runNamed(lesson, run.name)?.budget ?? Infinity;
      const past = run.position > budget ? ` Past the ${budget.toLocaleString('en')} steps that checks allow.` : '';
      return `Running ${run.name} …${past}${changed}`;
    }
    case 'paused': {
      const past =
        run.position < run.tip ? `Step ${run.position.toLocaleString('en')} of ${run.tip.toLocaleString('en')}. ` : '';
      const words = run.reason === '' ? past : `${run.reason} `;
      const bookmark = bookmarkAt(work.bookmarks, run, run.position);
      const mark = bookmark === undefined ? '' : `Bookmark “${bookmark.name}”. `;
      const next = at === '' ? '' : `Next: ${at}.`;
      return `${words}${mark}${next}${changed}`.trim() || 'Paused.';
    }
    case 'ended':
      return `${run.reason}${at === '' ? ' The machine is off.' : ` It stands at ${at}.`}${changed}`;
    case 'failed':
      return `${run.reason}${changed}`;
  }
}
