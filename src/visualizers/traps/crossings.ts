/**
 * Changes of mode one by one, in arrays of numbers: those of the run's beginning and its newest ones. What lies between
 * is let go, in whole chunks, when there are too many; the density and the ledger have counted it.
 */
import { wideAt } from '../records.ts';

export const chunkSize = 16_384;
/** Chunks of the beginning that stay, and newest chunks: together half a million crossings in 27 MB. */
export const headChunks = 8;
export const tailChunks = 24;

/** Of each crossing: pc, target, tval and tval2 in two words each, and `facts`. */
const wordsEach = 9;
const factsAt = 8;

export interface Chunk {
  /** Number of its first crossing in the run. */
  readonly first: number;
  readonly positions: Float64Array;
  readonly cycles: Float64Array;
  readonly words: Uint32Array;
}

export interface CrossingLog {
  /** Filled in place. */
  readonly chunks: readonly Chunk[];
  /** Crossings so far, kept or not. */
  readonly total: number;
}

export const emptyLog: CrossingLog = { chunks: [], total: 0 };

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
  readonly pc: bigint;
  readonly target: bigint;
  readonly tval: bigint;
  readonly tval2: bigint;
}

/** What is small of a crossing in a word: bit 0 return, 1 interrupt, 9:2 cause, 12:10 from, 15:13 to, 19:16 hart, 24:20 guest. */
export const packFacts = (
  isReturn: boolean,
  interrupt: number,
  cause: number,
  from: number,
  to: number,
  hart: number,
  guest: number,
): number =>
  (isReturn ? 1 : 0) |
  (interrupt << 1) |
  (Math.min(cause, 255) << 2) |
  (from << 10) |
  (to << 13) |
  ((hart & 15) << 16) |
  (guest << 20);

export const isReturnIn = (facts: number): boolean => (facts & 1) === 1;
export const isInterruptIn = (facts: number): boolean => (facts & 2) === 2;
export const causeIn = (facts: number): number => (facts >>> 2) & 255;
export const fromIn = (facts: number): number => (facts >>> 10) & 7;
export const toIn = (facts: number): number => (facts >>> 13) & 7;
export const hartOfFacts = (facts: number): number => (facts >>> 16) & 15;
export const guestIn = (facts: number): number => (facts >>> 20) & 31;

/** Appends to a log, whose buffers it fills in place. */
export class LogWriter {
  private chunks: readonly Chunk[];
  private total: number;

  constructor({ chunks, total }: CrossingLog) {
    this.chunks = chunks;
    this.total = total;
  }

  get log(): CrossingLog {
    return { chunks: this.chunks, total: this.total };
  }

  /** `record`: words that the wide fields are copied from, at `places`; one at −1 is zero. */
  append(
    position: number,
    cycle: number,
    facts: number,
    record: Uint32Array,
    at: number,
    places: readonly number[],
  ): void {
    const index = this.total % chunkSize;
    if (index === 0) this.chunks = withRoom(this.chunks, this.total);
    this.total++;
    const chunk = this.chunks[this.chunks.length - 1];
    if (chunk === undefined) return;
    chunk.positions[index] = position;
    chunk.cycles[index] = cycle;
    let word = index * wordsEach;
    for (const place of places) {
      chunk.words[word++] = place < 0 ? 0 : (record[at + place] ?? 0);
      chunk.words[word++] = place < 0 ? 0 : (record[at + place + 1] ?? 0);
    }
    chunk.words[word] = facts;
  }
}

/** Another chunk at the end, made of the oldest of the tail where there are enough. */
function withRoom(chunks: readonly Chunk[], first: number): readonly Chunk[] {
  const oldest = chunks.length === headChunks + tailChunks ? chunks[headChunks] : undefined;
  if (oldest !== undefined)
    return [...chunks.slice(0, headChunks), ...chunks.slice(headChunks + 1), { ...oldest, first }];
  const positions = new Float64Array(chunkSize);
  const cycles = new Float64Array(chunkSize);
  return [...chunks, { first, positions, cycles, words: new Uint32Array(chunkSize * wordsEach) }];
}

function chunkOf({ chunks, total }: CrossingLog, ordinal: number): Chunk | undefined {
  if (ordinal < 0 || ordinal >= total) return undefined;
  const number = Math.floor(ordinal / chunkSize);
  if (number < headChunks) return chunks[number];
  const dropped = Math.ceil(total / chunkSize) - chunks.length;
  return number - dropped < headChunks ? undefined : chunks[number - dropped];
}

export function positionOf(log: CrossingLog, ordinal: number): number | undefined {
  const chunk = chunkOf(log, ordinal);
  return chunk?.positions[ordinal - chunk.first];
}

/** The small facts of a crossing, for who looks at many; undefined where it is not kept. */
export function factsOf(log: CrossingLog, ordinal: number): number | undefined {
  const chunk = chunkOf(log, ordinal);
  return chunk?.words[(ordinal - chunk.first) * wordsEach + factsAt];
}

export function crossingAt(log: CrossingLog, ordinal: number): Crossing | undefined {
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
    pc: wideAt(chunk.words, base),
    target: wideAt(chunk.words, base + 2),
    tval: wideAt(chunk.words, base + 4),
    tval2: wideAt(chunk.words, base + 6),
  };
}

/** Number of the first kept crossing at or after a position; `total` if there is none. */
export function firstFrom({ chunks, total }: CrossingLog, position: number): number {
  for (const chunk of chunks) {
    const count = Math.min(chunkSize, total - chunk.first);
    if ((chunk.positions[count - 1] ?? 0) >= position)
      return chunk.first + lowerBound(chunk.positions, count, position);
  }
  return total;
}

function lowerBound(sorted: Float64Array, count: number, wanted: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The positions between which single crossings are no longer kept. */
export function gapOf(log: CrossingLog): { readonly start: number; readonly end: number } | undefined {
  const last = log.chunks[headChunks - 1];
  const next = log.chunks[headChunks];
  if (last === undefined || next === undefined || next.first === last.first + chunkSize) return undefined;
  return { start: (last.positions[chunkSize - 1] ?? 0) + 1, end: next.positions[0] ?? 0 };
}
