/** Fills and fences over the shared part of the run: a lane each, columns as high as there are many. */
import { scaleLinear } from 'd3';
import type { Span } from '../visualizer.ts';
import { type Lane, lanes, type TlbModel } from './model.ts';

export interface Column {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly count: number;
}

export interface TlbPicture {
  readonly lanes: readonly { readonly lane: Lane; readonly base: number; readonly columns: readonly Column[] }[];
  readonly ticks: readonly { readonly x: number; readonly label: string }[];
  /** The most in one column. */
  readonly most: number;
  readonly xOf: (position: number) => number;
  readonly positionOf: (x: number) => number;
}

const columnWidth = 3;
const axisHeight = 20;
export const nameWidth = 84;

export function layoutTlb({ logs }: TlbModel, { start, end }: Span, width: number, height: number): TlbPicture {
  const x = scaleLinear([start, Math.max(end, start + 1)], [nameWidth, Math.max(nameWidth + 1, width - 2)]).clamp(true);
  const laneHeight = (height - axisHeight) / lanes.length;
  const count = Math.max(1, Math.floor((width - nameWidth) / columnWidth));
  const counted = lanes.map((lane) =>
    Array.from({ length: count }, (_, column) => {
      const left = nameWidth + column * columnWidth;
      const from = x.invert(left);
      const to = column === count - 1 ? end + 1 : x.invert(left + columnWidth);
      return { left, count: logs[lane].between(from, to) };
    }),
  );
  const most = counted.flat().reduce((max, each) => Math.max(max, each.count), 0);
  const rows = lanes.map((lane, row) => {
    const base = (row + 1) * laneHeight;
    const columns = (counted[row] ?? []).flatMap((each) => {
      if (each.count === 0) return [];
      const tall = Math.max(3, (laneHeight - 4) * Math.sqrt(each.count / Math.max(1, most)));
      return [{ x: each.left, y: base - tall, width: columnWidth - 1, height: tall, count: each.count }];
    });
    return { lane, base, columns };
  });
  const ticks = x.ticks(Math.max(2, Math.floor((width - nameWidth) / 100)));
  return {
    lanes: rows,
    ticks: ticks.map((value) => ({ x: x(value), label: value.toLocaleString('en') })),
    most,
    xOf: x,
    positionOf: (at) => Math.round(x.invert(at)),
  };
}
