/** The map: columns of addresses, and ribbons from where memory is seen to where it is. */
import { curveBumpX, link } from 'd3';
import type { Interval } from './blocks.ts';
import { type Block, blockAt, blocksOf, columnHeight, flattened, yOf } from './blocks.ts';
import { modeOf, type Piece } from './pieces.ts';
import { permissionLetters } from './ranges.ts';

export type ColumnKind = 'virtual' | 'guest-physical' | 'physical';

export interface MapColumn {
  readonly kind: ColumnKind;
  readonly x: number;
  readonly width: number;
  readonly blocks: readonly Block<Interval>[];
}

export interface Ribbon {
  /** The pieces that it stands for. */
  readonly pieces: readonly number[];
  readonly path: string;
  readonly mode: 'U' | 'S';
  readonly shared: boolean;
}

export interface MapPicture {
  readonly columns: readonly MapColumn[];
  readonly ribbons: readonly Ribbon[];
  readonly height: number;
}

const widestColumn = 190;
const leastRibbon = 2;
/** The rest of the width is the ribbons’. */
const columnsPart = 0.8;

/** `translates`: the tables of the guest, or the only ones, are on; a second stage stands behind where `host` says so. */
export function layoutMap(pieces: readonly Piece[], width: number, host: boolean): MapPicture {
  const kinds: ColumnKind[] = host ? ['virtual', 'guest-physical', 'physical'] : ['virtual', 'physical'];
  const each = Math.min(widestColumn, (width * columnsPart) / kinds.length);
  const between = (width - each * kinds.length) / (kinds.length - 1);
  const blocks = kinds.map((kind): readonly Block<Interval>[] => blocksOf(intervalsOf(pieces, kind)));
  const height = Math.max(...blocks.map(columnHeight));
  const columns = kinds.map((kind, at): MapColumn => {
    const own = centred(blocks[at] ?? [], height);
    return { kind, x: at * (each + between), width: each, blocks: own };
  });
  const ribbons = columns.slice(1).flatMap((right, at) => {
    const left = columns[at];
    return left === undefined ? [] : ribbonsOf(pieces, left, right);
  });
  return { columns, ribbons, height };
}

function centred(blocks: readonly Block<Interval>[], height: number): Block<Interval>[] {
  const above = (height - columnHeight(blocks)) / 2;
  return blocks.map((block) => ({ ...block, y: block.y + above }));
}

const startOf: Readonly<Record<ColumnKind, (piece: Piece) => bigint | undefined>> = {
  virtual: ({ from }) => from,
  'guest-physical': ({ to }) => to,
  physical: ({ physical }) => physical,
};

/** What has the same kind is drawn as one, if there are many. */
function intervalsOf(pieces: readonly Piece[], column: ColumnKind): Interval[] {
  const intervals = pieces.flatMap((piece): Interval[] => {
    const from = startOf[column](piece);
    if (from === undefined) return [];
    const kind = `${permissionLetters(piece.flags)} ${modeOf(piece)} ${piece.sharers.length > 0}`;
    return [{ from, bytes: piece.bytes, kind }];
  });
  return column === 'virtual' ? [...intervals].sort(ascending) : flattened(intervals);
}

const ascending = (a: Interval, b: Interval): number => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0);

function ribbonsOf(pieces: readonly Piece[], left: MapColumn, right: MapColumn): Ribbon[] {
  const joined = new Map<string, { pieces: number[]; l0: number; l1: number; r0: number; r1: number }>();
  pieces.forEach((piece, index) => {
    const [from, to] = [startOf[left.kind](piece), startOf[right.kind](piece)];
    if (from === undefined || to === undefined) return;
    const [one, other] = [blockAt(left.blocks, from), blockAt(right.blocks, to)];
    if (one === undefined || other === undefined) return;
    const [l0, l1] = reach(left.blocks, one, from, piece.bytes);
    const [r0, r1] = reach(right.blocks, other, to, piece.bytes);
    const sides = { l0, l1, r0, r1 };
    const key = `${one.from} ${other.from} ${one.parts.length > 1 || other.parts.length > 1 ? '' : index}`;
    const known = joined.get(key);
    if (known === undefined) joined.set(key, { pieces: [index], ...sides });
    else
      joined.set(key, {
        pieces: [...known.pieces, index],
        l0: Math.min(known.l0, sides.l0),
        l1: Math.max(known.l1, sides.l1),
        r0: Math.min(known.r0, sides.r0),
        r1: Math.max(known.r1, sides.r1),
      });
  });
  return [...joined.values()].map(({ pieces: members, l0, l1, r0, r1 }) => {
    const some = members.flatMap((index) => pieces[index] ?? []);
    const mode = some.every((piece) => modeOf(piece) === 'U') ? 'U' : 'S';
    const path = ribbonPath(
      left.x + left.width,
      right.x,
      l0,
      Math.max(l1, l0 + leastRibbon),
      r0,
      Math.max(r1, r0 + leastRibbon),
    );
    return { pieces: members, path, mode, shared: some.some(({ sharers }) => sharers.length > 0) };
  });
}

/** From where to where a range goes in a column, from the block that it begins in: it may go on in others. */
function reach(blocks: MapColumn['blocks'], first: Block<Interval>, from: bigint, bytes: bigint): [number, number] {
  const last = blockAt(blocks, from + bytes - 1n) ?? first;
  return [yOf(first, from), yOf(last, from + bytes)];
}

const edge = link<unknown, [number, number]>(curveBumpX);

/** Two edges of the same bend, and straight ends. */
function ribbonPath(x0: number, x1: number, l0: number, l1: number, r0: number, r1: number): string {
  const top = edge({ source: [x0, l0], target: [x1, r0] }) ?? '';
  const bottom = edge({ source: [x1, r1], target: [x0, l1] }) ?? '';
  return `${top}L${bottom.slice(1)}Z`;
}
