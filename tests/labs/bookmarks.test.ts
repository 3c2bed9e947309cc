/** Bookmarks belong to the course that a run took up to them: its program, and what was typed. */
import { describe, expect, it } from 'vitest';
import { placed, sayStanding, stopsOf } from '../../src/components/timeline/standing.ts';
import { defaultBoard } from '../../src/engine/machine/default-board.ts';
import { build } from '../../src/engine/toolchain/build.ts';
import { type Course, heard, isVoid, type Standing, standingOf, withBookmark } from '../../src/labs/bookmarks.ts';
import { programKey } from '../../src/labs/program-key.ts';
import { type Command, type Notice, newSession, newWork, type SessionState, update } from '../../src/labs/session.ts';
import { restoreWork, serializeWork } from '../../src/labs/work-store.ts';
import { smallLesson } from './small-lesson.ts';

const program: readonly Course[] = [{ from: 0, key: 'p' }];
const run = (courses: readonly Course[], tip = 1000, name = 'main') => ({ name, tip, courses });
const marked = (position: number, courses: readonly Course[] = program) => {
  const [bookmark] = withBookmark([], run(courses), position, 'here');
  if (bookmark === undefined) throw new Error('nothing was marked');
  return bookmark;
};

describe('a bookmark', () => {
  const typed = heard(program, 100, 'x', false);
  const rows: readonly (readonly [string, ReturnType<typeof marked>, ReturnType<typeof run>, Standing])[] = [
    ['in the run that it was set in', marked(50), run(program), 'there'],
    ['before any run', marked(50), run([]), 'no-run'],
    ['where the run has not come to it', marked(50), run(program, 49), 'ahead'],
    ['in another run of the lesson', marked(50), run(program, 1000, 'other'), 'other-run'],
    ['in another program', marked(50), run([{ from: 0, key: 'q' }]), 'other-program'],
    ['behind what was typed since', marked(101), run(typed), 'other-input'],
    ['before what was typed since', marked(99), run(typed), 'there'],
    ['at the step at which it was typed: it takes effect behind it', marked(100), run(typed), 'there'],
    ['behind what was typed again in the same way', marked(200, typed), run(typed), 'there'],
    ['where something else was typed', marked(200, typed), run(heard(program, 100, 'y', false)), 'other-input'],
    ['where it was typed earlier', marked(200, typed), run(heard(program, 90, 'x', false)), 'other-input'],
    ['where nothing was typed', marked(200, typed), run(program), 'other-input'],
  ];
  it.each(rows)('%s', (_, bookmark, coursed, standing) => {
    expect(standingOf(bookmark, coursed)).toBe(standing);
    expect(sayStanding(standing, bookmark) === '').toBe(standing === 'there');
  });

  it('is lost with its program and its input only', () => {
    const standings = rows.map(([, , , standing]) => standing);
    expect([...new Set(standings.filter(isVoid))]).toEqual(['other-program', 'other-input']);
  });

  it('is set once at a moment, in the order of positions', () => {
    const three = [70, 20, 70, 50].reduce<ReturnType<typeof withBookmark>>(
      (all, position) => withBookmark(all, run(program), position, `${position}`),
      [],
    );
    expect(three.map(({ name }) => name)).toEqual(['20', '50', '70']);
  });

  it('behind an input that took its future is another course', () => {
    const twice = heard(heard(program, 100, 'x', false), 200, 'y', false);
    const branched = heard(twice, 100, 'z', true);
    expect(branched.map(({ from }) => from)).toEqual([0, 100]);
    expect(standingOf(marked(150, twice), run(branched))).toBe('other-input');
    expect(standingOf(marked(100, twice), run(branched))).toBe('there');
  });

  it('is where page keys go, among what first happened', () => {
    const bookmarks = [marked(30), marked(10), marked(20, [{ from: 0, key: 'q' }])];
    expect(stopsOf([{ position: 15, title: 'First trap' }], placed(bookmarks, run(program)))).toEqual([10, 15, 30]);
  });
});

describe('in a session, bookmarks', () => {
  const stateAfter = (state: SessionState, ...messages: readonly (Command | Notice)[]): SessionState =>
    messages.reduce((each, message) => update(smallLesson, each, message).state, state);
  const stopped = (position: number): Notice => ({
    ...{ kind: 'stopped', status: 'paused', reason: '', place: { file: 'a.S', line: 3 }, position, cycle: position },
    ...{ tip: 100, sent: 0, machine: undefined, measured: {} },
  });
  const started: Notice = { kind: 'started', name: 'main', program: 'p' };
  const set = stateAfter(newSession(newWork(smallLesson)), started, stopped(40), { kind: 'bookmark' });

  it('have the name of the place until they are given one', () => {
    expect(set.work.bookmarks).toMatchObject([{ name: 'a.S:3', position: 40, run: 'main', program: 'p' }]);
    const named = stateAfter(set, { kind: 'name-bookmark', index: 0, name: 'first trap' });
    expect(named.work.bookmarks[0]?.name).toBe('first trap');
    expect(stateAfter(named, { kind: 'remove-bookmark', index: 0 }).work.bookmarks).toEqual([]);
  });

  it('are not set while nothing stands still to be marked', () => {
    expect(stateAfter(newSession(newWork(smallLesson)), { kind: 'bookmark' }).work.bookmarks).toEqual([]);
    expect(stateAfter(newSession(newWork(smallLesson)), started, { kind: 'bookmark' }).work.bookmarks).toEqual([]);
  });

  it('outlive a changed program, and are removed together when that is asked', () => {
    const other = stateAfter(set, { ...started, program: 'q' }, stopped(60), { kind: 'bookmark' });
    expect(other.work.bookmarks.map((each) => standingOf(each, other.run))).toEqual(['other-program', 'there']);
    expect(stateAfter(other, { kind: 'remove-void-bookmarks' }).work.bookmarks).toMatchObject([{ position: 60 }]);
    expect(stateAfter(other, started, stopped(50)).work.bookmarks).toHaveLength(2);
  });

  it('are of another course when something is typed before them', () => {
    const typed = stateAfter(set, { kind: 'heard', position: 30, text: 'x', branched: true });
    expect(standingOf(set.work.bookmarks[0] ?? marked(0), typed.run)).toBe('other-input');
  });

  it('are kept with the work, and damaged ones are left out', () => {
    expect(restoreWork(smallLesson, serializeWork(set.work))).toEqual(set.work);
    expect(restoreWork(smallLesson, JSON.stringify({ bookmarks: [{ position: 1 }] })).bookmarks).toEqual([]);
  });
});

describe('the key of a program', () => {
  const keyOf = (text: string, board = defaultBoard): string => {
    const built = build([{ name: 'a.S', text }], {});
    if (!built.ok) throw new Error(JSON.stringify(built.diagnostics));
    return programKey(built.image, board);
  };
  const text = '\t.globl _start\n_start:\tli a0, 1\n\tj .\n';

  it('is the same for the same bytes on the same machine', () => {
    expect(keyOf(`${text}# a remark\n`)).toBe(keyOf(text));
  });

  it('is another for other bytes, and for another machine', () => {
    expect(keyOf(text.replace('1', '2'))).not.toBe(keyOf(text));
    expect(keyOf(text, { ...defaultBoard, ram: 2 * defaultBoard.ram })).not.toBe(keyOf(text));
  });
});
