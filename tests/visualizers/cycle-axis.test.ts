import { describe, expect, it } from 'vitest';
import {
  type ChunkedLog,
  chunkSize,
  emptyLog,
  headChunks,
  LogWriter,
  tailChunks,
} from '../../src/visualizers/chunked-log.ts';
import { cycleAt } from '../../src/visualizers/cycle-axis.ts';

function logOf(entries: Iterable<readonly [position: number, cycle: number]>): ChunkedLog {
  const writer = new LogWriter(emptyLog(0));
  for (const [position, cycle] of entries) writer.append(position, cycle);
  return writer.log;
}

describe('cycles on an axis of steps', () => {
  const log = logOf([
    [10, 30],
    [20, 130],
    [20, 500],
    [40, 540],
  ]);

  it.each([
    ['before the first entry', 5, 15],
    ['at an entry', 10, 30],
    ['between two', 15, 80],
    ['where time passed without a step: before it did', 20, 130],
    ['behind such a place', 30, 520],
    ['behind the last', 45, 545],
  ])('%s', (_, position, expected) => {
    expect(cycleAt(log, position)).toBe(expected);
  });

  it('go by steps where nothing was logged', () => {
    expect(cycleAt(emptyLog(0), 7)).toBe(7);
  });

  it('are not told where entries are no longer kept', () => {
    const many = (headChunks + tailChunks + 4) * chunkSize;
    const long = logOf(Array.from({ length: many }, (_, index) => [10 * index, 20 * index] as const));
    expect(cycleAt(long, 10 * (headChunks + 1) * chunkSize)).toBeUndefined();
    expect(cycleAt(long, 10 * (many - 5))).toBe(20 * (many - 5));
  });
});
