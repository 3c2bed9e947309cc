/** An arrangement as rectangles, in parts of the bench: pure, so that panels need never move in the document. */
import type { Arrangement, Column, Pane } from './arrangement.ts';

export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A border that can be moved, between a part and the one behind it. */
export interface Border {
  readonly key: string;
  /** `column`: it stands upright, between two columns; its `column` is the one before it. */
  readonly kind: 'column' | 'pane';
  readonly column: number;
  readonly index: number;
  readonly rectangle: Rectangle;
  /** Where the border is, in hundredths of what it divides. */
  readonly value: number;
  /** One panel of each side, to be named by. */
  readonly before: string;
  readonly after: string;
}

export interface PlacedPane {
  readonly key: string;
  readonly pane: Pane;
  readonly column: number;
  readonly rectangle: Rectangle;
}

export interface Geometry {
  readonly panes: readonly PlacedPane[];
  readonly borders: readonly Border[];
}

export function geometryOf(arrangement: Arrangement): Geometry {
  const parts: Geometry[] = [];
  let left = 0;
  arrangement.forEach((column, index) => {
    parts.push(columnGeometry(column, index, left));
    left += column.share;
    const next = arrangement[index + 1];
    if (next !== undefined) parts.push({ panes: [], borders: [borderBetween(column, next, index, left)] });
  });
  return { panes: parts.flatMap(({ panes }) => panes), borders: parts.flatMap(({ borders }) => borders) };
}

function columnGeometry(column: Column, index: number, left: number): Geometry {
  const width = column.share;
  const panes: PlacedPane[] = [];
  const borders: Border[] = [];
  let top = 0;
  column.panes.forEach((pane, row) => {
    const height = pane.share;
    panes.push({ key: `pane ${index} ${row}`, pane, column: index, rectangle: { left, top, width, height } });
    top += height;
    const below = column.panes[row + 1];
    if (below === undefined) return;
    const rectangle = { left, top, width, height: 0 };
    const between = { before: pane.shown, after: below.shown };
    borders.push({ ...between, ...at('pane', index, row), rectangle, value: Math.round(top * 100) });
  });
  return { panes, borders };
}

const at = (
  kind: Border['kind'],
  column: number,
  index: number,
): Pick<Border, 'key' | 'kind' | 'column' | 'index'> => ({
  key: `${kind} border ${column} ${index}`,
  kind,
  column,
  index,
});

function borderBetween(column: Column, next: Column, index: number, left: number): Border {
  const between = { before: column.panes[0]?.shown ?? '', after: next.panes[0]?.shown ?? '' };
  const rectangle = { left, top: 0, width: 0, height: 1 };
  return { ...between, ...at('column', index, index), rectangle, value: Math.round(left * 100) };
}

const percent = (part: number): string => `${Math.round(part * 1e6) / 1e4}%`;

export const styleOf = ({ left, top, width, height }: Rectangle): string =>
  `left:${percent(left)};top:${percent(top)};width:${percent(width)};height:${percent(height)}`;

export type Zone = 'with' | 'above' | 'below' | 'left' | 'right';

/** What dropping a tab at a point of a pane means: its edges divide it, the rest joins its tabs. */
export function zoneAt(x: number, y: number): Zone {
  const edge = 0.25;
  const nearest = Math.min(x, 1 - x, y, 1 - y);
  if (nearest > edge) return 'with';
  if (nearest === y) return 'above';
  if (nearest === 1 - y) return 'below';
  return nearest === x ? 'left' : 'right';
}
