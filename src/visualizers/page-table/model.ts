/** The walks of the page tables, the last ones with every reference that they made. */
import {
  accessKinds,
  batchSize,
  decodeEvent,
  type EventBatch,
  kindAt,
  type WalkOutcome,
  type WalkStage,
  walkOutcomes,
  walkStages,
} from '../../engine/events.ts';
import type { WalkStep } from '../../engine/state.ts';

/** Walks that are kept. */
export const mostWalks = 2000;

export interface Walk {
  /** Counted from 0 over the run: one step may make several. */
  readonly number: number;
  readonly stage: WalkStage;
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
  /** References of walks whose end has not come yet: within a guest's walk there are some of the host's. */
  readonly pending: Readonly<Record<WalkStage, readonly WalkStep[]>>;
}

export const emptyPageTable: PageTableModel = {
  walks: [],
  counts: { walks: 0, references: 0, faults: 0, fills: 0 },
  pending: { single: [], guest: [], host: [] },
};

export function updatePageTable(model: PageTableModel, batch: EventBatch): PageTableModel {
  const counts = { ...model.counts };
  const pending: Record<WalkStage, readonly WalkStep[]> = { ...model.pending };
  const walks: Walk[] = [];
  for (let index = 0; index < batchSize(batch); index++) {
    const kind = kindAt(batch, index);
    if (kind === 'fill') counts.fills++;
    if (kind !== 'entry' && kind !== 'walk') continue;
    const event = decodeEvent(batch, index);
    if (event.kind === 'entry') {
      counts.references++;
      const stage = walkStages[event.stage] ?? 'single';
      pending[stage] = [...pending[stage], { level: event.level, address: event.address, value: event.value }];
    } else if (event.kind === 'walk') {
      const outcome = walkOutcomes[event.outcome] ?? 'ok';
      const stage = walkStages[event.stage] ?? 'single';
      if (outcome !== 'ok') counts.faults++;
      const { position, va, mode, level } = event;
      const access = accessKinds[event.access] ?? 'load';
      walks.push({ number: counts.walks++, stage, position, va, access, mode, outcome, level, steps: pending[stage] });
      pending[stage] = [];
    }
  }
  if (walks.length === 0) return { ...model, counts, pending };
  return { walks: [...model.walks, ...walks].slice(-mostWalks), counts, pending };
}
