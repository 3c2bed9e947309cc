/**
 * A lesson at work: the session's state for the pieces of the notebook to show, the worker that performs its requests,
 * and what the browser keeps of it. Everything that decides is in `labs/session.ts`.
 */
import { getContext, setContext } from 'svelte';
import type { ImageSymbol } from '../engine/image.ts';
import { type LabClient, openLab } from '../labs/client.ts';
import type { Lesson } from '../labs/lesson.ts';
import type { Message } from '../labs/runtime.ts';
import {
  type Command,
  type Notice,
  newSession,
  newWork,
  type Request,
  type SessionState,
  seedFor,
  update,
} from '../labs/session.ts';
import { restoreWork, serializeWork } from '../labs/work-store.ts';
import type { Selection } from '../visualizers/visualizer.ts';
import { EventQueue } from './event-queue.ts';
import { keep, readKept, studentKey, workKey } from './kept.ts';
import { symbolizer } from './symbolize.ts';
import { emptyFeeds, type Feeds, listenedKinds, observeFeeds, updateFeeds } from './views.ts';

const lintDelay = 180;
const keepDelay = 300;
const frame = 33;
/** Characters of console output that a console opened late still gets. */
const transcriptLength = 200_000;

export interface ConsoleSink {
  /** Calls back once the text is on the screen. */
  write(text: string, shown: () => void): void;
  clear(): void;
}

export class Lab {
  readonly lesson: Lesson;
  session: SessionState;
  /** The run that the controls are for. */
  chosenRun: string;
  feeds: Feeds = $state.raw(emptyFeeds());
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

  private client: LabClient | undefined;
  /** Something was done that is worth keeping; a starter text that nobody touched follows the lesson. */
  private touched = false;
  private readonly queue = new EventQueue();
  private sink: ConsoleSink | undefined;
  private transcript = '';
  private lintTimer: ReturnType<typeof setTimeout> | undefined;
  private keepTimer: ReturnType<typeof setTimeout> | undefined;
  private frameTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(lesson: Lesson) {
    this.lesson = lesson;
    const bench = lesson.cells.find((cell) => cell.kind === 'bench');
    this.session = $state.raw(newSession(newWork(lesson)));
    this.chosenRun = $state(bench?.run ?? lesson.runs[0]?.name ?? '');
    this.revealed = $state.raw(bench?.views ?? []);
  }

  /** Brings back the kept work and starts the worker; gives the way to end it. */
  connect(): () => void {
    const work = restoreWork(this.lesson, readKept(workKey(this.lesson.slug)));
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

  reveal(view: string): void {
    if (!this.revealed.includes(view)) this.revealed = [...this.revealed, view];
  }

  select(selection: Selection): void {
    this.selected = selection;
  }

  /** Gives the sink all output so far, and what comes; gives the way to stop it. */
  listenToConsole(sink: ConsoleSink): () => void {
    this.sink = sink;
    sink.write(this.transcript, () => {});
    return () => {
      this.sink = undefined;
    };
  }

  private openWorker(): void {
    this.crash = undefined;
    this.client = openLab(
      this.lesson,
      listenedKinds,
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
    switch (message.kind) {
      case 'console':
        return this.print(message.text);
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
        this.showEvents();
        if (message.machine !== undefined) this.feeds = observeFeeds(this.feeds, message.machine);
        break;
      default:
        break;
    }
    this.advance(message);
    if (message.kind === 'checked') this.keepNow();
  }

  private print(text: string): void {
    this.transcript = (this.transcript + text).slice(-transcriptLength);
    const shown = (): void => this.client?.shown(text.length);
    if (this.sink === undefined) shown();
    else this.sink.write(text, shown);
  }

  private showEvents(): void {
    clearTimeout(this.frameTimer);
    this.frameTimer = undefined;
    const batch = this.queue.take();
    if (batch === undefined) return;
    this.feeds = updateFeeds(this.feeds, batch);
    this.client?.shown(batch.words.length);
  }

  private clearRun(): void {
    this.client?.shown(this.queue.clear());
    this.feeds = emptyFeeds();
    this.selected = undefined;
    this.transcript = '';
    this.sink?.clear();
  }

  private keepNow(): void {
    clearTimeout(this.keepTimer);
    this.keepTimer = undefined;
    if (!this.touched) return;
    const { work } = this.session;
    this.unkept = !keep(workKey(this.lesson.slug), serializeWork(work));
    if (work.student !== '') keep(studentKey, work.student);
  }
}

const key = Symbol('lab');
export const provideLab = (lab: Lab): Lab => setContext(key, lab);
export const useLab = (): Lab => getContext<Lab>(key);
