/** What is too much to draw one by one, by columns of the picture: time in each lane, and traps into it by class. */
import type { Span } from '../visualizer.ts';
import {
  causeIn,
  factsOf,
  firstFrom,
  fromIn,
  gapOf,
  guestIn,
  hartOfFacts,
  isInterruptIn,
  isReturnIn,
  positionOf,
  toIn,
} from './crossings.ts';
import { addStay, addTrap, buckets, type Density, type LaneDensity, trapClasses } from './density.ts';
import { type LaneKey, laneKey } from './lanes.ts';
import { classOf } from './ledger.ts';
import type { TrapsModel } from './model.ts';

export interface Columns {
  /** Steps that a column is wide. */
  readonly width: number;
  readonly count: number;
  /** As a density's, with the columns for buckets. */
  readonly lanes: ReadonlyMap<LaneKey, LaneDensity>;
}

/** Looking at more crossings one by one would be felt. */
const mostCounted = 300_000;

/** The density where its buckets are fine enough or all there is; else counted anew, crossing by crossing. */
export function columnsOf(model: TrapsModel, span: Span, tip: number, count: number): Columns {
  const { start, end } = span;
  const width = (end - start) / count;
  const first = firstFrom(model.log, start);
  const crossings = firstFrom(model.log, end) - first;
  const gap = gapOf(model.log);
  const inGap = gap !== undefined && start < gap.end && end > gap.start;
  const coarse = model.density.width > width;
  return coarse && !inGap && crossings <= mostCounted
    ? counted(model, span, tip, count, first)
    : resampled(model, span, tip, count);
}

const emptyLane = (count: number): LaneDensity => ({
  steps: new Float64Array(count),
  traps: new Float64Array(count * trapClasses.length),
});

class ColumnSink {
  readonly lanes = new Map<LaneKey, LaneDensity>();
  readonly width: number;
  private readonly start: number;
  private readonly count: number;

  constructor({ start, end }: Span, count: number) {
    this.start = start;
    this.count = count;
    this.width = (end - start) / count;
  }

  stay(key: LaneKey, from: number, to: number): void {
    const last = this.count * this.width;
    addStay(this.lane(key), this.width, Math.max(0, from - this.start), Math.min(last, to - this.start));
  }

  trap(key: LaneKey, position: number, trapClass: number): void {
    addTrap(this.lane(key), this.width, position - this.start, trapClass);
  }

  lane(key: LaneKey): LaneDensity {
    const known = this.lanes.get(key) ?? emptyLane(this.count);
    this.lanes.set(key, known);
    return known;
  }
}

function counted(model: TrapsModel, span: Span, tip: number, count: number, first: number): Columns {
  const sink = new ColumnSink(span, count);
  const since = new Map<number, number>();
  for (let ordinal = first; ordinal < model.log.total; ordinal++) {
    const position = positionOf(model.log, ordinal) ?? span.end;
    if (position >= span.end) break;
    const facts = factsOf(model.log, ordinal) ?? 0;
    const hart = hartOfFacts(facts);
    const guest = guestIn(facts);
    const to = toIn(facts);
    sink.stay(laneKey(hart, fromIn(facts), guest), since.get(hart) ?? span.start, position);
    since.set(hart, position);
    if (isReturnIn(facts)) continue;
    const trap = { cause: causeIn(facts), interrupt: isInterruptIn(facts), from: fromIn(facts), to };
    sink.trap(laneKey(hart, to, guest), position, trapClasses.indexOf(classOf(trap)));
  }
  model.ways.forEach((way, hart) => {
    if (way === undefined) return;
    sink.stay(laneAt(model, hart, span.end), since.get(hart) ?? span.start, Math.min(tip, span.end));
  });
  return { width: sink.width, count, lanes: sink.lanes };
}

/** Crossings of other harts that are passed over in search of a hart's next. */
const mostPassed = 20_000;

/** Where a hart is at a position. */
export function laneAt({ log, ways }: Pick<TrapsModel, 'log' | 'ways'>, hart: number, position: number): LaneKey {
  const first = firstFrom(log, position);
  for (let ordinal = first; ordinal < Math.min(log.total, first + mostPassed); ordinal++) {
    const facts = factsOf(log, ordinal);
    if (facts !== undefined && hartOfFacts(facts) === hart) return laneKey(hart, fromIn(facts), guestIn(facts));
  }
  const way = ways[hart];
  return laneKey(hart, way?.mode ?? 3, way?.guest ?? 0);
}

/** The density's buckets shared out over the columns, each by how much of it lies in the column. */
function resampled({ density, ways }: TrapsModel, span: Span, tip: number, count: number): Columns {
  const sink = new ColumnSink(span, count);
  for (const [key, lane] of density.lanes) share(density, lane, span, sink.lane(key), sink.width);
  ways.forEach((way, hart) => {
    if (way !== undefined) sink.stay(laneKey(hart, way.mode, way.guest), way.position, Math.min(tip, span.end));
  });
  return { width: sink.width, count, lanes: sink.lanes };
}

function share(density: Density, lane: LaneDensity, { start, end }: Span, into: LaneDensity, width: number): void {
  const classes = trapClasses.length;
  const first = Math.max(0, Math.floor(start / density.width));
  const last = Math.min(buckets, Math.ceil(end / density.width));
  const columns = into.steps.length;
  for (let bucket = first; bucket < last; bucket++) {
    const from = Math.max(start, bucket * density.width) - start;
    const to = Math.min(end, (bucket + 1) * density.width) - start;
    for (let column = Math.floor(from / width); column < columns && column * width < to; column++) {
      const overlap = Math.min(to, (column + 1) * width) - Math.max(from, column * width);
      const part = overlap / density.width;
      into.steps[column] = (into.steps[column] ?? 0) + part * (lane.steps[bucket] ?? 0);
      for (let each = 0; each < classes; each++) {
        const index = column * classes + each;
        into.traps[index] = (into.traps[index] ?? 0) + part * (lane.traps[bucket * classes + each] ?? 0);
      }
    }
  }
}
