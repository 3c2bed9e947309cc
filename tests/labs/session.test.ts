import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Lesson } from '../../src/labs/lesson.ts';
import { defaultMachine } from '../../src/labs/machine-settings.ts';
import { type Command, newSession, newWork, type SessionState, update } from '../../src/labs/session.ts';
import { readSubmission, writeSubmission } from '../../src/labs/submission.ts';
import { restoreWork, serializeWork } from '../../src/labs/work-store.ts';

const lesson: Lesson = {
  slug: '01-a',
  title: 'A',
  summary: 'a',
  version: 1,
  minutes: 1,
  machine: { ...defaultMachine, ram: 2 ** 20 },
  files: [
    { name: 'a.S', mode: 'edit', text: 'start' },
    { name: 'k.S', mode: 'read', text: 'kernel' },
  ],
  runs: [{ name: 'main', budget: 100, define: {} }],
  checks: [],
  wrong: [],
  cells: [{ kind: 'choice', line: 1, id: 'why', html: '', options: ['x', 'y'] }],
};

const fresh = (): SessionState => newSession(newWork(lesson));
const stateAfter = (...commands: readonly Command[]): SessionState =>
  commands.reduce((state, command) => update(lesson, state, command).state, fresh());

const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ kind: fc.constant('edit' as const), file: fc.constantFrom('a.S', 'k.S', 'z'), text: fc.string() }),
  fc.constantFrom<Command>(
    { kind: 'run', name: 'main' },
    { kind: 'pause' },
    { kind: 'step', name: 'main', how: 'into' },
    { kind: 'restart' },
    { kind: 'check' },
    { kind: 'toggle-breakpoint', file: 'a.S', line: 3 },
  ),
  fc.record({ kind: fc.constant('predict' as const), id: fc.constantFrom('p', 'q'), value: fc.integer() }),
  fc.record({ kind: fc.constant('answer' as const), id: fc.constant('why'), value: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ kind: fc.constant('name' as const), student: fc.string() }),
);

describe('a session', () => {
  it('never loses an edit, whatever else is done', () => {
    fc.assert(
      fc.property(fc.array(command), (commands) => {
        const last = commands.filter((each) => each.kind === 'edit' && each.file === 'a.S').at(-1);
        const expected = last?.kind === 'edit' ? last.text : 'start';
        expect(stateAfter(...commands).work.texts).toEqual({ 'a.S': expected });
      }),
    );
  });

  it('brings back what a reset of the text took', () => {
    const state = stateAfter({ kind: 'edit', file: 'a.S', text: 'mine' }, { kind: 'reset-text' });
    expect(state.work.texts['a.S']).toBe('start');
    expect(update(lesson, state, { kind: 'undo-reset' }).state.work.texts['a.S']).toBe('mine');
  });

  it('locks a prediction', () => {
    const state = stateAfter({ kind: 'predict', id: 'p', value: 5 }, { kind: 'predict', id: 'p', value: 6 });
    expect(state.work.predictions).toEqual({ p: 5 });
  });

  it('is the same after it has been stored and restored', () => {
    fc.assert(
      fc.property(fc.array(command), (commands) => {
        const { work } = stateAfter(...commands);
        expect(restoreWork(lesson, serializeWork(work))).toEqual(work);
      }),
    );
  });

  it.each([null, '', '{', 'null', '5', '{"texts":5,"answers":[]}', '{"texts":{"old.S":"x"}}'])(
    'begins anew from stored %s',
    (stored) => {
      expect(restoreWork(lesson, stored)).toEqual(newWork(lesson));
    },
  );

  it('goes on from a pause, and builds anew after an edit', () => {
    const paused = update(lesson, update(lesson, fresh(), { kind: 'run', name: 'main' }).state, {
      kind: 'stopped',
      status: 'paused',
      reason: '',
      place: undefined,
      position: 1,
      cycle: 1,
      tip: 1,
      sent: 0,
      machine: undefined,
      measured: {},
    }).state;
    expect(update(lesson, paused, { kind: 'run', name: 'main' }).requests).toEqual([{ kind: 'resume' }]);
    const edited = update(lesson, paused, { kind: 'edit', file: 'a.S', text: 'new' }).state;
    expect(update(lesson, edited, { kind: 'run', name: 'main' }).requests).toMatchObject([{ kind: 'start' }]);
  });

  it('takes a submission in, and can bring back what stood there', () => {
    const text = writeSubmission({
      lesson: '01-a',
      lessonVersion: 1,
      student: 'Ada',
      files: { 'a.S': 'handed in', 'k.S': 'not hers' },
      answers: { why: 2 },
      predictions: { p: 4 },
    });
    const read = readSubmission(text, lesson);
    expect(read.ok && read.warnings).toHaveLength(1);
    if (!read.ok) return;
    const state = update(lesson, stateAfter({ kind: 'edit', file: 'a.S', text: 'mine' }), {
      kind: 'load-submission',
      submission: read.submission,
    }).state;
    expect(state.work).toMatchObject({ student: 'Ada', texts: { 'a.S': 'handed in' }, answers: { why: 2 } });
    expect(update(lesson, state, { kind: 'undo-reset' }).state.work.texts['a.S']).toBe('mine');
  });
});
