/** The part of a run that a picture over time shows, and the ways to move it. */
import { type ScaleLinear, scaleLinear } from 'd3';
import type { Span } from './visualizer.ts';

/** Steps that are shown at least. */
const narrowest = 20;

export const wholeRun = (tip: number): Span => ({ start: 0, end: Math.max(1, tip) });

/** What happens at the very end is still to be seen whole. */
const rightMargin = 8;

/** Pixels for time in a picture of a width. */
export const roomOf = (left: number, width: number): number => Math.max(1, width - rightMargin - left);

export const scaleOf = ({ start, end }: Span, left: number, width: number): ScaleLinear<number, number> =>
  scaleLinear([start, Math.max(end, start + 1)], [left, left + roomOf(left, width)]);

/** Makes it `factor` times as long around a position; undefined for all of the run. */
export function zoomed({ start, end }: Span, factor: number, around: number, tip: number): Span | undefined {
  const length = Math.max(narrowest, (end - start) * factor);
  if (length >= tip) return undefined;
  const before = start < around && around < end ? (around - start) / (end - start) : 0.5;
  return within(Math.round(around - length * before), Math.round(length), tip);
}

/** Moves it by a part of its length. */
export const panned = ({ start, end }: Span, part: number, tip: number): Span =>
  within(Math.round(start + (end - start) * part), end - start, tip);

/** The same length with a position in sight: as it is, if it is there already. */
export function showing(span: Span, position: number, tip: number): Span {
  const { start, end } = span;
  if (position >= start && position <= end) return span;
  return within(Math.round(position - (end - start) / 2), end - start, tip);
}

/** Between two places that a pointer was dragged over. */
export const brushed = (from: number, to: number): Span => ({
  start: Math.max(0, Math.floor(Math.min(from, to))),
  end: Math.max(Math.ceil(Math.max(from, to)), Math.floor(Math.min(from, to)) + narrowest),
});

function within(start: number, length: number, tip: number): Span {
  const first = Math.max(0, Math.min(start, Math.max(0, tip - length)));
  return { start: first, end: first + length };
}
