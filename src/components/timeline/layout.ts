/** What is drawn of the run: for each column of pixels how much of its time each mode had, and how many traps there were. */
import type { Span } from '../../visualizers/visualizer.ts';
import { buckets, lanes, type TimelineModel } from './model.ts';

export interface Column {
  readonly x: number;
  readonly width: number;
  /** By lane: its part of the column's time, 0 to 1. */
  readonly parts: readonly number[];
  /** Traps in relation to the densest column, 0 to 1. */
  readonly traps: number;
}

export interface TimelineLayout {
  /** Indices of the lanes that are drawn: a machine without guests has no floors for them. */
  readonly shown: readonly number[];
  readonly columns: readonly Column[];
}

export const xOf = (position: number, tip: number, width: number): number => (position / Math.max(1, tip)) * width;

export const positionOf = (x: number, tip: number, width: number): number =>
  Math.round((Math.max(0, Math.min(width, x)) / Math.max(1, width)) * tip);

export const spanOf = (from: number, to: number): Span | undefined =>
  from === to ? undefined : { start: Math.min(from, to), end: Math.max(from, to) };

const firstPlainLane = 2;

/** Several buckets share a column where there are more of them than columns. */
export function layoutTimeline(model: TimelineModel, tip: number, width: number): TimelineLayout {
  const used = Math.max(1, Math.min(buckets, Math.ceil(tip / model.width)));
  const perColumn = Math.max(1, Math.ceil(used / Math.max(1, width / 2)));
  const raw = Array.from({ length: Math.ceil(used / perColumn) }, (_, column) => {
    const first = column * perColumn;
    const last = Math.min(used, first + perColumn);
    const end = Math.min(tip, last * model.width);
    return {
      start: first * model.width,
      end,
      parts: lanes.map((_mode, lane) => sum(model.steps, first, last, lanes.length, lane)),
      traps: sum(model.traps, first, last, 1, 0),
    };
  });
  const densest = raw.reduce((most, { traps }) => Math.max(most, traps), 1);
  const columns = raw.map(({ start, end, parts, traps }) => {
    const whole = parts.reduce((total, part) => total + part, 0) || 1;
    const x = xOf(start, tip, width);
    return { x, width: xOf(end, tip, width) - x, parts: parts.map((part) => part / whole), traps: traps / densest };
  });
  const virtual = columns.some(({ parts }) => parts.slice(0, firstPlainLane).some((part) => part > 0));
  return { shown: lanes.map((_, lane) => lane).filter((lane) => virtual || lane >= firstPlainLane), columns };
}

function sum(numbers: Float32Array, first: number, last: number, group: number, offset: number): number {
  let total = 0;
  for (let each = first; each < last; each++) total += numbers[each * group + offset] ?? 0;
  return total;
}
