/**
 * Where the panels of a bench stand: columns of panes, each pane with panels as tabs. Plain data; every change gives a
 * new arrangement. Shares are fractions: those of the columns, and those of the panes within a column, add up to 1.
 */

export interface Pane {
  readonly tabs: readonly string[];
  readonly shown: string;
  readonly share: number;
}

export interface Column {
  readonly panes: readonly Pane[];
  readonly share: number;
}

export type Arrangement = readonly Column[];

/** Where a panel may go: among the tabs of another's pane, or into a pane of its own. */
export type Place =
  | { readonly kind: 'with' | 'above' | 'below'; readonly panel: string }
  /** Before the column that has this number now. */
  | { readonly kind: 'column'; readonly at: number };

export const mostColumns = 4;
export const mostPanes = 4;
/** No column and no pane becomes narrower than this by dragging. */
export const leastShare = 0.12;

export const pane = (tabs: readonly string[], share = 1, shown = tabs[0] ?? ''): Pane => ({ tabs, shown, share });

export const panelsOf = (arrangement: Arrangement): readonly string[] =>
  arrangement.flatMap(({ panes }) => panes.flatMap(({ tabs }) => tabs));

export const paneOf = (arrangement: Arrangement, panel: string): Pane | undefined =>
  arrangement.flatMap(({ panes }) => panes).find(({ tabs }) => tabs.includes(panel));

/** Leaves out what is empty, and makes shares add up. */
export function tidy(arrangement: Arrangement): Arrangement {
  const columns = arrangement
    .map(({ panes, share }) => ({ share, panes: shared(panes.filter(({ tabs }) => tabs.length > 0)) }))
    .filter(({ panes }) => panes.length > 0);
  return shared(columns);
}

function shared<T extends { readonly share: number }>(parts: readonly T[]): T[] {
  const whole = parts.reduce((sum, { share }) => sum + share, 0);
  return parts.map((part) => ({ ...part, share: whole > 0 ? part.share / whole : 1 / parts.length }));
}

const mapPanes = (arrangement: Arrangement, change: (pane: Pane) => Pane): Arrangement =>
  arrangement.map((column) => ({ ...column, panes: column.panes.map(change) }));

export const show = (arrangement: Arrangement, panel: string): Arrangement =>
  mapPanes(arrangement, (each) => (each.tabs.includes(panel) ? { ...each, shown: panel } : each));

/** A pane that loses the tab it shows, shows the one that stood beside it. */
function without(each: Pane, panel: string): Pane {
  const at = each.tabs.indexOf(panel);
  if (at < 0) return each;
  const tabs = each.tabs.filter((tab) => tab !== panel);
  const shown = each.shown === panel ? (tabs[Math.min(at, tabs.length - 1)] ?? '') : each.shown;
  return { ...each, tabs, shown };
}

export const remove = (arrangement: Arrangement, panel: string): Arrangement =>
  tidy(mapPanes(arrangement, (each) => without(each, panel)));

/** A panel that stands nowhere yet is put in as well. Beside a panel that stands nowhere there is no place. */
export function place(arrangement: Arrangement, panel: string, where: Place): Arrangement {
  if (where.kind !== 'column') {
    const target = paneOf(arrangement, where.panel);
    const itself = where.panel === panel && target?.tabs.length === 1;
    if (target === undefined || itself) return arrangement;
  }
  // Not tidied before it is put in again: a place among the columns counts those that are there now.
  const cleared = mapPanes(arrangement, (each) => without(each, panel));
  const put =
    where.kind === 'column' ? newColumn(cleared, panel, where.at) : intoColumn(cleared, arrangement, panel, where);
  return tidy(put);
}

function newColumn(columns: Arrangement, panel: string, at: number): Arrangement {
  const share = 1 / (columns.length + 1);
  return [...columns.slice(0, at), { share, panes: [pane([panel])] }, ...columns.slice(at)];
}

function intoColumn(
  cleared: Arrangement,
  before: Arrangement,
  panel: string,
  { kind, panel: other }: Extract<Place, { panel: string }>,
): Arrangement {
  return cleared.map((column, index) => {
    const at = before[index]?.panes.findIndex(({ tabs }) => tabs.includes(other)) ?? -1;
    const target = column.panes[at];
    if (target === undefined) return column;
    const put = kind === 'with' ? [withTab(target, panel)] : halved(target, pane([panel]), kind);
    return { ...column, panes: [...column.panes.slice(0, at), ...put, ...column.panes.slice(at + 1)] };
  });
}

const withTab = (target: Pane, panel: string): Pane => ({ ...target, tabs: [...target.tabs, panel], shown: panel });

function halved(target: Pane, added: Pane, kind: 'above' | 'below'): Pane[] {
  const share = target.share / 2;
  const halves = [
    { ...target, share },
    { ...added, share },
  ];
  return kind === 'below' ? halves : halves.reverse();
}

/** Moves a border by a part of the whole; it stops where a neighbour would become too small. */
function moveBorder<T extends { readonly share: number }>(
  parts: readonly T[],
  border: number,
  by: number,
): readonly T[] {
  const [before, after] = [parts[border], parts[border + 1]];
  if (before === undefined || after === undefined) return parts;
  const both = before.share + after.share;
  const least = Math.min(leastShare, both / 2);
  const share = Math.min(Math.max(before.share + by, least), both - least);
  return parts.map((part, index) =>
    index === border ? { ...part, share } : index === border + 1 ? { ...part, share: both - share } : part,
  );
}

export const resizeColumns = (arrangement: Arrangement, border: number, by: number): Arrangement =>
  moveBorder(arrangement, border, by);

export const resizePanes = (arrangement: Arrangement, column: number, border: number, by: number): Arrangement =>
  arrangement.map((each, index) => (index === column ? { ...each, panes: moveBorder(each.panes, border, by) } : each));
