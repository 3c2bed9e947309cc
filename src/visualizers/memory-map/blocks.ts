/** A column of the map: what is mapped as blocks in the order of addresses, of which there are never too many to see. */

export interface Interval {
  readonly from: bigint;
  readonly bytes: bigint;
  /** Neighbours of different kinds are joined last. */
  readonly kind: string;
}

export interface Block<T extends Interval> {
  readonly from: bigint;
  readonly end: bigint;
  readonly parts: readonly T[];
  readonly y: number;
  readonly height: number;
  /** Nothing is mapped between this block and the one above. */
  readonly gap: boolean;
}

export const mostBlocks = 20;
const leastHeight = 19;
const mostHeight = 46;
const perDoubling = 2.4;
const gapHeight = 10;
const pageBits = 12;

/** `parts`: in the order of their addresses, none within another. */
export function blocksOf<T extends Interval>(parts: readonly T[], most = mostBlocks): Block<T>[] {
  let y = 0;
  let last: bigint | undefined;
  return groups(parts, most).map((group) => {
    const [first] = group;
    const from = first?.from ?? 0n;
    const final = group.at(-1);
    const end = final === undefined ? from : final.from + final.bytes;
    const gap = last !== undefined && last !== from;
    if (gap) y += gapHeight;
    const block = { from, end, parts: group, y, height: heightOf(group), gap };
    y += block.height;
    last = end;
    return block;
  });
}

export const columnHeight = (blocks: readonly Block<Interval>[]): number => {
  const last = blocks.at(-1);
  return last === undefined ? 0 : last.y + last.height;
};

/** Cuts where neighbours lie furthest apart. */
function groups<T extends Interval>(parts: readonly T[], most: number): T[][] {
  const cuts = parts
    .slice(1)
    .map((part, at) => ({ at: at + 1, apart: apart(parts[at], part) }))
    .sort((a, b) => b.apart - a.apart)
    .slice(0, most - 1)
    .map(({ at }) => at)
    .sort((a, b) => a - b);
  const bounds = [0, ...cuts, parts.length];
  return bounds.slice(1).flatMap((end, at) => (end > (bounds[at] ?? 0) ? [parts.slice(bounds[at], end)] : []));
}

function apart(one: Interval | undefined, other: Interval): number {
  if (one === undefined) return 0;
  const gap = Number(other.from - (one.from + one.bytes));
  return gap + (one.kind === other.kind ? 0 : 1);
}

function heightOf(parts: readonly Interval[]): number {
  const bytes = parts.reduce((sum, part) => sum + Number(part.bytes), 0);
  const doublings = Math.max(0, Math.log2(bytes) - pageBits);
  return Math.min(mostHeight, leastHeight + perDoubling * doublings);
}

/** Where an address is in a column; blocks are as if nothing were left out of them. */
export function yOf({ from, end, y, height }: Block<Interval>, address: bigint): number {
  return y + (height * Number(address - from)) / Math.max(1, Number(end - from));
}

export const blockAt = <T extends Interval>(blocks: readonly Block<T>[], address: bigint): Block<T> | undefined =>
  blocks.find(({ from, end }) => from <= address && address < end);

/** Intervals that may lie on each other, cut so that none does; the kind of what covers each part is all of theirs. */
export function flattened(intervals: readonly Interval[]): Interval[] {
  const sorted = [...intervals].sort((a, b) => (a.from < b.from ? -1 : 1));
  const bounds = [...new Set(sorted.flatMap(({ from, bytes }) => [from, from + bytes]))].sort((a, b) =>
    a < b ? -1 : 1,
  );
  const flat: Interval[] = [];
  let open: Interval[] = [];
  let next = 0;
  bounds.forEach((from, at) => {
    open = open.filter((each) => each.from + each.bytes > from);
    for (; next < sorted.length && (sorted[next]?.from ?? 0n) <= from; next++) {
      const begun = sorted[next];
      if (begun !== undefined) open.push(begun);
    }
    const end = bounds[at + 1];
    if (open.length === 0 || end === undefined) return;
    const kind = [...new Set(open.map((each) => each.kind))].sort().join('+');
    const last = flat.at(-1);
    if (last !== undefined && last.kind === kind && last.from + last.bytes === from)
      flat[flat.length - 1] = { ...last, bytes: end - last.from };
    else flat.push({ from, bytes: end - from, kind });
  });
  return flat;
}
