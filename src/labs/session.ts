/**
 * A student's session with a lesson, as a pure state machine: `update` takes a command of the student or a notice of
 * the runtime, and gives the new state and the requests that follow. It knows neither worker nor page.
 */
import type { Profile } from '../engine/inspection.ts';
import type { MachineState } from '../engine/state.ts';
import type { Diagnostic } from '../engine/toolchain/diagnostics.ts';
import { type Bookmark, type Course, heard, isVoid, standingOf, withBookmark } from './bookmarks.ts';
import { conditioned, moved, toggled } from './breakpoints.ts';
import type { Verdict } from './checks.ts';
import { type CellOf, chainOf, editableFiles, type Lesson } from './lesson.ts';
import { seedOf } from './seed.ts';
import type { Command, MeasuredValue, Notice, Part, Request, SourcePlace, Texts } from './session-messages.ts';
import type { StepKind } from './stepping.ts';
import type { Stops } from './stops.ts';
import type { Submission } from './submission.ts';

export type * from './session-messages.ts';

/** What is kept between visits; `undo` holds the texts before the last reset. */
export interface Work extends Stops {
  readonly student: string;
  readonly texts: Texts;
  readonly undo: Texts | undefined;
  readonly answers: Readonly<Record<string, number>>;
  /** Locked once given. */
  readonly predictions: Readonly<Record<string, number>>;
  /** By their positions. */
  readonly bookmarks: readonly Bookmark[];
  /** The lesson was once passed. */
  readonly done: boolean;
}

export type RunStatus = 'idle' | 'building' | 'running' | 'paused' | 'ended' | 'failed';

export interface SessionState {
  readonly work: Work;
  readonly run: {
    readonly name: string;
    readonly status: RunStatus;
    /** Why it stands still, in words. */
    readonly reason: string;
    readonly position: number;
    readonly cycle: number;
    /** How far the run has come; the position lies before it when the past is visited. */
    readonly tip: number;
    /** The program ended there. */
    readonly over: boolean;
    /** Bytes that the console had shown by this position. */
    readonly sent: number;
    readonly place: SourcePlace | undefined;
    /** What the run is a run of, by which bookmarks are told to be its own; empty until there is one. */
    readonly courses: readonly Course[];
    /** A visit of another position is under way; `wanted` is where to go after it. */
    readonly visiting: boolean;
    readonly wanted: number | undefined;
  };
  /** Texts have changed since the running program was built. */
  readonly stale: boolean;
  readonly diagnostics: readonly Diagnostic[];
  readonly machine: MachineState | undefined;
  /** Where it stood still the time before. */
  readonly before: MachineState | undefined;
  /** Of the present run, as far as one was made. */
  readonly profile: Profile | undefined;
  readonly verdicts: readonly Verdict[] | undefined;
  /** The text or an answer has changed since the checks began: what they found is still worth reading, not counting. */
  readonly outdated: boolean;
  readonly checking: boolean;
  /** What runs gave, by `measureKey`. */
  readonly measured: Readonly<Record<string, Measured>>;
  /** Runs are being made for what they give; `outdated`: of texts that have changed since. */
  readonly measuring: 'no' | 'current' | 'outdated';
  /** Where the parts of the run ended, by their benches. */
  readonly parts: Readonly<Record<string, number>>;
}

export interface Measured {
  readonly value: MeasuredValue;
  /** The text has changed since. */
  readonly stale: boolean;
}

export interface Updated {
  readonly state: SessionState;
  readonly requests: readonly Request[];
}

const idle = {
  name: '',
  status: 'idle',
  reason: '',
  position: 0,
  cycle: 0,
  tip: 0,
  over: false,
  sent: 0,
  place: undefined,
  courses: [],
  visiting: false,
  wanted: undefined,
} as const;

const starterTexts = (lesson: Lesson): Texts =>
  Object.fromEntries(editableFiles(lesson).map(({ name, text }) => [name, text]));

export function newWork(lesson: Lesson): Work {
  return {
    student: '',
    texts: starterTexts(lesson),
    undo: undefined,
    answers: {},
    predictions: {},
    breakpoints: [],
    watchpoints: [],
    bookmarks: [],
    done: false,
  };
}

export function newSession(work: Work): SessionState {
  return {
    work,
    run: idle,
    stale: false,
    diagnostics: [],
    machine: undefined,
    before: undefined,
    profile: undefined,
    verdicts: undefined,
    outdated: false,
    checking: false,
    measured: {},
    measuring: 'no',
    parts: {},
  };
}

export const seedFor = (lesson: Lesson, work: Work): number => seedOf(work.student, lesson.slug);

export function update(lesson: Lesson, state: SessionState, message: Command | Notice): Updated {
  if (isLate(state, message)) return { state, requests: [] };
  const { work } = state;
  const stay = (changed: Partial<SessionState>, ...requests: Request[]): Updated => ({
    state: { ...state, ...changed },
    requests,
  });
  const seed = seedFor(lesson, work);
  /** New texts: what was judged and built no longer stands for them. */
  const retext = (changed: Partial<Work>): Updated => {
    const next = { ...work, ...changed };
    const lint: Request = { kind: 'lint', texts: next.texts, seed: seedFor(lesson, next) };
    const stale = state.run.status !== 'idle';
    const measuring = state.measuring === 'no' ? 'no' : 'outdated';
    return stay({ work: next, stale, outdated: true, measured: aged(state.measured), measuring }, lint);
  };
  switch (message.kind) {
    case 'edit':
      if (work.texts[message.file] === undefined) return stay({});
      return retext({ texts: { ...work.texts, [message.file]: message.text } });
    case 'run':
      return go(lesson, state, message.name, undefined, message.bench);
    case 'step':
      return go(lesson, state, message.name, message.how);
    case 'visit':
      return visit(state, message.position);
    case 'go-to-line':
    case 'go-back-to':
    case 'profile':
      return isBusy(state) || !hasRun(state)
        ? stay({})
        : stay({ run: { ...state.run, status: 'running', place: undefined } }, message);
    case 'pause':
      return stay({}, { kind: 'pause' });
    case 'restart':
      return stay(
        { run: idle, machine: undefined, before: undefined, profile: undefined, stale: false, parts: {} },
        { kind: 'discard' },
      );
    case 'reset-text':
      return retext({ texts: starterTexts(lesson), undo: work.texts });
    case 'undo-reset':
      return work.undo === undefined ? stay({}) : retext({ texts: work.undo, undo: undefined });
    case 'toggle-breakpoint':
      return setStops(state, { breakpoints: toggled(work.breakpoints, message.file, message.line) });
    case 'move-breakpoints':
      return setStops(state, { breakpoints: moved(work.breakpoints, message.file, message.lines) });
    case 'stop-if': {
      const { file, line, condition } = message;
      return setStops(state, { breakpoints: conditioned(work.breakpoints, file, line, condition) });
    }
    case 'watch':
      return setStops(state, { watchpoints: message.watchpoints });
    case 'bookmark':
    case 'name-bookmark':
    case 'remove-bookmark':
    case 'remove-void-bookmarks':
      return stay({ work: { ...work, bookmarks: bookmarksAfter(state, message) } });
    case 'input':
      return stay(state.run.position < state.run.tip ? { profile: undefined } : {}, {
        kind: 'input',
        text: message.text,
      });
    case 'predict':
      if (work.predictions[message.id] !== undefined || !Number.isFinite(message.value)) return stay({});
      return stay({ work: { ...work, predictions: { ...work.predictions, [message.id]: message.value } } });
    case 'answer': {
      const { [message.id]: _, ...others } = work.answers;
      const answers = message.value === undefined ? others : { ...others, [message.id]: message.value };
      return stay({ work: { ...work, answers }, outdated: true });
    }
    case 'name':
      return stay({ work: { ...work, student: message.student }, outdated: true });
    case 'check':
      return stay(
        { checking: true, outdated: false },
        { kind: 'check', texts: work.texts, answers: work.answers, seed },
      );
    case 'measure':
      if (state.measuring !== 'no' || message.runs.length === 0) return stay({});
      return stay({ measuring: 'current' }, { kind: 'measure', runs: message.runs, texts: work.texts, seed });
    case 'load-submission': {
      const { state: loaded, requests } = retext(workOf(lesson, work, message.submission));
      return { state: { ...loaded, verdicts: undefined }, requests };
    }
    case 'built':
      return stay({ diagnostics: message.diagnostics });
    case 'started':
      return stay({
        run: { ...idle, name: message.name, status: 'running', courses: [{ from: 0, key: message.program }] },
        machine: undefined,
        before: undefined,
        profile: undefined,
        stale: false,
        parts: {},
      });
    case 'heard': {
      const { position, text, branched } = message;
      return stay({ run: { ...state.run, courses: heard(state.run.courses, position, text, branched) } });
    }
    case 'part':
      return stay({ parts: { ...state.parts, [message.bench]: message.position } });
    case 'progress': {
      const { position, cycle, tip } = message;
      return stay({ run: { ...state.run, position, cycle, tip } });
    }
    case 'stopped': {
      const { status, reason, place, position, cycle, tip, sent, machine } = message;
      const { name, wanted, courses } = state.run;
      const over = status === 'ended' || (state.run.over && tip === state.run.tip);
      const done = { visiting: false, wanted: undefined };
      const run = { name, courses, status, reason, place, position, cycle, tip, over, sent, ...done };
      const stopped = {
        ...state,
        run,
        machine,
        before: state.machine,
        measured: withValues(state.measured, message.measured, state.stale),
      };
      return wanted === undefined || wanted === position ? { state: stopped, requests: [] } : visit(stopped, wanted);
    }
    case 'profiled':
      return stay({ profile: message.profile });
    case 'measured': {
      const measured = withValues(state.measured, message.measured, state.measuring === 'outdated');
      const { diagnostics } = message.diagnostics.length > 0 ? message : state;
      return stay({ measuring: 'no', measured, diagnostics });
    }
    case 'checked': {
      const done = work.done || (message.verdicts.length > 0 && message.verdicts.every(({ passed }) => passed));
      const diagnostics = message.diagnostics.length > 0 ? message.diagnostics : state.diagnostics;
      return stay({ checking: false, verdicts: message.verdicts, diagnostics, work: { ...work, done } });
    }
  }
}

/**
 * It is about a run that has been given up meanwhile: it was under way when the page asked for another, or for none. All
 * that is about a run comes after its `started`, but for the news that there will be none.
 */
function isLate({ run }: SessionState, message: Command | Notice): boolean {
  switch (message.kind) {
    case 'progress':
    case 'heard':
    case 'part':
    case 'profiled':
      return isBeforeRun(run);
    case 'stopped':
      return isBeforeRun(run) && message.status !== 'failed';
    default:
      return false;
  }
}

/** No run has begun, or the last one was given up. */
export const isBeforeRun = ({ status }: SessionState['run']): boolean => status === 'idle' || status === 'building';

const isBusy = ({ run }: SessionState): boolean => run.status === 'running' || run.status === 'building';

/** There is a run whose past can be visited. */
const hasRun = ({ run }: SessionState): boolean => run.status === 'paused' || run.status === 'ended';

/** Goes on from where the machine stands, or builds and starts; an edit, another run or the end begin anew. */
function go(lesson: Lesson, state: SessionState, name: string, how: StepKind | undefined, bench?: string): Updated {
  const { run, work } = state;
  if (isBusy(state)) return { state, requests: [] };
  const chain = bench === undefined ? [] : chainOf(lesson, bench);
  const before = chain.at(-2)?.id;
  const from = before === undefined ? undefined : state.parts[before];
  if (canGoOn(state, name, how) && (before === undefined || from !== undefined)) {
    const status = how === 'into' || how === 'back' ? 'paused' : 'running';
    return {
      state: { ...state, run: { ...run, status, place: undefined } },
      requests: [how === undefined ? resumption(state, chain, from) : { kind: 'step', how }],
    };
  }
  if (how === 'back') return { state, requests: [] };
  const start: Request = {
    kind: 'start',
    name,
    texts: work.texts,
    seed: seedFor(lesson, work),
    stepping: how !== undefined,
    stops: stopsOf(work),
    parts: partsOf(chain),
  };
  return { state: { ...state, run: { ...idle, name, status: 'building' } }, requests: [start] };
}

function canGoOn({ run, stale }: SessionState, name: string, how: StepKind | undefined): boolean {
  const stands = run.status === 'paused' || (run.status === 'ended' && (run.position < run.tip || how === 'back'));
  return stands && run.name === name && !stale;
}

const partsOf = (chain: readonly CellOf<'bench'>[]): Part[] => chain.map(({ id, until }) => ({ bench: id, until }));

/** A bench's part begins where the one before it ended, wherever the machine stands now; past that it goes on. */
function resumption(
  { run, parts }: SessionState,
  chain: readonly CellOf<'bench'>[],
  from: number | undefined,
): Request {
  const own = chain.at(-1);
  const wanted = own === undefined || parts[own.id] !== undefined ? [] : partsOf([own]);
  const back = from !== undefined && run.position < from ? { from } : {};
  return { kind: 'resume', ...back, parts: wanted };
}

const aged = (measured: SessionState['measured']): SessionState['measured'] =>
  Object.fromEntries(Object.entries(measured).map(([key, { value }]) => [key, { value, stale: true }]));

function withValues(
  known: SessionState['measured'],
  values: Readonly<Record<string, MeasuredValue>>,
  stale: boolean,
): SessionState['measured'] {
  const added = Object.entries(values).map(([key, value]): [string, Measured] => [key, { value, stale }]);
  return { ...known, ...Object.fromEntries(added) };
}

/** One visit at a time: while one is under way, only the last of the others is remembered. */
function visit(state: SessionState, position: number): Updated {
  const { run } = state;
  if (!hasRun(state) || !Number.isFinite(position)) return { state, requests: [] };
  const to = Math.max(0, Math.min(run.tip, Math.round(position)));
  if (run.visiting) return { state: { ...state, run: { ...run, wanted: to } }, requests: [] };
  return { state: { ...state, run: { ...run, visiting: true } }, requests: [{ kind: 'visit', position: to }] };
}

const stopsOf = ({ breakpoints, watchpoints }: Work): Stops => ({ breakpoints, watchpoints });

function setStops(state: SessionState, changed: Partial<Stops>): Updated {
  const work = { ...state.work, ...changed };
  return { state: { ...state, work }, requests: [{ kind: 'stops', stops: stopsOf(work) }] };
}

type BookmarkCommand = Extract<Command, { readonly kind: `${string}bookmark${string}` }>;

/** A new one has the name of the place in the program. */
function bookmarksAfter(state: SessionState, command: BookmarkCommand): readonly Bookmark[] {
  const { run, work } = state;
  const { bookmarks } = work;
  switch (command.kind) {
    case 'bookmark': {
      const place = run.place === undefined ? 'the end' : `${run.place.file}:${run.place.line}`;
      return hasRun(state) ? withBookmark(bookmarks, run, run.position, place) : bookmarks;
    }
    case 'name-bookmark':
      return bookmarks.map((each, index) => (index === command.index ? { ...each, name: command.name } : each));
    case 'remove-bookmark':
      return bookmarks.filter((_, index) => index !== command.index);
    case 'remove-void-bookmarks':
      return bookmarks.filter((each) => !isVoid(standingOf(each, run)));
  }
}

/** A loaded submission replaces the texts; what stood there can be brought back as after a reset. */
function workOf(lesson: Lesson, work: Work, submission: Submission): Partial<Work> {
  const answers: Record<string, number> = {};
  for (const [id, value] of Object.entries(submission.answers)) if (value !== null) answers[id] = value;
  return {
    student: submission.student,
    texts: { ...starterTexts(lesson), ...submission.files },
    undo: work.texts,
    answers,
    predictions: { ...submission.predictions, ...work.predictions },
  };
}
