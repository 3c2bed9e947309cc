/** Runs a machine in slices, so that what is typed is heard, until it ends or somebody ends it. */
import type { EventKind } from '../../engine/events.ts';
import type { Machine, Stop } from '../../engine/machine/types.ts';
import { EscapeKeys, escapeHelp, type Terminal } from './terminal.ts';
import type { Tracer } from './trace.ts';

export const exitCodes = { limit: 124, stuck: 1, quit: 0 } as const;

export interface Ended {
  readonly code: number;
  /** Said to the user, where the code alone does not tell. */
  readonly why?: string;
}

/** Who makes the machine go: the machine itself, or somebody who remembers what it did. */
export interface Runner {
  run(steps: number, continues: boolean): Stop;
  input(bytes: Uint8Array): void;
  listen(kinds: readonly EventKind[]): void;
}

export interface DriverParts {
  readonly machine: Machine;
  /** The machine, if left out. */
  readonly runner?: Runner;
  readonly terminal: Terminal;
  readonly tracer: Tracer;
  readonly complain: (text: string) => unknown;
}

/** Steps between two looks at the terminal: some ten milliseconds. */
export const slice = 500_000;

/** Codes of the test finisher have 16 bits, those of a process 8: what does not fit must not become a pass. */
export const exitCodeOf = (code: number): number => (code > 255 ? 255 : code);

export class Driver {
  private readonly parts: DriverParts;
  private readonly runner: Runner;
  private readonly keys = new EscapeKeys();
  private typed: Uint8Array[] = [];
  private atEnd = false;
  private quit = false;
  private wake: () => void = () => {};

  constructor(parts: DriverParts) {
    this.parts = parts;
    this.runner = parts.runner ?? parts.machine;
    this.runner.listen(parts.tracer.kinds);
    parts.terminal.listen((bytes) => this.hear(bytes));
  }

  get wantsToQuit(): boolean {
    return this.quit;
  }

  /** Runs to the end. `limit`: most steps, counted from the start of the machine. */
  async run(limit: number): Promise<Ended> {
    for (;;) {
      const left = limit - this.parts.machine.position;
      if (left <= 0) return { code: exitCodes.limit, why: `The run ends here: it has made ${limit} steps.` };
      const stop = this.slice(Math.min(slice, left));
      const ended = this.endedBy(stop);
      if (ended !== undefined) return ended;
      if (stop.kind === 'waiting') await this.changed();
      else await soon();
      if (this.quit) return { code: exitCodes.quit };
    }
  }

  /** One slice: hands over what was typed, runs, shows what was printed and traced. */
  slice(steps: number, continues = false): Stop {
    for (const bytes of this.typed.splice(0)) this.runner.input(bytes);
    const stop = this.runner.run(steps, continues);
    this.show();
    return stop;
  }

  private show(): void {
    const { machine, terminal, tracer, complain } = this.parts;
    const output = machine.output();
    if (output.length > 0) terminal.write(output);
    if (tracer.kinds.length === 0) return;
    const lines = tracer.lines(machine.takeEvents());
    if (lines !== '') complain(lines);
  }

  /** Comes back at the next thing that is typed, at the end of it, and when somebody nudges. */
  changed(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  nudge(): void {
    this.wake();
  }

  private endedBy(stop: Stop): Ended | undefined {
    switch (stop.kind) {
      case 'exit':
        return { code: exitCodeOf(stop.code) };
      case 'reset':
        return { code: 0, why: 'The guest asked for a reset: the run ends here.' };
      case 'deadlock':
        return { code: exitCodes.stuck, why: 'The machine is stuck: it waits for an interrupt that cannot come.' };
      case 'waiting':
        if (!this.atEnd || this.typed.length > 0) return undefined;
        return { code: exitCodes.stuck, why: 'The machine waits for input, and there is no more.' };
      default:
        return undefined;
    }
  }

  private hear(bytes: Uint8Array | undefined): void {
    if (bytes === undefined) this.atEnd = true;
    else {
      const taken = this.keys.take(bytes);
      if (taken.bytes.length > 0) this.typed.push(taken.bytes);
      if (taken.help) this.parts.complain(escapeHelp);
      this.quit ||= taken.quit;
    }
    this.wake();
  }
}

/** After what waits outside has been heard. */
export const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
