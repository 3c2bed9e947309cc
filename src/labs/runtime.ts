/**
 * Performs a session's requests on a real machine, in slices, so that a pause is heard between them. Runs in the page's
 * worker and, with another scheduler, anywhere else.
 */
import type { EventBatch, EventKind } from '../engine/events.ts';
import { addressesOf, type Image, lineAt } from '../engine/image.ts';
import { createMachine } from '../engine/machine/machine.ts';
import type { Machine, Stop } from '../engine/machine/types.ts';
import { Evaluator, numberOf } from './cel.ts';
import { judge } from './checks.ts';
import { boardOf, buildRun, exitOf, loadInto } from './experiment.ts';
import { type Lesson, type RunDefinition, runNamed } from './lesson.ts';
import { observedKinds, RunRecord, vocabularyOf } from './observations.ts';
import type { Breakpoint, Notice, Request } from './session.ts';

/** What the runtime sends: notices for the session, and what goes past it to the views. */
export type Message =
  | Notice
  | { readonly kind: 'symbols'; readonly symbols: Image['symbols'] }
  | { readonly kind: 'console'; readonly text: string }
  | { readonly kind: 'events'; readonly batch: EventBatch };

export interface RuntimeHost {
  send(message: Message): void;
  /** Calls back soon, after what waits outside has been heard. */
  soon(task: () => void): void;
  now(): number;
}

/** A slice is as long as fits between two frames. */
const sliceMilliseconds = 8;
const firstSteps = 20_000;
const progressMilliseconds = 50;
/** Words of events and characters of output on their way to whoever shows them; with more of them the machine waits. */
const mostUnshown = 1 << 19;
/** Characters of output that predictions can be about. */
const mostOutput = 1 << 20;

interface Running {
  readonly machine: Machine;
  readonly image: Image;
  readonly run: RunDefinition;
  readonly record: RunRecord;
  readonly seed: number;
  readonly decoder: TextDecoder;
  console: string;
  going: boolean;
}

export class LabRuntime {
  private readonly lesson: Lesson;
  private readonly host: RuntimeHost;
  private readonly listened: readonly EventKind[];
  private running: Running | undefined;
  private sliceSteps = firstSteps;
  private reportedAt = 0;
  private unshown = 0;

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
      case 'resume':
        return this.resume();
      case 'pause':
        return this.pause('Paused.');
      case 'step':
        return this.step();
      case 'discard':
        this.running = undefined;
        return;
      case 'breakpoints':
        return this.setBreakpoints(request.breakpoints);
      case 'input':
        return this.running?.machine.input(new TextEncoder().encode(request.text));
      case 'check':
        return this.check(request);
    }
  }

  /** So many words of events or characters of output have been shown: a machine that had to wait for it goes on. */
  shown(amount: number): void {
    const waited = this.unshown > mostUnshown;
    this.unshown = Math.max(0, this.unshown - amount);
    const { running } = this;
    if (waited && this.unshown <= mostUnshown && running !== undefined) this.host.soon(() => this.slice(running, true));
  }

  private lint({ texts, seed }: Extract<Request, { kind: 'lint' }>): void {
    const [run] = this.lesson.runs;
    if (run === undefined) return;
    this.host.send({ kind: 'built', diagnostics: buildRun(this.lesson, run, texts, seed).diagnostics });
  }

  private async start({
    name,
    texts,
    seed,
    stepping,
    breakpoints,
  }: Extract<Request, { kind: 'start' }>): Promise<void> {
    this.running = undefined;
    const run = runNamed(this.lesson, name);
    if (run === undefined) return;
    const built = buildRun(this.lesson, run, texts, seed);
    this.host.send({ kind: 'built', diagnostics: built.diagnostics });
    if (!built.ok) return this.failed('The program does not build; the editor marks where.');
    const machine = await createMachine(boardOf(this.lesson));
    const misfit = loadInto(machine, built.image);
    if (misfit !== undefined) return this.failed(misfit.message);
    machine.listen(this.listened);
    const record = new RunRecord();
    const decoder = new TextDecoder();
    this.running = { machine, image: built.image, run, record, seed, decoder, console: '', going: false };
    this.setBreakpoints(breakpoints);
    this.host.send({ kind: 'started', name });
    this.host.send({ kind: 'symbols', symbols: built.image.symbols });
    if (stepping) this.stopped('paused', 'Before the first instruction.');
    else this.resume();
  }

  private failed(reason: string): void {
    const nothing = { place: undefined, position: 0, cycle: 0, machine: undefined, measured: {} };
    this.host.send({ kind: 'stopped', status: 'failed', reason, ...nothing });
  }

  private resume(): void {
    if (this.running === undefined || this.running.going) return;
    this.running.going = true;
    this.slice(this.running, false);
  }

  private pause(reason: string): void {
    if (this.running?.going !== true) return;
    this.running.going = false;
    this.stopped('paused', reason);
  }

  private step(): void {
    const { running } = this;
    if (running === undefined || running.going) return;
    const stop = running.machine.run(1);
    this.drain(running);
    if (stop.kind === 'limit') this.stopped('paused', '');
    else this.settle(stop);
  }

  /** Runs one slice, and asks to be called again as long as nothing stops the machine. `continues`: it is not the first. */
  private slice(running: Running, continues: boolean): void {
    if (running !== this.running || !running.going) return;
    const { machine } = running;
    const began = this.host.now();
    const stop = machine.run(this.sliceSteps, continues);
    const took = this.host.now() - began;
    this.adapt(took);
    this.drain(running);
    if (stop.kind !== 'limit') {
      running.going = false;
      this.settle(stop);
      return;
    }
    if (this.host.now() - this.reportedAt > progressMilliseconds) {
      this.reportedAt = this.host.now();
      this.host.send({ kind: 'progress', position: machine.position, cycle: machine.cycle });
    }
    if (this.unshown <= mostUnshown) this.host.soon(() => this.slice(running, true));
  }

  private adapt(took: number): void {
    const factor = took < sliceMilliseconds / 2 ? 2 : took > 2 * sliceMilliseconds ? 0.5 : 1;
    this.sliceSteps = Math.max(1000, Math.min(5_000_000, Math.floor(this.sliceSteps * factor)));
  }

  private drain(running: Running): void {
    const { machine, record } = running;
    const text = running.decoder.decode(machine.output(), { stream: true });
    if (text !== '') {
      if (running.console.length < mostOutput) running.console += text;
      this.unshown += text.length;
      this.host.send({ kind: 'console', text });
    }
    const batch = machine.takeEvents();
    if (batch.words.length === 0) return;
    record.take(batch);
    this.unshown += batch.words.length;
    this.host.send({ kind: 'events', batch });
  }

  private settle(stop: Exclude<Stop, { kind: 'limit' }>): void {
    switch (stop.kind) {
      case 'exit':
        return this.stopped('ended', stop.code === 0 ? 'Ended: exit code 0.' : `Ended: exit code ${stop.code}.`);
      case 'reset':
        return this.stopped('ended', 'Ended: the program asked for a reset.');
      case 'breakpoint':
        return this.stopped('paused', 'At a breakpoint.');
      case 'watch':
        return this.stopped('paused', `After a ${stop.access} to a watched address.`);
      case 'waiting':
        return this.stopped('paused', 'Waiting for input: type into the console, then go on.');
      case 'deadlock':
        return this.stopped('ended', 'The machine waits for an interrupt that cannot come.');
    }
  }

  private stopped(status: 'paused' | 'ended', reason: string): void {
    const { running } = this;
    if (running === undefined) return;
    const { machine, image } = running;
    const state = machine.state();
    const line = lineAt(image, state.harts[state.running]?.pc ?? 0n);
    this.host.send({
      kind: 'stopped',
      status,
      reason,
      place: line === undefined ? undefined : { file: line.file, line: line.line },
      position: state.position,
      cycle: state.cycle,
      machine: state,
      measured: status === 'ended' ? this.measure(running) : {},
    });
  }

  /** What this run gives for the predictions about it. */
  private measure({ machine, image, record, run, console, seed }: Running): Record<string, number> {
    const exit = exitOf({ kind: 'limit' });
    const evaluator = new Evaluator(vocabularyOf({ machine, image, record, console, exit }, {}, seed));
    const measured: Record<string, number> = {};
    for (const cell of this.lesson.cells) {
      if (cell.kind !== 'predict' || cell.run !== run.name) continue;
      const result = evaluator.evaluate(cell.value);
      const value = result.ok ? numberOf(result.value) : undefined;
      if (value !== undefined) measured[cell.id] = value;
    }
    return measured;
  }

  private setBreakpoints(breakpoints: readonly Breakpoint[]): void {
    const { running } = this;
    if (running === undefined) return;
    const addresses = breakpoints.flatMap(({ file, line }) => addressesOf(running.image, file, line).slice(0, 1));
    running.machine.setBreakpoints(addresses);
  }

  private async check({ texts, answers, seed }: Extract<Request, { kind: 'check' }>): Promise<void> {
    const { verdicts, diagnostics } = await judge(this.lesson, { texts, answers, seed });
    this.host.send({ kind: 'checked', verdicts, diagnostics });
  }
}
