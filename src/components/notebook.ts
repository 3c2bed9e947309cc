import type { Cell } from '../labs/lesson.ts';

/** The machine's bar stands with the bench and all that follows it; what comes before is for reading. */
export function splitAtBench(cells: readonly Cell[]): {
  readonly before: readonly Cell[];
  readonly after: readonly Cell[];
} {
  const at = cells.findIndex((cell) => cell.kind === 'bench');
  return at < 0 ? { before: cells, after: [] } : { before: cells.slice(0, at), after: cells.slice(at) };
}
