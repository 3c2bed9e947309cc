/** What can be looked for in the past, and a replay that watches for it. */
import { type EventKind, eventsOf, type MachineEvent } from '../events.ts';
import type { Timeline } from './timeline.ts';
import type { Stop } from './types.ts';
import type { Watch } from './watches.ts';

export type Sought =
  | {
      readonly kind: 'event';
      readonly kinds: readonly EventKind[];
      /** Any of those kinds, where not given. */
      readonly matches?: (event: MachineEvent) => boolean;
    }
  | {
      readonly kind: 'breakpoint';
      readonly addresses: readonly bigint[];
      /** Asked while the machine stands at one; any counts, where not given. */
      readonly holds?: (stop: Stop) => boolean;
    }
  | { readonly kind: 'access'; readonly watches: readonly Watch[] };

/** Watches a run that is replayed, up to a position. */
export class SearchRun {
  /** Position of the last step that fits, so far. */
  last: number | undefined;
  private readonly sought: Sought;
  private readonly machine: Timeline;
  private readonly end: number;

  constructor(sought: Sought, machine: Timeline, end: number) {
    this.sought = sought;
    this.machine = machine;
    this.end = end;
    if (sought.kind === 'event') machine.listen(sought.kinds);
    if (sought.kind === 'breakpoint') machine.setBreakpoints(sought.addresses);
    if (sought.kind === 'access') machine.setWatches(sought.watches);
  }

  /** After each slice of the replay. */
  see(stop: Stop): void {
    const { position } = this.machine;
    if (stop.kind === 'breakpoint' && this.holds(stop)) this.found(position);
    if (stop.kind === 'watch') this.found(stop.position);
    const batch = this.machine.takeEvents();
    if (this.sought.kind !== 'event') return;
    for (const event of eventsOf(batch)) {
      if (this.sought.matches?.(event) !== false) this.found(event.position);
    }
  }

  private holds(stop: Stop): boolean {
    const { sought } = this;
    return sought.kind !== 'breakpoint' || sought.holds?.(stop) !== false;
  }

  private found(position: number): void {
    if (position < this.end) this.last = position;
  }
}
