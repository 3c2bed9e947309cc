/** Arrow keys within a grid that is one stop of the tab key. */

/** Where a key leads from a cell; undefined for keys that do not move. `columns`: cells in a row. */
export function cellAfter(key: string, from: number, count: number, columns: number): number | undefined {
  const moves: Readonly<Record<string, number>> = {
    ArrowLeft: from - 1,
    ArrowRight: from + 1,
    ArrowUp: from - columns,
    ArrowDown: from + columns,
    Home: 0,
    End: count - 1,
  };
  const to = moves[key];
  return to === undefined || to < 0 || to >= count ? undefined : to;
}

/** How many of an element's children stand in its first row. */
export function columnsOf(grid: HTMLElement): number {
  const children = [...grid.children] as HTMLElement[];
  const top = children[0]?.offsetTop;
  const next = children.findIndex(({ offsetTop }) => offsetTop !== top);
  return next < 0 ? Math.max(1, children.length) : next;
}
