/** What a session is told (commands of the student, notices of the runtime) and what it asks of the runtime. */
import type { Landmark, Profile } from '../engine/inspection.ts';
import type { MachineState } from '../engine/state.ts';
import type { Diagnostic } from '../engine/toolchain/diagnostics.ts';
import type { Verdict } from './checks.ts';
import type { StepKind } from './stepping.ts';
import type { Stops, Watchpoint } from './stops.ts';
import type { Submission } from './submission.ts';

export type Texts = Readonly<Record<string, string>>;

export interface SourcePlace {
  readonly file: string;
  readonly line: number;
}

export type MeasuredValue = number | readonly number[];

/** A bench's part of a run ends before the instruction at a label, or with the run. */
export interface Part {
  readonly bench: string;
  readonly until: string | undefined;
}

export type Command =
  | { readonly kind: 'edit'; readonly file: string; readonly text: string }
  /** `bench`: whose part of the run is wanted; without one the run goes on to its end. */
  | { readonly kind: 'run'; readonly name: string; readonly bench?: string }
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
  | { readonly kind: 'stop-if'; readonly file: string; readonly line: number; readonly condition: string }
  | { readonly kind: 'watch'; readonly watchpoints: readonly Watchpoint[] }
  /** At the moment that is shown; the others are about one of `work.bookmarks`. */
  | { readonly kind: 'bookmark' }
  | { readonly kind: 'name-bookmark'; readonly index: number; readonly name: string }
  | { readonly kind: 'remove-bookmark'; readonly index: number }
  /** Those whose run is no more. */
  | { readonly kind: 'remove-void-bookmarks' }
  | { readonly kind: 'input'; readonly text: string }
  | { readonly kind: 'predict'; readonly id: string; readonly value: number }
  | { readonly kind: 'answer'; readonly id: string; readonly value: number | undefined }
  | { readonly kind: 'name'; readonly student: string }
  | { readonly kind: 'check' }
  /** Makes runs to their ends beside the machine, for what the page shows of them. */
  | { readonly kind: 'measure'; readonly runs: readonly string[] }
  | { readonly kind: 'load-submission'; readonly submission: Submission };

/** What the runtime tells. */
export type Notice =
  | { readonly kind: 'built'; readonly diagnostics: readonly Diagnostic[] }
  /** `program`: its key. */
  | { readonly kind: 'started'; readonly name: string; readonly program: string }
  /** What was typed came in at a position; `branched`: which had a future until then. */
  | { readonly kind: 'heard'; readonly position: number; readonly text: string; readonly branched: boolean }
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
      readonly measured: Readonly<Record<string, MeasuredValue>>;
    }
  | { readonly kind: 'part'; readonly bench: string; readonly position: number }
  | { readonly kind: 'profiled'; readonly profile: Profile }
  | {
      readonly kind: 'measured';
      readonly measured: Readonly<Record<string, MeasuredValue>>;
      readonly diagnostics: readonly Diagnostic[];
    }
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
      readonly stops: Stops;
      readonly parts: readonly Part[];
    }
  /** From a position, if that is not the present one. */
  | { readonly kind: 'resume'; readonly from?: number; readonly parts: readonly Part[] }
  | { readonly kind: 'pause' }
  | { readonly kind: 'step'; readonly how: StepKind }
  | { readonly kind: 'visit'; readonly position: number }
  | { readonly kind: 'go-to-line'; readonly file: string; readonly line: number }
  | { readonly kind: 'go-back-to'; readonly what: Landmark }
  | { readonly kind: 'profile'; readonly start: number; readonly end: number }
  | { readonly kind: 'discard' }
  | { readonly kind: 'stops'; readonly stops: Stops }
  | { readonly kind: 'input'; readonly text: string }
  | { readonly kind: 'measure'; readonly runs: readonly string[]; readonly texts: Texts; readonly seed: number }
  | {
      readonly kind: 'check';
      readonly texts: Texts;
      readonly answers: Readonly<Record<string, number>>;
      readonly seed: number;
    };
