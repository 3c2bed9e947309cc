/** What is known where the code on a path through a region has come to. */
import type { Range } from './accesses.ts';
import type { PageKey } from './pages.ts';

export interface PathState {
  /** Registers whose locals hold their values. */
  readonly held: ReadonlySet<number>;
  /** Those among them that the hart's state does not have yet. */
  readonly unsaved: ReadonlySet<number>;
  /** Kinds of access whose locals hold a page, or none. */
  readonly pages: ReadonlySet<PageKey>;
  /** Where memory is plain: what was seen to lie in RAM, around registers. */
  readonly ranges: ReadonlyMap<number, Range>;
  /** FS was seen not to be Off; and it is Dirty by now. */
  readonly floats: 'unknown' | 'on' | 'dirty';
  /** Instructions that are done and not yet counted. */
  readonly uncounted: number;
}

export const nothingKnown: PathState = {
  held: new Set(),
  unsaved: new Set(),
  pages: new Set(),
  ranges: new Map(),
  floats: 'unknown',
  uncounted: 0,
};

const certainty = ['unknown', 'on', 'dirty'] as const;

const both = <T>(a: ReadonlySet<T>, b: ReadonlySet<T>): ReadonlySet<T> => new Set([...a].filter((each) => b.has(each)));

const isSame = (a: Range, b: Range | undefined): boolean =>
  a.low === b?.low && a.high === b.high && a.aligned === b.aligned;

/** What is known where paths meet; all has been saved and counted there. `a`: undefined before the first path. */
export function meet(a: PathState | undefined, b: PathState): PathState {
  const other = a ?? b;
  const level = Math.min(certainty.indexOf(other.floats), certainty.indexOf(b.floats));
  return {
    ...nothingKnown,
    held: both(other.held, b.held),
    pages: both(other.pages, b.pages),
    ranges: new Map([...other.ranges].filter(([base, range]) => isSame(range, b.ranges.get(base)))),
    floats: certainty[level] ?? 'unknown',
  };
}
