/** How often each cause trapped, and where last: as many rows as there are causes, however long the run. */
import { type EventBatch, eventsOf } from '../../../src/engine/events.ts';
import { causeOf } from '../../../src/engine/isa/causes.ts';

export type CausesModel = ReadonlyMap<string, { readonly count: number; readonly last: number }>;

export function updateCauses(model: CausesModel, batch: EventBatch): CausesModel {
  const next = new Map(model);
  for (const event of eventsOf(batch)) {
    if (event.kind !== 'trap') continue;
    const { title } = causeOf(event.cause, event.interrupt);
    next.set(title, { count: (next.get(title)?.count ?? 0) + 1, last: event.position });
  }
  return next;
}
