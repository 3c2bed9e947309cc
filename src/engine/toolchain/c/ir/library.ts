/** Calls that the compiler makes by itself: `memcpy` and `memset`. */
import { type Builder, emit } from './builder.ts';
import type { Value, Where } from './ir.ts';

export function lowerLibraryCall(builder: Builder, symbol: string, args: readonly Value[]): void {
  const places = args.map((_, index): Where => ({ kind: 'integer', index }));
  emit(builder, 'call', 'v', args, { call: { symbol, places, stackBytes: 0, results: [], noreturn: false } });
}
