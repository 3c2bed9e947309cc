/**
 * A student's session with a lesson, as a pure state machine: `update` takes a command of the student or a notice of
 * the runtime, and gives the new state and the requests that follow. It knows neither worker nor page.
 */
import type { Landmark, Profile } from '../engine/inspection.ts';
import type { MachineState } from '../engine/state.ts';
import type { Diagnostic } from '../engine/toolchain/diagnostics.ts';
import type { Verdict } from './checks.ts';
import { editableFiles, type Lesson } from './lesson.ts';
import { seedOf } from './seed.ts';
import type { StepKind } from './stepping.ts';
import type { Submission } from './submission.ts';

export type Texts = Readonly<Record<string, string>>;

export interface Breakpoint {
  readonly file: string;
  readonly line: number;
}

/** What is kept between visits; `undo` holds the texts before the last reset. */
export interface Work {
  readonly student: string;
  readonly texts: Texts;
  readonly undo: Texts | undefined;
  readonly answers: Readonly<Record<string, number>>;
  /** Locked once given. */
  readonly predictions: Readonly<Record<string, number>>;
  readonly breakpoints: readonly Breakpoint[];
  /** The lesson was once passed. */
  readonly done: boolean;
}

export type RunStatus = 'idle' | 'building' | 'running' | 'paused' | 'ended' | 'failed';

export interface SourcePlace {
  readonly file: string;
  readonly line: number;
}

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
    /** Bytes that the console had shown by this position. */
    readonly sent: number;
    readonly place: SourcePlace | undefined;
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
  readonly checking: boolean;
  /** What runs gave for each prediction. */
  readonly measured: Readonly<Record<string, number>>;
}

export type Command =
  | { readonly kind: 'edit'; readonly file: string; readonly text: string }
  | { readonly kind: 'run'; readonly name: string }
  | { readonly kind: 'pause' }
  | { readonly kind: 'step'; readonly name: string; readonly how: StepKind }
  /** To any position of the run so far. */
  | { readonly kind: 'visit'; readonly position: number }
  /** On to a line, or back to where something last happened. */
  | { readonly kind: 'go-to-line'; readonly file: string; readonly line: number }
  | { readonly kind: 'go-back-to'; readonly what: Landmark }
  /** Goes through a part of the run again, and comes back. */
  | { readonly kind: 'profile'; readonly start: number; readonly end: number }
  | { readonly kind: 'restart' }
  | { readonly kind: 'reset-text' }
  | { readonly kind: 'undo-reset' }
  | { readonly kind: 'toggle-breakpoint'; readonly file: string; readonly line: number }
  | { readonly kind: 'move-breakpoints'; readonly file: string; readonly lines: readonly number[] }
  | { readonly kind: 'input'; readonly text: string }
  | { readonly kind: 'predict'; readonly id: string; readonly value: number }
  | { readonly kind: 'answer'; readonly id: string; readonly value: number | undefined }
  | { readonly kind: 'name'; readonly student: string }
  | { readonly kind: 'check' }
  | { readonly kind: 'load-submission'; readonly submission: Submission };

/** What the runtime tells. */
export type Notice =
  | { readonly kind: 'built'; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: 'started'; readonly name: string }
  | { readonly kind: 'progress'; readonly position: number; readonly cycle: number; readonly tip: number }
  | {
      readonly kind: 'stopped';
      readonly status: 'paused' | 'ended' | 'failed';
      readonly reason: string;
      readonly place: SourcePlace | undefined;
      readonly position: number;
      readonly cycle: number;
      readonly tip: number;
      readonly sent: number;
      readonly machine: MachineState | undefined;
      readonly measured: Readonly<Record<string, number>>;
    }
  | { readonly kind: 'profiled'; readonly profile: Profile }
  | { readonly kind: 'checked'; readonly verdicts: readonly Verdict[]; readonly diagnostics: readonly Diagnostic[] };

/** What the runtime is to do. */
export type Request =
  | { readonly kind: 'lint'; readonly texts: Texts; readonly seed: number }
  /** Builds and runs from reset; `stepping` stops before the first instruction. */
  | {
      readonly kind: 'start';
      readonly name: string;
      readonly texts: Texts;
      readonly seed: number;
      readonly stepping: boolean;
      readonly breakpoints: readonly Breakpoint[];
    }
  | { readonly kind: 'resume' }
  | { readonly kind: 'pause' }
  | { readonly kind: 'step'; readonly how: StepKind }
  | { readonly kind: 'visit'; readonly position: number }
  | { readonly kind: 'go-to-line'; readonly file: string; readonly line: number }
  | { readonly kind: 'go-back-to'; readonly what: Landmark }
  | { readonly kind: 'profile'; readonly start: number; readonly end: number }
  | { readonly kind: 'discard' }
  | { readonly kind: 'breakpoints'; readonly breakpoints: readonly Breakpoint[] }
  | { readonly kind: 'input'; readonly text: string }
  | {
      readonly kind: 'check';
      readonly texts: Texts;
      readonly answers: Readonly<Record<string, number>>;
      readonly seed: number;
    };

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
  sent: 0,
  place: undefined,
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
    checking: false,
    measured: {},
  };
}

export const seedFor = (lesson: Lesson, work: Work): number => seedOf(work.student, lesson.slug);

export function update(lesson: Lesson, state: SessionState, message: Command | Notice): Updated {
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
    return stay({ work: next, stale: state.run.status !== 'idle', verdicts: undefined }, lint);
  };
  switch (message.kind) {
    case 'edit':
      if (work.texts[message.file] === undefined) return stay({});
      return retext({ texts: { ...work.texts, [message.file]: message.text } });
    case 'run':
      return go(lesson, state, message.name, undefined);
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
        { run: idle, machine: undefined, before: undefined, profile: undefined, stale: false },
        { kind: 'discard' },
      );
    case 'reset-text':
      return retext({ texts: starterTexts(lesson), undo: work.texts });
    case 'undo-reset':
      return work.undo === undefined ? stay({}) : retext({ texts: work.undo, undo: undefined });
    case 'toggle-breakpoint':
      return setBreakpoints(state, toggled(work.breakpoints, message.file, message.line));
    case 'move-breakpoints': {
      const others = work.breakpoints.filter(({ file }) => file !== message.file);
      const moved = message.lines.map((line) => ({ file: message.file, line }));
      return setBreakpoints(state, [...others, ...moved]);
    }
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
      return stay({ work: { ...work, answers }, verdicts: undefined });
    }
    case 'name':
      return stay({ work: { ...work, student: message.student }, verdicts: undefined });
    case 'check':
      return stay({ checking: true }, { kind: 'check', texts: work.texts, answers: work.answers, seed });
    case 'load-submission':
      return retext(workOf(lesson, work, message.submission));
    case 'built':
      return stay({ diagnostics: message.diagnostics });
    case 'started':
      return stay({
        run: { ...idle, name: message.name, status: 'running' },
        machine: undefined,
        before: undefined,
        profile: undefined,
        stale: false,
      });
    case 'progress': {
      const { position, cycle, tip } = message;
      return stay({ run: { ...state.run, position, cycle, tip } });
    }
    case 'stopped': {
      const { status, reason, place, position, cycle, tip, sent, machine } = message;
      const { name, wanted } = state.run;
      const run = { name, status, reason, place, position, cycle, tip, sent, visiting: false, wanted: undefined };
      const stopped = {
        ...state,
        run,
        machine,
        before: state.machine,
        measured: { ...state.measured, ...message.measured },
      };
      return wanted === undefined || wanted === position ? { state: stopped, requests: [] } : visit(stopped, wanted);
    }
    case 'profiled':
      return stay({ profile: message.profile });
    case 'checked': {
      const done = work.done || (message.verdicts.length > 0 && message.verdicts.every(({ passed }) => passed));
      const diagnostics = message.diagnostics.length > 0 ? message.diagnostics : state.diagnostics;
      return stay({ checking: false, verdicts: message.verdicts, diagnostics, work: { ...work, done } });
    }
  }
}

const isBusy = ({ run }: SessionState): boolean => run.status === 'running' || run.status === 'building';

/** There is a run whose past can be visited. */
const hasRun = ({ run }: SessionState): boolean => run.status === 'paused' || run.status === 'ended';

/** Goes on from where the machine stands, or builds and starts; an edit, another run or the end begin anew. */
function go(lesson: Lesson, state: SessionState, name: string, how: StepKind | undefined): Updated {
  const { run, work, stale } = state;
  if (isBusy(state)) return { state, requests: [] };
  const canGoOn = run.status === 'paused' || (run.status === 'ended' && (run.position < run.tip || how === 'back'));
  if (canGoOn && run.name === name && !stale) {
    const status = how === 'into' || how === 'back' ? 'paused' : 'running';
    return {
      state: { ...state, run: { ...run, status, place: undefined } },
      requests: [how === undefined ? { kind: 'resume' } : { kind: 'step', how }],
    };
  }
  if (how === 'back') return { state, requests: [] };
  const { texts, breakpoints } = work;
  const stepping = how !== undefined;
  const start: Request = { kind: 'start', name, texts, seed: seedFor(lesson, work), stepping, breakpoints };
  return { state: { ...state, run: { ...idle, name, status: 'building' } }, requests: [start] };
}

/** One visit at a time: while one is under way, only the last of the others is remembered. */
function visit(state: SessionState, position: number): Updated {
  const { run } = state;
  if (!hasRun(state) || !Number.isFinite(position)) return { state, requests: [] };
  const to = Math.max(0, Math.min(run.tip, Math.round(position)));
  if (run.visiting) return { state: { ...state, run: { ...run, wanted: to } }, requests: [] };
  return { state: { ...state, run: { ...run, visiting: true } }, requests: [{ kind: 'visit', position: to }] };
}

function setBreakpoints(state: SessionState, breakpoints: readonly Breakpoint[]): Updated {
  return {
    state: { ...state, work: { ...state.work, breakpoints } },
    requests: [{ kind: 'breakpoints', breakpoints }],
  };
}

function toggled(breakpoints: readonly Breakpoint[], file: string, line: number): Breakpoint[] {
  const others = breakpoints.filter((each) => each.file !== file || each.line !== line);
  return others.length < breakpoints.length ? others : [...breakpoints, { file, line }];
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
