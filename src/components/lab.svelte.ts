/**
 * A lesson at work: the session's state for the pieces of the notebook to show, the worker that performs its requests,
 * and what the browser keeps of it. Everything that decides is in `labs/session.ts`.
 */
import { getContext, setContext } from 'svelte';
import { recordWords } from '../engine/events.ts';
import { addressNamed, type ImageSymbol } from '../engine/image.ts';
import { registerNumber } from '../engine/isa/registers.ts';
import { type LabClient, openLab } from '../labs/client.ts';
import { chainOf, type Lesson } from '../labs/lesson.ts';
import type { Message } from '../labs/runtime.ts';
import {
  type Command,
  isBeforeRun,
  type Notice,
  newSession,
  newWork,
  type Request,
  type SessionState,
  seedFor,
  update,
  type Work,
} from '../labs/session.ts';
import { restoreWork, serializeWork } from '../labs/work-store.ts';
import type { Moment, Selection, Side, Source, Span } from '../visualizers/visualizer.ts';
import { ConsoleTape } from './console-tape.ts';
import { type Asked, sayExpression, sayRegister, saySymbol } from './editor/value-hover.ts';
import { EventQueue } from './event-queue.ts';
import { Inspector } from './inspector.svelte.ts';
import { keep, readKept, studentKey, workKey } from './kept.ts';
import { symbolizer } from './symbolize.ts';
import { emptyTimeline, type TimelineModel, timelineKinds, updateTimeline } from './timeline/model.ts';
import { emptyFeeds, type Feeds, listenedKinds, updateFeeds } from './views.ts';

const lintDelay = 180;
const keepDelay = 300;
const frame = 33;
/** Until the rest is told, where there is more than fits. */
const breath = 16;
/** Milliseconds of telling events to the models between two frames: what a processor four times slower can do in a moment. */
const slice = 8;
/** Models are fed in pieces, so that a slice ends in time: of few events while their code is new to the browser. */
const leastPiece = 128 * recordWords;
const mostPiece = 4096 * recordWords;

/** `took`: milliseconds that the last piece took. */
const pieceAfter = (piece: number, took: number): number =>
  took > slice / 4 ? Math.max(leastPiece, piece / 2) : Math.min(mostPiece, piece * 2);

export interface ConsoleSink {
  /** Calls back once the text is on the screen. */
  write(bytes: Uint8Array, shown: () => void): void;
  clear(): void;
}

/** Where a lab's work is kept between visits. */
export interface WorkKeeper {
  /** As `serializeWork` writes it. */
  read(): string | null;
  /** False if it could not be kept. */
  keep(work: Work): boolean;
}

const keeperFor = ({ slug }: Lesson): WorkKeeper => ({
  read: () => readKept(workKey(slug)),
  keep: (work) => keep(workKey(slug), serializeWork(work)),
});

export class Lab {
  readonly lesson: Lesson;
  private readonly keeper: WorkKeeper;
  session: SessionState;
  /** The run that the controls are for, and the bench whose part of it. */
  chosenRun: string;
  bench: string;
  /** Some benches go on from others. */
  readonly chained: boolean;
  feeds: Feeds = $state.raw(emptyFeeds());
  timeline: TimelineModel = $state.raw(emptyTimeline());
  /** The part of the run that pictures over time show; undefined for all of it. */
  span: Span | undefined = $state.raw(undefined);
  /** Whose view of the state is shown, while there is a guest. */
  side: Side = $state('machine');
  /** There was one in this run. */
  guestSeen = $state(false);
  symbols: readonly ImageSymbol[] = $state.raw([]);
  selected: Selection | undefined = $state.raw(undefined);
  /** Views that the reader has come to, in the order of the page. */
  revealed: readonly string[];
  /** False until the page's scripts run. */
  connected = $state(false);
  /** The browser refused to keep the work. */
  unkept = $state(false);
  /** Why the worker is gone, if it is. */
  crash: string | undefined = $state(undefined);
  readonly symbolize = $derived(symbolizer(this.symbols));
  readonly resolve = (text: string): bigint | undefined => addressNamed(this.symbols, text);
  readonly moment: Moment = $derived.by(() => {
    const { run, machine: state, before } = this.session;
    return { position: run.position, tip: run.tip, state, before };
  });
  readonly source: Source = $derived.by(() => {
    const { texts, breakpoints } = this.session.work;
    const lines = (file: string): string[] | undefined =>
      (texts[file] ?? this.lesson.files.find(({ name, mode }) => name === file && mode !== 'hidden')?.text)?.split(
        '\n',
      );
    const split = new Map<string, string[] | undefined>();
    return {
      text: ({ file, line }) => {
        if (!split.has(file)) split.set(file, lines(file));
        return split.get(file)?.[line - 1];
      },
      breakpoints,
      ontoggle: ({ file, line }) => this.do({ kind: 'toggle-breakpoint', file, line }),
      onreach: ({ file, line }) => this.do({ kind: 'go-to-line', file, line }),
    };
  });
  readonly inspector = new Inspector((id, question) => this.client?.inspect(id, question));

  private client: LabClient | undefined;
  /** Something was done that is worth keeping; a starter text that nobody touched follows the lesson. */
  private touched = false;
  private readonly queue = new EventQueue();
  /** Words that the models are fed at once. */
  private piece = leastPiece;
  private sink: ConsoleSink | undefined;
  private readonly tape = new ConsoleTape();
  /** How much of the tape the console shows. */
  private played = 0;
  private lintTimer: ReturnType<typeof setTimeout> | undefined;
  private keepTimer: ReturnType<typeof setTimeout> | undefined;
  private frameTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(lesson: Lesson, keeper: WorkKeeper = keeperFor(lesson)) {
    this.lesson = lesson;
    this.keeper = keeper;
    const bench = lesson.cells.find((cell) => cell.kind === 'bench');
    this.session = $state.raw(newSession(newWork(lesson)));
    this.chosenRun = $state(bench?.run ?? lesson.runs[0]?.name ?? '');
    this.bench = $state(bench?.id ?? '');
    this.chained = lesson.cells.some((cell) => cell.kind === 'bench' && cell.after !== undefined);
    this.revealed = $state.raw(bench?.views ?? []);
  }

  /** Brings back the kept work and starts the worker; gives the way to end it. */
  connect(): () => void {
    const work = restoreWork(this.lesson, this.keeper.read());
    const student = work.student === '' ? (readKept(studentKey) ?? '') : work.student;
    this.session = newSession({ ...work, student });
    this.openWorker();
    this.connected = true;
    const leave = (): void => this.keepNow();
    addEventListener('pagehide', leave);
    document.addEventListener('visibilitychange', leave);
    return () => {
      removeEventListener('pagehide', leave);
      document.removeEventListener('visibilitychange', leave);
      this.keepNow();
      this.client?.close();
      this.client = undefined;
    };
  }

  /** After a crash: another worker; the work stays. */
  reopen(): void {
    this.client?.close();
    this.queue.clear();
    this.session = newSession(this.session.work);
    this.openWorker();
  }

  do(command: Command): void {
    this.advance(command);
    this.touched = true;
    this.keepTimer ??= setTimeout(() => this.keepNow(), keepDelay);
  }

  /** Starts the run, or goes on, up to the end of the bench's part. */
  run(): void {
    this.do({ kind: 'run', name: this.chosenRun, bench: this.bench });
  }

  /** Every part of the run, from the first bench on, and the other runs that the page shows something of. */
  runAll(): void {
    const benches = this.lesson.cells.filter((cell) => cell.kind === 'bench' && cell.run === this.chosenRun);
    const last = benches.at(-1);
    if (last?.kind === 'bench') this.chooseBench(last.id);
    this.run();
    const others = new Set(this.lesson.measures.map(({ run }) => run).filter((run) => run !== this.chosenRun));
    this.do({ kind: 'measure', runs: [...others] });
  }

  chooseBench(id: string): void {
    const [bench] = chainOf(this.lesson, id).slice(-1);
    if (bench === undefined) return;
    this.bench = id;
    this.chosenRun = bench.run;
  }

  /** What a piece of the program's text is worth where the machine stands, in words; undefined if that is nothing. */
  async valueOf({ text, kind }: Asked): Promise<string | undefined> {
    const { machine } = this.session;
    const hart = machine?.running ?? 0;
    const core = machine?.harts[hart];
    if (core === undefined || this.session.run.status === 'running') return undefined;
    if (kind === 'expression') {
      const found = await this.inspector.ask({ kind, hart, text, frame: 0 });
      return found && sayExpression(text, found);
    }
    if (kind === 'register') {
      const value = core.registers[registerNumber(text) ?? 0] ?? 0n;
      return sayRegister(text, value, this.symbolize);
    }
    const address = this.resolve(text);
    if (address === undefined) return undefined;
    const bytes = await this.inspector.ask({ kind: 'memory', hart, space: 'virtual', address, bytes: 8 });
    return saySymbol(text, address, bytes ?? []);
  }

  reveal(view: string): void {
    if (!this.revealed.includes(view)) this.revealed = [...this.revealed, view];
  }

  select(selection: Selection): void {
    this.selected = selection;
  }

  /** Gives the sink all output so far, and what comes; gives the way to stop it. */
  listenToConsole(sink: ConsoleSink): () => void {
    this.sink = sink;
    sink.write(this.tape.between(0, this.played), () => {});
    return () => {
      this.sink = undefined;
    };
  }

  private openWorker(): void {
    this.crash = undefined;
    this.client = openLab(
      this.lesson,
      [...listenedKinds, ...timelineKinds],
      (message) => this.hear(message),
      (reason) => {
        this.crash = reason;
      },
    );
    this.client.request(this.lintRequest());
  }

  private lintRequest(): Request {
    const { work } = this.session;
    return { kind: 'lint', texts: work.texts, seed: seedFor(this.lesson, work) };
  }

  private advance(message: Command | Notice): void {
    const { state, requests } = update(this.lesson, this.session, message);
    this.session = state;
    for (const request of requests) this.perform(request);
  }

  private perform(request: Request): void {
    if (request.kind === 'discard') this.clearRun();
    if (request.kind !== 'lint') {
      this.client?.request(request);
      return;
    }
    clearTimeout(this.lintTimer);
    this.lintTimer = setTimeout(() => this.client?.request(this.lintRequest()), lintDelay);
  }

  private hear(message: Message): void {
    if (isBeforeRun(this.session.run) && this.dropLate(message)) return;
    switch (message.kind) {
      case 'console':
        return this.print(message.bytes);
      case 'answer':
        return this.inspector.hear(message.id, message.answer);
      case 'retold':
        this.clearRun();
        return;
      case 'symbols':
        this.symbols = message.symbols;
        return;
      case 'events':
        this.queue.add(message.batch);
        this.frameTimer ??= setTimeout(() => this.showEvents(), frame);
        return;
      case 'started':
        this.clearRun();
        break;
      case 'stopped':
        this.showEvents(true);
        this.wind(message.sent);
        this.inspector.stopped();
        break;
      default:
        break;
    }
    this.advance(message);
    if (message.kind === 'checked') this.keepNow();
  }

  /** Under way when its run was given up: nothing comes of it, but the worker's count of what is shown goes down. */
  private dropLate(message: Message): boolean {
    switch (message.kind) {
      case 'console':
        this.client?.shown(message.bytes.length);
        return true;
      case 'events':
        this.client?.shown(message.batch.words.length);
        return true;
      default:
        return message.kind === 'retold';
    }
  }

  /** What comes is what lies behind all that was heard before, wherever the console was wound to. */
  private print(bytes: Uint8Array): void {
    this.tape.append(bytes);
    const shown = (): void => this.client?.shown(bytes.length);
    this.play(this.tape.end, shown);
  }

  /** Shows what had been sent by then. */
  private wind(sent: number): void {
    if (sent < this.played) {
      this.played = 0;
      this.sink?.clear();
    }
    if (sent > this.played) this.play(sent, () => {});
  }

  private play(to: number, shown: () => void): void {
    const bytes = this.tape.between(this.played, to);
    this.played = to;
    if (this.sink === undefined) shown();
    else this.sink.write(bytes, shown);
  }

  /** As much of what waits as fits between two frames; at a stop all of it, as what is shown then is the run so far. */
  private showEvents(all = false): void {
    clearTimeout(this.frameTimer);
    this.frameTimer = undefined;
    const began = performance.now();
    let now = began;
    let { feeds, timeline } = this;
    let words = 0;
    do {
      const batch = this.queue.take(this.piece);
      if (batch === undefined) break;
      feeds = updateFeeds(feeds, batch);
      timeline = updateTimeline(timeline, batch);
      words += batch.words.length;
      const before = now;
      now = performance.now();
      this.piece = pieceAfter(this.piece, now - before);
    } while (all || now - began < slice);
    if (words === 0) return;
    this.feeds = feeds;
    this.timeline = timeline;
    this.client?.shown(words);
    if (!this.queue.empty) this.frameTimer = setTimeout(() => this.showEvents(), breath);
  }

  private clearRun(): void {
    this.client?.shown(this.queue.clear());
    this.feeds = emptyFeeds();
    this.timeline = emptyTimeline();
    this.selected = undefined;
    this.span = undefined;
    this.guestSeen = false;
    this.inspector.close();
    this.tape.clear();
    // An empty console is left alone: to empty it, xterm.js measures the page.
    if (this.played > 0) this.sink?.clear();
    this.played = 0;
  }

  private keepNow(): void {
    clearTimeout(this.keepTimer);
    this.keepTimer = undefined;
    if (!this.touched) return;
    const { work } = this.session;
    this.unkept = !this.keeper.keep(work);
    if (work.student !== '') keep(studentKey, work.student);
  }
}

const key = Symbol('lab');
export const provideLab = (lab: Lab): Lab => setContext(key, lab);
export const useLab = (): Lab => getContext<Lab>(key);
