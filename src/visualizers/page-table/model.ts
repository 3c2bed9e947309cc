/** The walks of the page tables, the last ones with every reference that they made. */
import {
  accessKinds,
  batchSize,
  decodeEvent,
  type EventBatch,
  kindAt,
  type WalkOutcome,
  walkOutcomes,
} from '../../engine/events.ts';
import type { WalkStep } from '../../engine/state.ts';

/** Walks that are kept. */
export const mostWalks = 2000;

export interface Walk {
  readonly position: number;
  readonly va: bigint;
  readonly access: (typeof accessKinds)[number];
  readonly mode: number;
  readonly outcome: WalkOutcome;
  /** Where it ended. */
  readonly level: number;
  readonly steps: readonly WalkStep[];
}

export interface PageTableModel {
  readonly walks: readonly Walk[];
  readonly counts: {
    readonly walks: number;
    readonly references: number;
    readonly faults: number;
    readonly fills: number;
  };
  /** References of a walk whose end has not come yet. */
  readonly pending: readonly WalkStep[];
}

export const emptyPageTable: PageTableModel = {
  walks: [],
  counts: { walks: 0, references: 0, faults: 0, fills: 0 },
  pending: [],
};

export function updatePageTable(model: PageTableModel, batch: EventBatch): PageTableModel {
  const counts = { ...model.counts };
  let pending = [...model.pending];
  const walks: Walk[] = [];
  for (let index = 0; index < batchSize(batch); index++) {
    const kind = kindAt(batch, index);
    if (kind === 'fill') counts.fills++;
    if (kind !== 'entry' && kind !== 'walk') continue;
    const event = decodeEvent(batch, index);
    if (event.kind === 'entry') {
      counts.references++;
      pending.push({ level: event.level, address: event.address, value: event.value });
    } else if (event.kind === 'walk') {
      const outcome = walkOutcomes[event.outcome] ?? 'ok';
      counts.walks++;
      if (outcome !== 'ok') counts.faults++;
      const { position, va, mode, level } = event;
      walks.push({ position, va, access: accessKinds[event.access] ?? 'load', mode, outcome, level, steps: pending });
      pending = [];
    }
  }
  if (walks.length === 0) return { ...model, counts, pending };
  return { walks: [...model.walks, ...walks].slice(-mostWalks), counts, pending };
}
