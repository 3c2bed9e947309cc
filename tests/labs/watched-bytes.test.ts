/** A new watch is about the variable that is named, not about what lies behind it. */
import { describe, expect, it } from 'vitest';
import type { ImageSymbol } from '../../src/engine/image.ts';
import { watchedBytes } from '../../src/labs/watched-bytes.ts';

const symbol = (name: string, size: number): ImageSymbol => ({
  name,
  size,
  address: 0x80001000n,
  kind: 'object',
  scope: 'global',
});
const symbols = [symbol('flag', 1), symbol('total', 4), symbol('ticks', 8), symbol('table', 4096), symbol('label', 0)];

describe('a new watch', () => {
  it.each([
    ['flag', 1],
    [' total ', 4],
    ['ticks', 8],
    ['table', 8],
    ['label', 8],
    ['total+4', 8],
    ['0x80001000', 8],
  ])('on %s is about %d bytes', (what, bytes) => {
    expect(watchedBytes(symbols, what)).toBe(bytes);
  });
});
