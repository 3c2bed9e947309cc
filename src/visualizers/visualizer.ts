/**
 * What a visualizer is: a model fed by events and states, and a View that draws it. A folder here with an `index.ts`
 * that exports `visualizer` is a view that lessons can name.
 */
import type { EventBatch, EventKind } from '../engine/events.ts';
import type { MachineState } from '../engine/state.ts';

export interface Visualizer<Model> {
  /** As lessons name it: the folder's name. */
  readonly name: string;
  readonly title: string;
  /** Kinds of events that the model needs. */
  readonly listens: readonly EventKind[];
  empty(): Model;
  /** May fill buffers of the old model, but gives a new object, so that the page sees the change. */
  update(model: Model, batch: EventBatch): Model;
  /** The machine stood still in this state. */
  observe(model: Model, state: MachineState): Model;
  /** What the picture says, in a sentence. */
  describe(model: Model): string;
}

/** An event that was chosen in a view, by its position. */
export interface Selection {
  readonly position: number;
  readonly kind: string;
}

/** What every View is given. */
export interface ViewProps<Model> {
  readonly model: Model;
  readonly state: MachineState | undefined;
  readonly selected: number | undefined;
  readonly onselect: (selection: Selection) => void;
  /** `handler+0x1c`, or the number. */
  readonly symbolize: (address: bigint) => string;
}

export const hex = (value: bigint, digits = 1): string => `0x${value.toString(16).padStart(digits, '0')}`;
