/** When the modelled TLBs were filled and fenced. Hits leave no event. */
import { batchSize, type EventBatch, fieldOffsets, kindAt, positionAt, recordWords } from '../../engine/events.ts';
import { PositionLog } from './log.ts';

export const lanes = ['instruction', 'data', 'fence'] as const;
export type Lane = (typeof lanes)[number];

export interface TlbModel {
  /** They grow in place; the model around them is new each time. */
  readonly logs: Readonly<Record<Lane, PositionLog>>;
}

export const emptyTlb = (): TlbModel => ({
  logs: { instruction: new PositionLog(), data: new PositionLog(), fence: new PositionLog() },
});

const unitAt = fieldOffsets('fill').unit;

export function updateTlb({ logs }: TlbModel, batch: EventBatch): TlbModel {
  for (let index = 0; index < batchSize(batch); index++) {
    const kind = kindAt(batch, index);
    if (kind === 'fence') logs.fence.push(positionAt(batch, index));
    if (kind !== 'fill') continue;
    const unit = batch.words[index * recordWords + unitAt];
    logs[unit === 0 ? 'instruction' : 'data'].push(positionAt(batch, index));
  }
  return { logs };
}

const largest = (...positions: readonly (number | undefined)[]): number | undefined =>
  positions.reduce((a, b) => (a === undefined || (b !== undefined && b > a) ? b : a), undefined);

/** Positions at which the machine stands right after a fill: the last such one before it stood here, and the next one. */
export function fillsAround(
  { logs: { instruction, data } }: TlbModel,
  position: number,
): {
  readonly previous: number | undefined;
  readonly next: number | undefined;
} {
  const previous = largest(instruction.before(position - 1), data.before(position - 1));
  const [one, other] = [instruction.from(position), data.from(position)];
  const next = one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
  return {
    previous: previous === undefined ? undefined : previous + 1,
    next: next === undefined ? undefined : next + 1,
  };
}
