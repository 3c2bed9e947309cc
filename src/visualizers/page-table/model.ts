/** The walks of the page tables over the run, every one with its references, and how many there were. */
import { batchSize, type EventBatch, kindAt } from '../../engine/events.ts';
import { WalkLog } from './log.ts';
import { type Translation, translationOf } from './walk.ts';

export interface PageTableModel {
  /** Grows in place; the model around it is new each time. */
  readonly log: WalkLog;
  readonly references: number;
  readonly fills: number;
}

export const emptyPageTable = (): PageTableModel => ({ log: new WalkLog(), references: 0, fills: 0 });

export function updatePageTable({ log, references, fills }: PageTableModel, batch: EventBatch): PageTableModel {
  let [entries, filled] = [references, fills];
  for (let index = 0; index < batchSize(batch); index++) {
    const kind = kindAt(batch, index);
    if (kind === 'entry') {
      entries++;
      log.entry(batch, index);
    } else if (kind === 'walk') log.walk(batch, index);
    else if (kind === 'fill' || kind === 'trap') {
      if (kind === 'fill') filled++;
      log.other();
    }
  }
  return { log, references: entries, fills: filled };
}

export function translationAt({ log }: PageTableModel, number: number): Translation | undefined {
  return log.has(number) ? translationOf(number, log.recordsOf(number)) : undefined;
}

/**
 * The walk before or after another one, of those below `end`: any, or one that failed. Undefined where there is none.
 */
export function neighbour(
  { log }: PageTableModel,
  from: number,
  direction: 1 | -1,
  end: number,
  failed: boolean,
): number | undefined {
  for (let number = from + direction; number >= log.forgotten && number < end; number += direction) {
    if (!failed || log.isFailure(number)) return number;
  }
  return undefined;
}

/** The last so many walks below `end`, the latest first: any, or those that failed. */
export function latest(model: PageTableModel, end: number, most: number, failed: boolean): Translation[] {
  const found: Translation[] = [];
  let number = neighbour(model, end, -1, end, failed);
  while (number !== undefined && found.length < most) {
    const translation = translationAt(model, number);
    if (translation !== undefined) found.push(translation);
    number = neighbour(model, number, -1, end, failed);
  }
  return found;
}
