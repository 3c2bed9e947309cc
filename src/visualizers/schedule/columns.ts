/** What is too much to draw one by one: by columns, how much of each hart's time each occupant had. */
import { firstFrom, inGap } from '../chunked-log.ts';
import { ColumnSink, type Columns, resampled } from '../density.ts';
import type { Span } from '../visualizer.ts';
import { laneKey, type ScheduleModel } from './model.ts';
import { machine } from './occupants.ts';
import { type Segment, segmentAt } from './segments.ts';

/** Looking at more segments one by one would be felt. */
const mostCounted = 150_000;
/** Segments of other harts that are passed over in search of the one that a hart is in. */
const mostPassed = 20_000;

/** A segment within the part of the run that is shown. */
export interface Stretch {
  readonly hart: number;
  readonly occupant: number;
  readonly from: number;
  readonly to: number;
  /** What began it; undefined for the run's beginning. */
  readonly segment: Segment | undefined;
  /** What ended it; undefined where it goes on behind the part that is shown. */
  readonly next: Segment | undefined;
}

export function segmentsIn({ log }: ScheduleModel, { start, end }: Span): number {
  return firstFrom(log, end) - firstFrom(log, start);
}

/** All stretches that begin or end within a part of the run, in the order in which they end. */
export function* stretchesOf(model: ScheduleModel, { start, end }: Span, tip: number): Generator<Stretch> {
  const open = new Map<number, Segment | undefined>();
  for (const hart of model.harts) if (hart !== undefined) open.set(hart.hart, segmentBefore(model, hart.hart, start));
  const stretch = (hart: number, to: number, next: Segment | undefined): Stretch => {
    const segment = open.get(hart);
    return {
      hart,
      occupant: segment?.occupant ?? machine,
      from: Math.max(start, segment?.position ?? 0),
      to,
      segment,
      next,
    };
  };
  for (let ordinal = firstFrom(model.log, start); ordinal < model.log.total; ordinal++) {
    const segment = segmentAt(model.log, ordinal);
    if (segment === undefined) continue;
    if (segment.position >= end) break;
    yield stretch(segment.hart, segment.position, segment);
    open.set(segment.hart, segment);
  }
  for (const hart of open.keys()) yield stretch(hart, Math.min(end, tip), undefined);
}

function segmentBefore({ log }: ScheduleModel, hart: number, position: number): Segment | undefined {
  const first = firstFrom(log, position);
  for (let ordinal = first - 1; ordinal >= Math.max(0, first - mostPassed); ordinal--) {
    const segment = segmentAt(log, ordinal);
    if (segment?.hart === hart) return segment;
  }
  return undefined;
}

/** The density where its buckets are fine enough or all there is; else counted anew. */
export function columnsOf(model: ScheduleModel, span: Span, tip: number, count: number): Columns {
  const coarse = model.density.width > (span.end - span.start) / count;
  if (coarse && !inGap(model.log, span) && segmentsIn(model, span) <= mostCounted) {
    const sink = new ColumnSink(span, count);
    for (const { hart, occupant, from, to } of stretchesOf(model, span, tip))
      sink.stay(laneKey(hart, occupant), from, to);
    return sink;
  }
  const sink = resampled(model.density, span, count);
  for (const hart of model.harts) {
    if (hart !== undefined) sink.stay(laneKey(hart.hart, hart.occupant), hart.position, Math.min(tip, span.end));
  }
  return sink;
}
