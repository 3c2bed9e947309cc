/**
 * A log of what happened one by one, in arrays of numbers: the run's beginning and its newest part. What lies between is
 * let go, in whole chunks, when there is too much; who needs to know of it has counted it before.
 */
import type { Span } from './visualizer.ts';

export const chunkSize = 16_384;
/** Chunks of the beginning that stay, and newest chunks. */
export const headChunks = 8;
export const tailChunks = 24;

export interface Chunk {
  /** Number of its first entry in the run. */
  readonly first: number;
  readonly positions: Float64Array;
  readonly cycles: Float64Array;
  /** So many for each entry as the log was made for. */
  readonly words: Uint32Array;
}

export interface ChunkedLog {
  readonly wordsEach: number;
  /** Filled in place. */
  readonly chunks: readonly Chunk[];
  /** Entries so far, kept or not. */
  readonly total: number;
}

export const emptyLog = (wordsEach: number): ChunkedLog => ({ wordsEach, chunks: [], total: 0 });

/** Appends to a log, whose buffers it fills in place. */
export class LogWriter {
  private readonly wordsEach: number;
  private chunks: readonly Chunk[];
  private total: number;

  constructor({ wordsEach, chunks, total }: ChunkedLog) {
    this.wordsEach = wordsEach;
    this.chunks = chunks;
    this.total = total;
  }

  get log(): ChunkedLog {
    return { wordsEach: this.wordsEach, chunks: this.chunks, total: this.total };
  }

  /** A new entry; gives its chunk, in which the words from `wordOf` on are the caller's to fill. */
  append(position: number, cycle: number): Chunk | undefined {
    const index = this.total % chunkSize;
    if (index === 0) this.chunks = withRoom(this.chunks, this.total, this.wordsEach);
    this.total++;
    const chunk = this.chunks[this.chunks.length - 1];
    if (chunk === undefined) return undefined;
    chunk.positions[index] = position;
    chunk.cycles[index] = cycle;
    return chunk;
  }

  /** First word of the newest entry. */
  get newest(): number {
    return ((this.total - 1) % chunkSize) * this.wordsEach;
  }
}

/** Another chunk at the end, made of the oldest of the tail where there are enough. */
function withRoom(chunks: readonly Chunk[], first: number, wordsEach: number): readonly Chunk[] {
  const oldest = chunks.length === headChunks + tailChunks ? chunks[headChunks] : undefined;
  if (oldest !== undefined) {
    return [...chunks.slice(0, headChunks), ...chunks.slice(headChunks + 1), { ...oldest, first }];
  }
  const positions = new Float64Array(chunkSize);
  const cycles = new Float64Array(chunkSize);
  return [...chunks, { first, positions, cycles, words: new Uint32Array(chunkSize * wordsEach) }];
}

/** The chunk that holds an entry; undefined where it is not kept. */
export function chunkOf({ chunks, total }: ChunkedLog, ordinal: number): Chunk | undefined {
  if (ordinal < 0 || ordinal >= total) return undefined;
  const number = Math.floor(ordinal / chunkSize);
  if (number < headChunks) return chunks[number];
  const dropped = Math.ceil(total / chunkSize) - chunks.length;
  return number - dropped < headChunks ? undefined : chunks[number - dropped];
}

export function positionOf(log: ChunkedLog, ordinal: number): number | undefined {
  const chunk = chunkOf(log, ordinal);
  return chunk?.positions[ordinal - chunk.first];
}

export function cycleOf(log: ChunkedLog, ordinal: number): number | undefined {
  const chunk = chunkOf(log, ordinal);
  return chunk?.cycles[ordinal - chunk.first];
}

export function wordOf(log: ChunkedLog, ordinal: number, word: number): number | undefined {
  const chunk = chunkOf(log, ordinal);
  return chunk?.words[(ordinal - chunk.first) * log.wordsEach + word];
}

/** Number of the first kept entry at or after a position; `total` if there is none. */
export function firstFrom({ chunks, total }: ChunkedLog, position: number): number {
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

/** The positions between which single entries are no longer kept. */
export function gapOf({ chunks }: ChunkedLog): Span | undefined {
  const last = chunks[headChunks - 1];
  const next = chunks[headChunks];
  if (last === undefined || next === undefined || next.first === last.first + chunkSize) return undefined;
  return { start: (last.positions[chunkSize - 1] ?? 0) + 1, end: next.positions[0] ?? 0 };
}

/** Single entries of a part of the run are not kept. */
export function inGap(log: ChunkedLog, { start, end }: Span): boolean {
  const gap = gapOf(log);
  return gap !== undefined && start < gap.end && end > gap.start;
}
