/** How much of memory a new watch is about. */
import type { ImageSymbol } from '../engine/image.ts';
import type { Watchpoint } from './stops.ts';

export const watchSizes = [1, 2, 4, 8] as const;

/** A variable's own size, lest its neighbours be watched; 8 where a symbol has no size, or one that no access has. */
export function watchedBytes(symbols: readonly ImageSymbol[], what: string): Watchpoint['bytes'] {
  const size = symbols.find(({ name }) => name === what.trim())?.size;
  return watchSizes.find((each) => each === size) ?? 8;
}
