/** Who had a hart from when on, as entries of a log. It ends where the hart's next one begins. */
import { type ChunkedLog, cycleOf, type LogWriter, positionOf, wordOf } from '../chunked-log.ts';

export const wordsEach = 1;

/** What made the hart change hands. */
export interface Beginning {
  readonly how: 'trap' | 'return' | 'wait' | 'label';
  readonly interrupt: boolean;
  readonly cause: number;
}

export interface Segment extends Beginning {
  readonly hart: number;
  readonly occupant: number;
  readonly position: number;
  readonly cycle: number;
}

const ways = ['trap', 'return', 'wait', 'label'] as const;

/** Bits 3:0 hart, 10:4 occupant, 12:11 how, 13 interrupt, 21:14 cause. */
export const packSegment = (hart: number, occupant: number, { how, interrupt, cause }: Beginning): number =>
  (hart & 15) | (occupant << 4) | (ways.indexOf(how) << 11) | (interrupt ? 1 << 13 : 0) | (Math.min(cause, 255) << 14);

export function appendSegment(writer: LogWriter, position: number, cycle: number, facts: number): void {
  const words = writer.append(position, cycle)?.words;
  if (words !== undefined) words[writer.newest] = facts;
}

export function segmentAt(log: ChunkedLog, ordinal: number): Segment | undefined {
  const facts = wordOf(log, ordinal, 0);
  if (facts === undefined) return undefined;
  return {
    hart: facts & 15,
    occupant: (facts >>> 4) & 127,
    how: ways[(facts >>> 11) & 3] ?? 'trap',
    interrupt: ((facts >>> 13) & 1) === 1,
    cause: (facts >>> 14) & 255,
    position: positionOf(log, ordinal) ?? 0,
    cycle: cycleOf(log, ordinal) ?? 0,
  };
}

/** Segments of other harts that are passed over in search of a hart's next. */
const mostPassed = 20_000;

/** The next segment of the same hart, in a direction. */
export function neighbour(log: ChunkedLog, ordinal: number, direction: 1 | -1): Segment | undefined {
  const hart = segmentAt(log, ordinal)?.hart;
  for (let passed = 1; passed < mostPassed; passed++) {
    const segment = segmentAt(log, ordinal + passed * direction);
    if (segment === undefined || segment.hart === hart) return segment;
  }
  return undefined;
}
