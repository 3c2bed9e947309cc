/** Traps over the run in so many columns: when it outgrows them, each comes to stand for twice as many steps. */
import { batchSize, type EventBatch, kindAt, positionAt } from '../../../src/engine/events.ts';

export const columns = 64;

export interface RhythmModel {
  readonly counts: readonly number[];
  readonly stepsPerColumn: number;
}

export const emptyRhythm: RhythmModel = { counts: Array.from({ length: columns }, () => 0), stepsPerColumn: 16 };

export function updateRhythm(model: RhythmModel, batch: EventBatch): RhythmModel {
  let counts = [...model.counts];
  let { stepsPerColumn } = model;
  for (let index = 0; index < batchSize(batch); index++) {
    if (kindAt(batch, index) !== 'trap') continue;
    const position = positionAt(batch, index);
    for (; position >= columns * stepsPerColumn; stepsPerColumn *= 2) counts = halved(counts);
    const column = Math.floor(position / stepsPerColumn);
    counts[column] = (counts[column] ?? 0) + 1;
  }
  return { counts, stepsPerColumn };
}

const halved = (counts: readonly number[]): number[] =>
  counts.map((_, index) => (counts[2 * index] ?? 0) + (counts[2 * index + 1] ?? 0));
