import type { EventBatch, EventKind } from '../events.ts';
import type { RackSnapshot } from './rack.ts';
import type { Snapshot } from './snapshot.ts';
import type { Mark, Stop } from './types.ts';
import type { Watch } from './watches.ts';

export type AnySnapshot = Snapshot | RackSnapshot;

/** What a history can be kept of: a machine, or a rack of them. The members are those of `Machine`. */
export interface Timeline<S extends AnySnapshot = AnySnapshot> {
  readonly position: number;
  /** RAM of all machines together. */
  readonly ramBytes: number;
  readonly mark: Mark;
  run(steps: number, continues?: boolean): Stop;
  settleTo(mark: Mark): void;
  snapshot(): S;
  restore(snapshot: S): void;
  /** `machine`: its number in a rack. */
  input(bytes: Uint8Array, slot?: number, machine?: number): void;
  dropOutput(): void;
  listen(kinds: readonly EventKind[]): void;
  takeEvents(): EventBatch;
  setBreakpoints(addresses: readonly bigint[]): void;
  setWatches(watches: readonly Watch[]): void;
}
