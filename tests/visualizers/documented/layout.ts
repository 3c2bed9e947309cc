import { max, scaleLinear } from 'd3';
import type { CausesModel } from './model.ts';

/** A bar for each cause, the most frequent first; the widest is as wide as it may be. */
export function layoutCauses(model: CausesModel, width: number) {
  const rows = [...model].map(([title, { count, last }]) => ({ title, count, last }));
  const wide = scaleLinear([0, max(rows, ({ count }) => count) ?? 1], [0, width]);
  return rows.sort((a, b) => b.count - a.count).map((row) => ({ ...row, width: wide(row.count) }));
}
