import { max, scaleLinear } from 'd3';
import type { RhythmModel } from './model.ts';

export interface Bar {
  readonly start: number;
  readonly count: number;
  readonly x: number;
  readonly width: number;
  readonly height: number;
}

/** A bar for every column in which there was a trap, in a picture of that size. */
export function layoutRhythm({ counts, stepsPerColumn }: RhythmModel, width: number, height: number): readonly Bar[] {
  const tall = scaleLinear([0, max(counts) ?? 1], [0, height]);
  const wide = width / counts.length;
  return counts
    .map((count, index) => ({
      start: index * stepsPerColumn,
      count,
      x: index * wide,
      width: wide,
      height: tall(count),
    }))
    .filter(({ count }) => count > 0);
}
