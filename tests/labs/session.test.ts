import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Lesson } from '../../src/labs/lesson.ts';
import { type Command, type Notice, newSession, newWork, type SessionState, update } from '../../src/labs/session.ts';
import { readSubmission, writeSubmission } from '../../src/labs/submission.ts';
import { restoreWork, serializeWork } from '../../src/labs/work-store.ts';
import { smallLesson } from './small-lesson.ts';

const lesson: Lesson = {
  ...smallLesson,
  files: [
    { name: 'a.S', mode: 'edit', text: 'start' },
    { name: 'k.S', mode: 'read', text: 'kernel' },
  ],
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
  it('has a part of the run profiled while the machine stands, and forgets the profile with the run', () => {
    const profile = { start: 0, end: 9, samples: 0, stacks: [] };
    const ask = { kind: 'profile', start: 0, end: 9 } as const;
    expect(update(lesson, fresh(), ask).requests).toEqual([]);
    const base = fresh();
    const paused: SessionState = { ...base, run: { ...base.run, name: 'main', status: 'paused', position: 4, tip: 9 } };
    const asked = update(lesson, paused, ask);
    expect([asked.requests, asked.state.run.status]).toEqual([[ask], 'running']);
    const profiled = update(lesson, paused, { kind: 'profiled', profile }).state;
    expect(profiled.profile).toBe(profile);
    expect(update(lesson, profiled, { kind: 'restart' }).state.profile).toBeUndefined();
    expect(update(lesson, profiled, { kind: 'input', text: 'x' }).state.profile).toBeUndefined();
  });

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
    const building = update(lesson, fresh(), { kind: 'run', name: 'main' }).state;
    const running = update(lesson, building, { kind: 'started', name: 'main', program: 'p' }).state;
    const paused = update(lesson, running, {
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
    expect(update(lesson, paused, { kind: 'run', name: 'main' }).requests).toEqual([{ kind: 'resume', parts: [] }]);
    const edited = update(lesson, paused, { kind: 'edit', file: 'a.S', text: 'new' }).state;
    expect(update(lesson, edited, { kind: 'run', name: 'main' }).requests).toMatchObject([{ kind: 'start' }]);
  });

  describe('what runs give', () => {
    const measured = { 'main: steps': 7 };
    const noticed = { kind: 'measured', measured, diagnostics: [] } as const;
    const asked = (): SessionState => update(lesson, fresh(), { kind: 'measure', runs: ['main'] }).state;

    it('is found by runs beside the machine, one lot of them at a time', () => {
      const first = update(lesson, fresh(), { kind: 'measure', runs: ['main'] });
      expect(first.requests).toMatchObject([{ kind: 'measure', runs: ['main'], texts: { 'a.S': 'start' } }]);
      expect(update(lesson, first.state, { kind: 'measure', runs: ['main'] }).requests).toEqual([]);
      const { state } = update(lesson, first.state, noticed);
      expect([state.measured, state.measuring]).toEqual([{ 'main: steps': { value: 7, stale: false } }, 'no']);
      expect(update(lesson, fresh(), { kind: 'measure', runs: [] }).requests).toEqual([]);
    });

    it('is old once the text has changed, also if it changes while they run', () => {
      const edit = { kind: 'edit', file: 'a.S', text: 'new' } as const;
      const after = update(lesson, update(lesson, asked(), noticed).state, edit).state;
      const meanwhile = update(lesson, update(lesson, asked(), edit).state, noticed).state;
      for (const { measured } of [after, meanwhile]) expect(measured['main: steps']).toEqual({ value: 7, stale: true });
      expect(meanwhile.measuring).toBe('no');
    });
  });

  describe('whose benches share a machine', () => {
    const bench = { kind: 'bench', line: 1, run: 'main', open: 'a.S', views: [] } as const;
    const chained: Lesson = {
      ...lesson,
      cells: [
        { ...bench, id: 'boot', after: undefined, until: 'booted' },
        { ...bench, id: 'fork', after: 'boot', until: 'forked' },
        { ...bench, id: 'rest', after: 'fork', until: undefined },
      ],
    };
    const boot = { bench: 'boot', until: 'booted' };
    const fork = { bench: 'fork', until: 'forked' };
    const rest = { bench: 'rest', until: undefined };
    const paused = (position: number, parts: SessionState['parts']): SessionState => ({
      ...fresh(),
      run: { ...fresh().run, name: 'main', status: 'paused', position, tip: position },
      parts,
    });
    const run = (state: SessionState, name: string) =>
      update(chained, state, { kind: 'run', name: 'main', bench: name });

    it('begins at the first of them for any', () => {
      expect(run(fresh(), 'fork').requests).toMatchObject([{ kind: 'start', parts: [boot, fork] }]);
      expect(run(fresh(), 'rest').requests).toMatchObject([{ kind: 'start', parts: [boot, fork, rest] }]);
    });

    it('goes on from where the one before ended, wherever the machine stands', () => {
      expect(run(paused(10, { boot: 10 }), 'fork').requests).toEqual([{ kind: 'resume', parts: [fork] }]);
      expect(run(paused(4, { boot: 10 }), 'fork').requests).toEqual([{ kind: 'resume', from: 10, parts: [fork] }]);
      expect(run(paused(20, { boot: 10, fork: 20 }), 'rest').requests).toEqual([{ kind: 'resume', parts: [rest] }]);
    });

    it('begins anew where the one before has not come to its end, or the text has changed', () => {
      expect(run(paused(4, {}), 'fork').requests).toMatchObject([{ kind: 'start', parts: [boot, fork] }]);
      const edited = update(chained, paused(10, { boot: 10 }), { kind: 'edit', file: 'a.S', text: 'new' }).state;
      expect(run(edited, 'fork').requests).toMatchObject([{ kind: 'start', parts: [boot, fork] }]);
    });

    it('forgets where parts ended when another run starts', () => {
      const state = update(chained, paused(10, { boot: 10 }), { kind: 'started', name: 'main', program: 'p' }).state;
      expect(state.parts).toEqual({});
      expect(update(chained, state, { kind: 'part', bench: 'boot', position: 9 }).state.parts).toEqual({ boot: 9 });
    });
  });

  describe('that visits the past', () => {
    const stands = (position: number, tip: number): SessionState => ({
      ...fresh(),
      run: { ...fresh().run, name: 'main', status: 'ended', position, tip },
    });
    const stopped = (position: number, tip: number) =>
      ({
        kind: 'stopped',
        status: 'paused',
        reason: '',
        place: undefined,
        position,
        cycle: position,
        tip,
        sent: 0,
        machine: undefined,
        measured: {},
      }) as const;

    it('goes to one position at a time, and then to the last that was wanted', () => {
      const first = update(lesson, stands(100, 100), { kind: 'visit', position: 40 });
      expect(first.requests).toEqual([{ kind: 'visit', position: 40 }]);
      const dragged = [30, 20, 10].reduce((state, position) => {
        const { state: next, requests } = update(lesson, state, { kind: 'visit', position });
        expect(requests).toEqual([]);
        return next;
      }, first.state);
      expect(update(lesson, dragged, stopped(40, 100)).requests).toEqual([{ kind: 'visit', position: 10 }]);
    });

    it.each([
      [-5, 0],
      [1e9, 100],
      [2.4, 2],
    ])('takes %d for %d', (wanted, position) => {
      expect(update(lesson, stands(50, 100), { kind: 'visit', position: wanted }).requests).toEqual([
        { kind: 'visit', position },
      ]);
    });

    it('goes on from the past of a run that ended, and begins anew at its end', () => {
      const run = (state: SessionState) => update(lesson, state, { kind: 'run', name: 'main' }).requests;
      expect(run(stands(50, 100))).toEqual([{ kind: 'resume', parts: [] }]);
      expect(run(stands(100, 100))).toMatchObject([{ kind: 'start' }]);
    });

    it('steps back from the end', () => {
      const { requests } = update(lesson, stands(100, 100), { kind: 'step', name: 'main', how: 'back' });
      expect(requests).toEqual([{ kind: 'step', how: 'back' }]);
    });

    it('keeps what runs gave, marked when the text has changed', () => {
      const ended = update(lesson, stands(1, 1), { ...stopped(1, 1), measured: { 'main: steps': 4 } }).state;
      expect(ended.measured).toEqual({ 'main: steps': { value: 4, stale: false } });
      const edited = update(lesson, ended, { kind: 'edit', file: 'a.S', text: 'new' }).state;
      expect(edited.measured).toEqual({ 'main: steps': { value: 4, stale: true } });
    });
  });

  describe('that has been restarted', () => {
    const nothing = { reason: '', place: undefined, position: 9, cycle: 9, tip: 9, sent: 0 } as const;
    const late: readonly Notice[] = [
      { kind: 'progress', position: 9, cycle: 9, tip: 9 },
      { kind: 'part', bench: 'b', position: 9 },
      { kind: 'stopped', status: 'paused', ...nothing, machine: undefined, measured: {} },
    ];

    it.each(late)('hears no $kind that was under way', (notice) => {
      const running = stateAfter({ kind: 'run', name: 'main' });
      const restarted = update(lesson, running, { kind: 'restart' }).state;
      expect(update(lesson, restarted, notice)).toEqual({ state: restarted, requests: [] });
      const again = update(lesson, restarted, { kind: 'run', name: 'main' }).state;
      expect(update(lesson, again, notice).state).toBe(again);
    });

    it('hears that the next program does not build', () => {
      const building = stateAfter({ kind: 'restart' }, { kind: 'run', name: 'main' });
      const failed = { kind: 'stopped', status: 'failed', ...nothing, machine: undefined, measured: {} } as const;
      expect(update(lesson, building, failed).state.run.status).toBe('failed');
    });
  });

  describe('that was checked', () => {
    const verdicts = [{ check: 'a', passed: false, why: 'No byte was sent.' }];
    const checked = { kind: 'checked', verdicts, diagnostics: [] } as const;
    const edit = { kind: 'edit', file: 'a.S', text: 'new' } as const;
    const judged = (): SessionState => update(lesson, stateAfter({ kind: 'check' }), checked).state;

    it.each<Command>([edit, { kind: 'answer', id: 'why', value: 1 }, { kind: 'name', student: 'Ada' }])(
      'still tells what was found after: $kind, as of before it',
      (command) => {
        expect(judged()).toMatchObject({ verdicts, outdated: false });
        expect(update(lesson, judged(), command).state).toMatchObject({ verdicts, outdated: true });
        const meanwhile = update(lesson, update(lesson, stateAfter({ kind: 'check' }), command).state, checked).state;
        expect(meanwhile).toMatchObject({ verdicts, outdated: true, checking: false });
        expect(update(lesson, meanwhile, { kind: 'check' }).state.outdated).toBe(false);
      },
    );

    it('tells nothing of it about a submission that was loaded', () => {
      const submission = { format: 'guesthouse-submission', version: 1, lesson: '01-a', lessonVersion: 1 } as const;
      const others = { student: 'Ada', files: {}, answers: {}, predictions: {} };
      const load = { kind: 'load-submission', submission: { ...submission, ...others } } as const;
      expect(update(lesson, judged(), load).state.verdicts).toBeUndefined();
    });
  });

  it('keeps the conditions of breakpoints whose lines move', () => {
    const state = stateAfter(
      { kind: 'stop-if', file: 'a.S', line: 4, condition: 'a0 == 1' },
      { kind: 'toggle-breakpoint', file: 'a.S', line: 2 },
      { kind: 'move-breakpoints', file: 'a.S', lines: [3, 5] },
    );
    expect(state.work.breakpoints).toEqual([
      { file: 'a.S', line: 3 },
      { file: 'a.S', line: 5, condition: 'a0 == 1' },
    ]);
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
