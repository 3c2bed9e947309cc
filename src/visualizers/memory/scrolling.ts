/**
 * A scroll bar for a space of 2⁶⁴ bytes: what can be scrolled is a window around where one is, and the window follows.
 */

export interface Scrolled {
  /** Address of the window's first row. */
  readonly origin: bigint;
  readonly scrollTop: number;
}

export const rowHeight = 20;
/** Rows of the window: few enough for any browser's largest element. */
export const windowRows = 8192;

const middle = windowRows / 2;
const wrap = (address: bigint): bigint => BigInt.asUintN(64, address);

/** The window in whose middle an address stands, `above` rows below the top of what is seen. */
export function centredOn(address: bigint, perRow: number, above = 0): Scrolled {
  const row = address - (address % BigInt(perRow));
  return { origin: wrap(row - BigInt((middle + above) * perRow)), scrollTop: middle * rowHeight };
}

export const topRow = (scrollTop: number): number => Math.floor(scrollTop / rowHeight);

export const addressOfRow = ({ origin }: Pick<Scrolled, 'origin'>, row: number, perRow: number): bigint =>
  wrap(origin + BigInt(row * perRow));

/** Near an end of the window: the same place in another window. Undefined elsewhere. */
export function recentred({ origin, scrollTop }: Scrolled, perRow: number): Scrolled | undefined {
  const row = topRow(scrollTop);
  if (row > windowRows / 8 && row < (windowRows * 7) / 8) return undefined;
  const shift = row - middle;
  return { origin: wrap(origin + BigInt(shift * perRow)), scrollTop: scrollTop - shift * rowHeight };
}

/** Where to scroll to so that a row is seen; undefined if it is, or if it lies outside of the window. */
export function revealing(
  { origin, scrollTop }: Scrolled,
  address: bigint,
  perRow: number,
  rows: number,
): number | undefined {
  const row = Number(BigInt.asIntN(64, address - origin) / BigInt(perRow));
  const top = Math.ceil(scrollTop / rowHeight);
  if (row >= top && row < top + rows) return undefined;
  if (row < 0 || row + rows >= windowRows) return Number.NaN;
  return (row < top ? row : row - rows + 1) * rowHeight;
}
