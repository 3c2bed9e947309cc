/**
 * Performs a session's requests on a real machine, in slices, so that a pause is heard between them. Runs in the page's
 * worker and, with another scheduler, anywhere else.
 */
import { type DebugInfo, openDebug } from '../engine/debug/debug.ts';
import type { EventBatch, EventKind } from '../engine/events.ts';
import { findSymbol, type Image } from '../engine/image.ts';
import type { AnswerOf, Inspection, InspectionKind } from '../engine/inspection.ts';
import { createMachine } from '../engine/machine/machine.ts';
import { judge } from './checks.ts';
import { boardOf, buildRun, checkRun, exitOf, loadInto } from './experiment.ts';
import { answer } from './inspect.ts';
import { landmark, sayAbsent } from './landmarks.ts';
import { sayTrap, unreturnedFrom } from './last-trap.ts';
import { type Lesson, type RunDefinition, runNamed } from './lesson.ts';
import { measureRuns, measuresIn } from './measuring.ts';
import { type Observed, observedKinds, RunRecord } from './observations.ts';
import { profiling } from './profiling.ts';
import { programKey } from './program-key.ts';
import { type Activity, type Halt, Recording } from './recording.ts';
import type { Notice, Part, Request, SourcePlace } from './session.ts';
import { Stepper } from './stepping.ts';
import { placeStops, type Stops } from './stops.ts';

/** What the runtime sends: notices for the session, and what goes past it to the views. */
export type Message =
  | Notice
  | { readonly kind: 'symbols'; readonly symbols: Image['symbols'] }
  | { readonly kind: 'console'; readonly bytes: Uint8Array }
  | { readonly kind: 'events'; readonly batch: EventBatch }
  /** Another past than the one that was told: all events and output come anew. */
  | { readonly kind: 'retold' }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: AnswerOf<InspectionKind> };

export interface RuntimeHost {
  send(message: Message): void;
  /** Calls back soon, after what waits outside has been heard. */
  soon(task: () => void): void;
  now(): number;
}

const progressMilliseconds = 50;
/** Words of events and bytes of output on their way to whoever shows them; with more of them the machine waits. */
const mostUnshown = 1 << 19;
/** Characters of output that predictions can be about. */
const mostOutput = 1 << 20;

interface Running {
  readonly recording: Recording;
  readonly image: Image;
  readonly debug: DebugInfo;
  readonly run: RunDefinition;
  readonly seed: number;
  record: RunRecord;
  decoder: TextDecoder;
  console: string;
}

type After = (halt: Halt) => void;

export class LabRuntime {
  private readonly lesson: Lesson;
  private readonly host: RuntimeHost;
  private readonly listened: readonly EventKind[];
  private running: Running | undefined;
  /** What the machine is busy with. */
  private activity: Activity | undefined;
  private reportedAt = 0;
  private unshown = 0;
  private resumeAfterShown: (() => void) | undefined;

  constructor(lesson: Lesson, host: RuntimeHost, viewKinds: readonly EventKind[]) {
    this.lesson = lesson;
    this.host = host;
    this.listened = [...new Set([...observedKinds, ...viewKinds])];
  }

  async handle(request: Request): Promise<void> {
    switch (request.kind) {
      case 'lint':
        return this.lint(request);
      case 'start':
        return this.start(request);
      case 'pause':
        return this.pause();
      case 'discard':
        this.discard();
        return;
      case 'stops':
        return this.setStops(request.stops);
      case 'check':
        return this.check(request);
      case 'measure':
        return this.measure(request);
      default:
        if (this.running !== undefined) this.work(this.running, request);
    }
  }

  /** Answers about the state in which the machine is now. */
  inspect(id: number, question: Inspection): void {
    if (this.running === undefined) return;
    const { recording, image, debug } = this.running;
    this.host.send({ kind: 'answer', id, answer: answer({ machine: recording.machine, image, debug }, question) });
  }

  /** So many words of events or bytes of output have been shown: a machine that had to wait for it goes on. */
  shown(amount: number): void {
    this.unshown = Math.max(0, this.unshown - amount);
    if (this.unshown > mostUnshown) return;
    const resume = this.resumeAfterShown;
    this.resumeAfterShown = undefined;
    if (resume !== undefined) this.host.soon(resume);
  }

  /** Requests that are about the run. */
  private work(running: Running, request: Request): void {
    const { recording, image, debug } = running;
    switch (request.kind) {
      case 'resume':
        return this.begin(this.going(running, request.parts, request.from));
      case 'step':
        return this.begin(new Stepper(recording, image, debug).step(request.how));
      case 'visit':
        return this.begin(recording.seeking(request.position));
      case 'go-to-line': {
        const addresses = debug.breakpointsAt(request.file, request.line);
        if (addresses.length === 0) return this.stopped('No instruction comes from that line, or from one below it.');
        return this.begin(recording.goingTo(addresses, () => true));
      }
      case 'go-back-to':
        return this.begin(landmark(recording, request.what), (halt) =>
          this.halted(halt.kind === 'nowhere' ? { reason: sayAbsent[request.what.kind], ...halt } : halt),
        );
      case 'input':
        return this.input(running, request.text);
      case 'profile':
        return this.begin(
          profiling(recording, debug, request, (profile) => this.host.send({ kind: 'profiled', profile })),
        );
      default:
        return;
    }
  }

  private lint({ texts, seed }: Extract<Request, { kind: 'lint' }>): void {
    const [run] = this.lesson.runs;
    if (run === undefined) return;
    this.host.send({ kind: 'built', diagnostics: checkRun(this.lesson, run, texts, seed) });
  }

  private async start({
    name,
    texts,
    seed,
    stepping,
    stops,
    parts,
  }: Extract<Request, { kind: 'start' }>): Promise<void> {
    this.discard();
    const run = runNamed(this.lesson, name);
    if (run === undefined) return;
    const built = buildRun(this.lesson, run, texts, seed);
    this.host.send({ kind: 'built', diagnostics: built.diagnostics });
    if (!built.ok) return this.failed('The program does not build; the editor marks where.');
    const machine = await createMachine(boardOf(this.lesson));
    const misfit = loadInto(machine, built.image);
    if (misfit !== undefined) return this.failed(misfit.message);
    const sink = {
      events: (batch: EventBatch) => this.events(batch),
      output: (bytes: Uint8Array) => this.output(bytes),
    };
    const recording = new Recording(machine, this.listened, sink, this.host.now);
    const { image } = built;
    this.running = { recording, image, debug: openDebug(image), run, seed, ...newRecord() };
    this.setStops(stops);
    this.host.send({ kind: 'started', name, program: programKey(image, machine.config) });
    this.host.send({ kind: 'symbols', symbols: image.symbols });
    if (stepping) this.stopped('Before the first instruction.');
    else this.begin(this.going(this.running, parts));
  }

  /** Through the parts of benches, up to the end of the last; without any, to the end of the run. */
  private *going({ recording, image }: Running, parts: readonly Part[], from?: number): Activity {
    if (from !== undefined) yield* recording.seeking(from);
    if (parts.length === 0) return yield* recording.going();
    let halt: Halt = { kind: 'there' };
    for (const { bench, until } of parts) {
      halt = yield* until === undefined ? recording.going() : recording.goingTo(addressOf(image, until), () => true);
      const ended = halt.kind === 'there' || recording.end !== undefined;
      if (ended) this.host.send({ kind: 'part', bench, position: recording.position });
      if (halt.kind !== 'there') return halt;
    }
    return halt;
  }

  private discard(): void {
    this.running = undefined;
    this.activity = undefined;
    this.resumeAfterShown = undefined;
  }

  private failed(reason: string): void {
    const nothing = { place: undefined, position: 0, cycle: 0, tip: 0, sent: 0, machine: undefined, measured: {} };
    this.host.send({ kind: 'stopped', status: 'failed', reason, ...nothing });
  }

  /** Takes up an activity in place of the one before; `after` it came to its end, the machine stands still. */
  private begin(activity: Activity, after: After = (halt) => this.halted(halt)): void {
    this.activity?.return({ kind: 'there' });
    this.activity = activity;
    this.turn(activity, after);
  }

  private turn(activity: Activity, after: After): void {
    if (activity !== this.activity) return;
    const step = activity.next();
    if (step.done === true) {
      this.activity = undefined;
      after(step.value);
      return;
    }
    this.report();
    const again = (): void => this.turn(activity, after);
    if (this.unshown <= mostUnshown) this.host.soon(again);
    else this.resumeAfterShown = again;
  }

  private halted(halt: Halt): void {
    const atStop = halt.kind === 'breakpoint' || halt.kind === 'watch';
    this.stopped(atStop ? (this.running?.recording.reasonOf(halt) ?? '') : reasonOf(halt));
  }

  private report(): void {
    const recording = this.running?.recording;
    if (recording === undefined || this.host.now() - this.reportedAt < progressMilliseconds) return;
    this.reportedAt = this.host.now();
    const { position, tip, machine } = recording;
    this.host.send({ kind: 'progress', position, cycle: machine.cycle, tip });
  }

  private pause(): void {
    if (this.activity === undefined) return;
    this.activity.return({ kind: 'there' });
    this.activity = undefined;
    this.resumeAfterShown = undefined;
    this.stopped('Paused.');
  }

  /** In the past it makes another future. All that was told is told anew then, as far as it still holds. */
  private input(running: Running, text: string): void {
    const { position } = running.recording;
    const branched = running.recording.input(new TextEncoder().encode(text));
    this.host.send({ kind: 'heard', position, text, branched });
    if (!branched) return;
    Object.assign(running, newRecord());
    this.host.send({ kind: 'retold' });
    this.begin(running.recording.retelling(), () => this.stopped('From here on, the run goes another way.'));
  }

  private events(batch: EventBatch): void {
    this.running?.record.take(batch);
    this.unshown += batch.words.length;
    this.host.send({ kind: 'events', batch });
  }

  private output(bytes: Uint8Array): void {
    const { running } = this;
    if (running === undefined) return;
    if (running.console.length < mostOutput) running.console += running.decoder.decode(bytes, { stream: true });
    this.unshown += bytes.length;
    this.host.send({ kind: 'console', bytes });
  }

  private stopped(reason: string): void {
    const { running } = this;
    if (running === undefined) return;
    const { recording, run, seed } = running;
    const { machine, tip, end } = recording;
    const state = machine.state();
    // What stands behind the store that ends a run will never be executed.
    const off = end?.kind === 'exit' || end?.kind === 'reset';
    const status = end === undefined ? 'paused' : 'ended';
    this.host.send({
      kind: 'stopped',
      status,
      reason: end === undefined ? reason : `${reasonOf(end)}${this.whyEnded(running, end)}`,
      place: off ? undefined : this.placeOf(running, state.harts[state.running]?.pc ?? 0n),
      position: state.position,
      cycle: state.cycle,
      tip,
      sent: machine.sent,
      machine: state,
      measured: status === 'ended' ? measuresIn(this.lesson, run.name, observedIn(running), seed) : {},
    });
  }

  private whyEnded(running: Running, end: Halt): string {
    const trap = end.kind === 'exit' && end.code !== 0 ? unreturnedFrom(running.record) : undefined;
    return trap === undefined ? '' : sayTrap(trap, this.placeOf(running, trap.pc));
  }

  /** In a file of the lesson's, if a line of one took in the code from elsewhere: that is what the reader sees. */
  private placeOf({ debug }: Running, pc: bigint): SourcePlace | undefined {
    const places = debug.placesAt(pc);
    const own = places.find(({ file }) => this.lesson.files.some(({ name }) => name === file));
    const place = own ?? places[0];
    return place && { file: place.file, line: place.line };
  }

  private setStops(stops: Stops): void {
    const { running } = this;
    if (running === undefined) return;
    const { recording, image, debug } = running;
    recording.setStops(placeStops(stops, image, recording.machine, () => observedIn(running), debug));
  }

  private async measure({ runs, texts, seed }: Extract<Request, { kind: 'measure' }>): Promise<void> {
    this.host.send({ kind: 'measured', ...(await measureRuns(this.lesson, runs, texts, seed)) });
  }

  private async check({ texts, answers, seed }: Extract<Request, { kind: 'check' }>): Promise<void> {
    const { verdicts, diagnostics } = await judge(this.lesson, { texts, answers, seed });
    this.host.send({ kind: 'checked', verdicts, diagnostics });
  }
}

/** Of a label, or none: what a student writes may lack it. */
function addressOf(image: Image, label: string): readonly bigint[] {
  const symbol = findSymbol(image, label);
  return symbol === undefined ? [] : [symbol.address];
}

const observedIn = ({ recording, image, record, console }: Running): Observed => ({
  machine: recording.machine,
  image,
  record,
  console,
  exit: exitOf({ kind: 'limit' }),
});

const newRecord = (): Pick<Running, 'record' | 'decoder' | 'console'> => ({
  record: new RunRecord(),
  decoder: new TextDecoder(),
  console: '',
});

function reasonOf(halt: Exclude<Halt, { kind: 'breakpoint' | 'watch' }>): string {
  switch (halt.kind) {
    case 'exit':
      return `Ended: exit code ${halt.code}.`;
    case 'reset':
      return 'Ended: the program asked for a reset.';
    case 'waiting':
      return 'Waiting for input: type into the console, then go on.';
    case 'deadlock':
      return 'The machine waits for an interrupt that cannot come.';
    case 'nowhere':
      return halt.reason ?? 'That did not happen before.';
    case 'there':
      return halt.reason ?? '';
    case 'limit':
      return '';
  }
}
