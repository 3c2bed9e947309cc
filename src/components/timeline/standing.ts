/** Why a bookmark can or cannot be gone to, and the places that the page keys go to. */
import type { Bookmark, Coursed, Standing } from '../../labs/bookmarks.ts';
import { standingOf } from '../../labs/bookmarks.ts';
import type { Notable } from './model.ts';

/** Empty for one that can be gone to. */
export function sayStanding(standing: Standing, { run }: Bookmark): string {
  switch (standing) {
    case 'there':
      return '';
    case 'ahead':
      return 'The run has not come there yet.';
    case 'no-run':
      return 'Run the program to go there.';
    case 'other-run':
      return `Of the run ${run}.`;
    case 'other-program':
      return 'Of another program: the text or the machine has changed since.';
    case 'other-input':
      return 'Of another run: something else was typed before it.';
  }
}

/** Those of the run that is shown. */
export const placed = (bookmarks: readonly Bookmark[], coursed: Coursed): readonly Bookmark[] =>
  bookmarks.filter((each) => standingOf(each, coursed) === 'there');

export const stopsOf = (notables: readonly Notable[], bookmarks: readonly Bookmark[]): readonly number[] =>
  [...notables, ...bookmarks].map(({ position }) => position).sort((a, b) => a - b);
