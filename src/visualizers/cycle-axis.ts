/** Cycles at positions of the run, for the axis of a picture over steps. */
import { type ChunkedLog, cycleOf, firstFrom, inGap, positionOf } from './chunked-log.ts';

/**
 * Exact where the log has an entry; in between as if each step took the same, and behind the last one a cycle. Undefined
 * where single entries are no longer kept.
 */
export function cycleAt(log: ChunkedLog, position: number): number | undefined {
  if (inGap(log, { start: position - 1, end: position + 1 })) return undefined;
  const after = firstFrom(log, position);
  const [start, from] = after === 0 ? [0, 0] : [positionOf(log, after - 1), cycleOf(log, after - 1)];
  if (start === undefined || from === undefined) return undefined;
  const [end, to] = [positionOf(log, after), cycleOf(log, after)];
  if (end === undefined || to === undefined) return from + position - start;
  return end === start ? to : Math.round(from + ((to - from) * (position - start)) / (end - start));
}
