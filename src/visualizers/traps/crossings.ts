/** Changes of mode one by one, as entries of a log. */
import { type ChunkedLog, chunkOf, type LogWriter, wordOf } from '../chunked-log.ts';
import { wideAt } from '../records.ts';

/** Of each crossing: pc, target, tval and tval2 in two words each, and `facts`. */
export const wordsEach = 9;
const factsAt = 8;

export interface Crossing {
  readonly kind: 'trap' | 'return';
  readonly hart: number;
  readonly position: number;
  readonly cycle: number;
  readonly from: number;
  readonly to: number;
  readonly cause: number;
  readonly interrupt: boolean;
  /** Number of the virtual machine, where one of the modes is a guest's. */
  readonly guest: number;
  /** A deprivileged guest's user calls its own kernel: the hypervisor hands it on. */
  readonly innerCall: boolean;
  readonly pc: bigint;
  readonly target: bigint;
  readonly tval: bigint;
  readonly tval2: bigint;
}

/** What is small of a crossing in a word: bit 0 return, 1 interrupt, 9:2 cause, 12:10 from, 15:13 to, 19:16 hart, 24:20 guest, 25 inner call. */
export const packFacts = (
  isReturn: boolean,
  interrupt: number,
  cause: number,
  from: number,
  to: number,
  hart: number,
  guest: number,
  innerCall = false,
): number =>
  (isReturn ? 1 : 0) |
  (interrupt << 1) |
  (Math.min(cause, 255) << 2) |
  (from << 10) |
  (to << 13) |
  ((hart & 15) << 16) |
  (guest << 20) |
  (innerCall ? innerCallBit : 0);

const innerCallBit = 1 << 25;

export const isReturnIn = (facts: number): boolean => (facts & 1) === 1;
export const isInterruptIn = (facts: number): boolean => (facts & 2) === 2;
export const causeIn = (facts: number): number => (facts >>> 2) & 255;
export const fromIn = (facts: number): number => (facts >>> 10) & 7;
export const toIn = (facts: number): number => (facts >>> 13) & 7;
export const hartOfFacts = (facts: number): number => (facts >>> 16) & 15;
export const isInnerCallIn = (facts: number): boolean => (facts & innerCallBit) !== 0;
export const guestIn = (facts: number): number => (facts >>> 20) & 31;

/** `record`: words that the wide fields are copied from, at `places`; one at −1 is zero. */
export function appendCrossing(
  writer: LogWriter,
  position: number,
  cycle: number,
  facts: number,
  record: Uint32Array,
  at: number,
  places: readonly number[],
): void {
  const words = writer.append(position, cycle)?.words;
  if (words === undefined) return;
  let word = writer.newest;
  for (const place of places) {
    words[word++] = place < 0 ? 0 : (record[at + place] ?? 0);
    words[word++] = place < 0 ? 0 : (record[at + place + 1] ?? 0);
  }
  words[word] = facts;
}

/** The small facts of a crossing, for who looks at many; undefined where it is not kept. */
export const factsOf = (log: ChunkedLog, ordinal: number): number | undefined => wordOf(log, ordinal, factsAt);

export function crossingAt(log: ChunkedLog, ordinal: number): Crossing | undefined {
  const chunk = chunkOf(log, ordinal);
  if (chunk === undefined) return undefined;
  const index = ordinal - chunk.first;
  const base = index * wordsEach;
  const facts = chunk.words[base + factsAt] ?? 0;
  return {
    kind: isReturnIn(facts) ? 'return' : 'trap',
    hart: hartOfFacts(facts),
    position: chunk.positions[index] ?? 0,
    cycle: chunk.cycles[index] ?? 0,
    from: fromIn(facts),
    to: toIn(facts),
    cause: causeIn(facts),
    interrupt: isInterruptIn(facts),
    guest: guestIn(facts),
    innerCall: isInnerCallIn(facts),
    pc: wideAt(chunk.words, base),
    target: wideAt(chunk.words, base + 2),
    tval: wideAt(chunk.words, base + 4),
    tval2: wideAt(chunk.words, base + 6),
  };
}
