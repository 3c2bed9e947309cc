/** What is too much to draw one by one, by columns of the picture: time in each lane, and traps into it by class. */
import { type ChunkedLog, firstFrom, inGap, positionOf } from '../chunked-log.ts';
import { ColumnSink, type Columns, resampled } from '../density.ts';
import type { Span } from '../visualizer.ts';
import {
  causeIn,
  factsOf,
  fromIn,
  guestIn,
  hartOfFacts,
  isInnerCallIn,
  isInterruptIn,
  isReturnIn,
  toIn,
} from './crossings.ts';
import { type LaneKey, laneKey } from './lanes.ts';
import { classOf, trapClasses } from './ledger.ts';
import type { TrapsModel } from './model.ts';

/** Looking at more crossings one by one would be felt. */
const mostCounted = 150_000;

/** The density where its buckets are fine enough or all there is; else counted anew, crossing by crossing. */
export function columnsOf(model: TrapsModel, span: Span, tip: number, count: number): Columns {
  const { start, end } = span;
  const first = firstFrom(model.log, start);
  const crossings = firstFrom(model.log, end) - first;
  const coarse = model.density.width > (end - start) / count;
  if (!coarse || inGap(model.log, span) || crossings > mostCounted) return fromDensity(model, span, tip, count);
  const sink = new ColumnSink(span, count);
  const since = countCrossings(model.log, first, span, sink);
  model.ways.forEach((way, hart) => {
    if (way === undefined) return;
    sink.stay(laneAt(model, hart, end), since.get(hart) ?? start, Math.min(tip, end));
  });
  return sink;
}

/** Gives since when each hart is where it is at the end. */
function countCrossings(log: ChunkedLog, first: number, { start, end }: Span, sink: ColumnSink): Map<number, number> {
  const since = new Map<number, number>();
  for (let ordinal = first; ordinal < log.total; ordinal++) {
    const position = positionOf(log, ordinal) ?? end;
    if (position >= end) break;
    const facts = factsOf(log, ordinal) ?? 0;
    const [hart, guest, from, to] = [hartOfFacts(facts), guestIn(facts), fromIn(facts), toIn(facts)];
    sink.stay(laneKey(hart, from, guest), since.get(hart) ?? start, position);
    since.set(hart, position);
    if (isReturnIn(facts)) continue;
    const innerCall = isInnerCallIn(facts);
    const kind = classOf({ cause: causeIn(facts), interrupt: isInterruptIn(facts), from, to, innerCall });
    sink.happened(laneKey(hart, to, guest), position, trapClasses.indexOf(kind));
  }
  return since;
}

function fromDensity({ density, ways }: TrapsModel, span: Span, tip: number, count: number): Columns {
  const sink = resampled(density, span, count);
  ways.forEach((way, hart) => {
    if (way !== undefined) sink.stay(laneKey(hart, way.mode, way.guest), way.position, Math.min(tip, span.end));
  });
  return sink;
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
