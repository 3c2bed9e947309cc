/** Where the hart's way is drawn: floors from top to bottom, time from left to right. */
import { scaleLinear } from 'd3';
import type { Span } from '../visualizer.ts';
import { type Crossing, firstFrom, type TrapsModel } from './model.ts';

/** U on top, M on the ground. A guest's modes are on the floors of the same name: V is bit 2 of a mode. */
export const floors = [
  { mode: 0, letter: 'U' },
  { mode: 1, letter: 'S' },
  { mode: 3, letter: 'M' },
] as const;

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Mark {
  readonly crossing: Crossing;
  readonly x: number;
  readonly y1: number;
  readonly y2: number;
}

export interface Bar {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly count: number;
}

export interface TrapsLayout {
  readonly lanes: readonly {
    readonly mode: number;
    readonly letter: string;
    readonly y: number;
    readonly height: number;
  }[];
  readonly ticks: readonly { readonly x: number; readonly label: string }[];
  /** The way itself; empty where there is too much to draw one by one. */
  readonly path: string;
  readonly marks: readonly Mark[];
  /** Traps into each floor by column, where there are too many to draw one by one. */
  readonly bars: readonly Bar[];
}

const mostMarks = 400;
const columnWidth = 4;
export const leftMargin = 28;
const axisHeight = 22;

export function layoutTraps(model: TrapsModel, { start, end }: Span, { width, height }: Size): TrapsLayout {
  const x = scaleLinear([start, Math.max(end, start + 1)], [leftMargin, width - 6]);
  const laneHeight = (height - axisHeight) / floors.length;
  const lanes = floors.map(({ mode, letter }, index) => ({ mode, letter, y: index * laneHeight, height: laneHeight }));
  const middle = (mode: number): number => {
    const lane = lanes.find((each) => each.mode === (mode & 3));
    return (lane?.y ?? 0) + laneHeight / 2;
  };
  const ticks = x
    .ticks(Math.max(2, Math.floor(width / 110)))
    .map((value) => ({ x: x(value), label: value.toLocaleString('en') }));
  const first = firstFrom(model.crossings, start);
  const last = firstFrom(model.crossings, end);
  if (last - first > mostMarks) {
    return { lanes, ticks, path: '', marks: [], bars: columns(model, first, last, x, middle, laneHeight) };
  }
  const visible = model.crossings.slice(first, last);
  const before = model.crossings[first - 1];
  const marks = visible.map((crossing) => ({
    crossing,
    x: x(crossing.position),
    y1: middle(crossing.from),
    y2: middle(crossing.to),
  }));
  const ground = before?.to ?? visible[0]?.from ?? 3;
  const reached = Math.min(end, Math.max(model.end, start));
  const steps = marks.map(({ x: at, y1, y2 }) => `H${at.toFixed(1)}V${y1.toFixed(1)}V${y2.toFixed(1)}`);
  const path = `M${x(start).toFixed(1)},${middle(ground).toFixed(1)}${steps.join('')}H${x(reached).toFixed(1)}`;
  return { lanes, ticks, path: model.end === 0 ? '' : path, marks, bars: [] };
}

function columns(
  model: TrapsModel,
  first: number,
  last: number,
  x: (position: number) => number,
  middle: (mode: number) => number,
  laneHeight: number,
): Bar[] {
  const counts = new Map<string, { column: number; mode: number; count: number }>();
  for (let index = first; index < last; index++) {
    const crossing = model.crossings[index];
    if (crossing === undefined || crossing.kind === 'return') continue;
    const column = Math.floor(x(crossing.position) / columnWidth);
    const key = `${column} ${crossing.to & 3}`;
    const entry = counts.get(key) ?? { column, mode: crossing.to, count: 0 };
    entry.count++;
    counts.set(key, entry);
  }
  const most = Math.max(1, ...[...counts.values()].map(({ count }) => count));
  return [...counts.values()].map(({ column, mode, count }) => {
    const height = Math.max(2, (laneHeight - 10) * (count / most));
    const y = middle(mode) + laneHeight / 2 - 4 - height;
    return { x: column * columnWidth, y, width: columnWidth - 1, height, count };
  });
}

/** The mark that a click was meant for: the nearest one, within a finger's width. */
export function markNear(marks: readonly Mark[], x: number): Mark | undefined {
  let best: Mark | undefined;
  for (const mark of marks) {
    if (best === undefined || Math.abs(mark.x - x) < Math.abs(best.x - x)) best = mark;
  }
  return best !== undefined && Math.abs(best.x - x) <= 12 ? best : undefined;
}
