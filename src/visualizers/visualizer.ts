/**
 * What a visualizer is: a model fed by events, and a View that draws it beside the state at the moment that is looked
 * at. A folder here with an `index.ts` that exports `visualizer` and `View` is a view that lessons can name.
 */
import type { EventBatch, EventKind } from '../engine/events.ts';
import type { Inspect, Landmark, Profile, SourceLine } from '../engine/inspection.ts';
import type { MachineState } from '../engine/state.ts';

export interface Visualizer<Model> {
  /** As lessons name it: the folder's name. */
  readonly name: string;
  readonly title: string;
  /** It can show the state as the guest believes it as well. */
  readonly sides?: true;
  /** Kinds of events that the model needs. */
  readonly listens: readonly EventKind[];
  empty(): Model;
  /**
   * Events come once and in order, from the run's beginning to its tip; who visits the past hears none. May fill buffers
   * of the old model, but gives a new object, so that the page sees the change.
   */
  update(model: Model, batch: EventBatch): Model;
  /** What the picture says, in a sentence. */
  describe(model: Model, moment: Moment): string;
}

/** Where in the run one looks. The models know all of the run; a View shows where in it this is. */
export interface Moment {
  readonly position: number;
  /** How far the run has come. */
  readonly tip: number;
  /** Of this position; undefined before the first stop. While the machine runs it is that of the last stop. */
  readonly state: MachineState | undefined;
  /** Of the stop before: what differs has changed. */
  readonly before: MachineState | undefined;
}

export const noMoment: Moment = { position: 0, tip: 0, state: undefined, before: undefined };

/** A part of the run, by positions. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** An event that was chosen in a view, by its position. */
export interface Selection {
  readonly position: number;
  readonly kind: string;
}

/** The program's text, for views of code. */
export interface Source {
  readonly text: (line: SourceLine) => string | undefined;
  readonly breakpoints: readonly SourceLine[];
  readonly ontoggle: (line: SourceLine) => void;
  /** On until a line. */
  readonly onreach: (line: SourceLine) => void;
}

/** Whose view of the state: what the machine is, or what the guest that is current on a hart believes. */
export type Side = 'machine' | 'guest';

/** What every View is given. */
export interface ViewProps<Model> {
  readonly model: Model;
  readonly moment: Moment;
  /** The part of the run that pictures over time show; undefined for all of it. The same for all of them. */
  readonly span: Span | undefined;
  readonly onspan: (span: Span | undefined) => void;
  /** The same for all of them. Where no guest is current, a View shows the machine. */
  readonly side: Side;
  readonly selected: number | undefined;
  readonly onselect: (selection: Selection) => void;
  /** Takes the machine to a position. */
  readonly onvisit: (position: number) => void;
  /** Takes the machine back to where something last happened. */
  readonly onfind: (what: Landmark) => void;
  /** `handler+0x1c`, or the number. */
  readonly symbolize: (address: bigint) => string;
  /** The address of a symbol, or of a number as one writes it; undefined for neither. */
  readonly resolve: (text: string) => bigint | undefined;
  readonly inspect: Inspect;
  readonly source: Source;
  /** The last one of this run. */
  readonly profile: Profile | undefined;
  /** Has one made: the machine replays that part, and comes back. Undefined while it is busy. */
  readonly onprofile: ((span: Span) => void) | undefined;
}

export const hex = (value: bigint, digits = 1): string => `0x${value.toString(16).padStart(digits, '0')}`;
