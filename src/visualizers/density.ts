/**
 * The whole run at a glance: by lane, how long it was occupied, and how often something happened in it. It holds a fixed
 * number of buckets that grow wider as the run grows longer, so that a run of any length costs the same.
 */
import type { Span } from './visualizer.ts';

export const buckets = 1024;
/** Kinds of happenings that are counted apart; what they are is for the picture to say. */
export const classes = 3;

export interface LaneDensity {
  /** By bucket: steps of the machine while a hart was here. */
  readonly steps: Float64Array;
  /** By bucket and class. */
  readonly counts: Float64Array;
}

/** Lanes by a number of the picture's own. */
type Lanes = ReadonlyMap<number, LaneDensity>;

export interface Density {
  /** Steps that a bucket is wide: a power of two. */
  readonly width: number;
  /** Filled in place. */
  readonly lanes: Lanes;
}

export const emptyDensity = (): Density => ({ width: 1, lanes: new Map() });

/** Wide enough for a position. */
export function covering(density: Density, position: number): Density {
  let { width } = density;
  while (position >= width * buckets) {
    for (const { steps, counts } of density.lanes.values()) {
      fold(steps, 1);
      fold(counts, classes);
    }
    width *= 2;
  }
  return width === density.width ? density : { ...density, width };
}

/** Adds each two neighbours of so many numbers. */
function fold(numbers: Float64Array, group: number): void {
  const half = (buckets / 2) * group;
  for (let index = 0; index < half; index++) {
    const left = 2 * index - (index % group);
    numbers[index] = (numbers[left] ?? 0) + (numbers[left + group] ?? 0);
  }
  numbers.fill(0, half);
}

export const laneIn = ({ lanes }: Density, key: number): LaneDensity => laneOf(lanes, key, buckets);

function laneOf(lanes: Lanes, key: number, length: number): LaneDensity {
  const known = lanes.get(key);
  if (known !== undefined) return known;
  const fresh = { steps: new Float64Array(length), counts: new Float64Array(length * classes) };
  (lanes as Map<number, LaneDensity>).set(key, fresh);
  return fresh;
}

/** A hart was here from one position to another. */
export function addStay({ steps }: LaneDensity, width: number, from: number, to: number): void {
  for (let at = from; at < to; ) {
    const bucket = Math.floor(at / width);
    const end = Math.max(Math.min(to, (bucket + 1) * width), at + Number.EPSILON * at);
    steps[bucket] = (steps[bucket] ?? 0) + end - at;
    at = end;
  }
}

export function addCount({ counts }: LaneDensity, width: number, position: number, kind: number): void {
  const index = Math.floor(position / width) * classes + kind;
  counts[index] = (counts[index] ?? 0) + 1;
}

/** A part of the run in columns of the picture. */
export interface Columns {
  /** Steps that a column is wide. */
  readonly width: number;
  readonly count: number;
  /** As a density's, with the columns for buckets. */
  readonly lanes: Lanes;
}

/** Fills columns, from positions of the run. */
export class ColumnSink implements Columns {
  readonly lanes = new Map<number, LaneDensity>();
  readonly width: number;
  readonly count: number;
  private readonly start: number;

  constructor({ start, end }: Span, count: number) {
    this.start = start;
    this.count = count;
    this.width = (end - start) / count;
  }

  stay(key: number, from: number, to: number): void {
    const last = this.count * this.width;
    addStay(this.lane(key), this.width, Math.max(0, from - this.start), Math.min(last, to - this.start));
  }

  happened(key: number, position: number, kind: number): void {
    addCount(this.lane(key), this.width, position - this.start, kind);
  }

  lane(key: number): LaneDensity {
    return laneOf(this.lanes, key, this.count);
  }
}

/** The density's buckets shared out over columns, each by how much of it lies in the column. */
export function resampled(density: Density, span: Span, count: number): ColumnSink {
  const sink = new ColumnSink(span, count);
  for (const [key, lane] of density.lanes) share(density.width, lane, span, sink.lane(key), sink.width);
  return sink;
}

function share(bucketWidth: number, lane: LaneDensity, { start, end }: Span, into: LaneDensity, width: number): void {
  const first = Math.max(0, Math.floor(start / bucketWidth));
  const last = Math.min(buckets, Math.ceil(end / bucketWidth));
  const columns = into.steps.length;
  for (let bucket = first; bucket < last; bucket++) {
    const from = Math.max(start, bucket * bucketWidth) - start;
    const to = Math.min(end, (bucket + 1) * bucketWidth) - start;
    for (let column = Math.floor(from / width); column < columns && column * width < to; column++) {
      const overlap = Math.min(to, (column + 1) * width) - Math.max(from, column * width);
      pour(lane, bucket, into, column, Math.max(0, overlap / bucketWidth));
    }
  }
}

function pour(lane: LaneDensity, bucket: number, into: LaneDensity, column: number, part: number): void {
  into.steps[column] = (into.steps[column] ?? 0) + part * (lane.steps[bucket] ?? 0);
  for (let kind = 0; kind < classes; kind++) {
    const index = column * classes + kind;
    into.counts[index] = (into.counts[index] ?? 0) + part * (lane.counts[bucket * classes + kind] ?? 0);
  }
}
