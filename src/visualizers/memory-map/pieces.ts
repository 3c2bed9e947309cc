/** An address space in pieces: each mapped one way, and shared with the same others from its first byte to its last. */
import type { MappedRange } from '../../engine/inspection.ts';
import { bit } from '../page-table/entry.ts';
import { mayWrite, type TwoStageRange, throughHost } from './ranges.ts';

/** Somebody else who maps the same memory. */
export interface Sharer {
  /** Undefined: the same address space. */
  readonly space: string | undefined;
  readonly mode: 'U' | 'S';
  readonly from: bigint;
  readonly writes: boolean;
}

export interface Piece extends TwoStageRange {
  /** Who shares it as equals: U-mode with U-mode, S-mode with S-mode. All of it is shared. */
  readonly sharers: readonly Sharer[];
  /**
   * Who else sees it, or a part: a kernel that maps all memory, or what it maps at the same address in every space. That
   * is usual, and says nothing about the page.
   */
  readonly seen: readonly Sharer[];
}

/** All that an address space maps, with where it comes to lie in memory. */
export interface Space {
  /** For people: `ASID 2`. */
  readonly name: string;
  readonly ranges: readonly TwoStageRange[];
}

/** `host`: undefined where one stage translates. */
export function twoStages(own: readonly MappedRange[], host: readonly MappedRange[] | undefined): TwoStageRange[] {
  if (host !== undefined) return throughHost(own, host);
  return own.map((range) => ({ ...range, physical: range.to, hostFlags: range.flags }));
}

/** Beyond so many ranges of another space, sharing is not looked for there. */
const mostCompared = 1000;

interface Claim extends Sharer {
  /** Physical. */
  readonly start: bigint;
  readonly end: bigint;
  /** The same as page numbers: a great many are compared. */
  readonly firstPage: number;
  readonly endPage: number;
  readonly range: TwoStageRange;
}

const pageOf = (address: bigint): number => Number(address >> 12n);

export const modeOf = ({ flags }: Pick<MappedRange, 'flags'>): 'U' | 'S' => ((flags & bit.U) !== 0 ? 'U' : 'S');

export function piecesOf(chosen: Space, others: readonly Space[]): Piece[] {
  const claims = [...claimsOf(chosen, undefined), ...others.flatMap((space) => claimsOf(space, space.name))];
  return chosen.ranges.flatMap((range) => cut(range, claims));
}

function claimsOf({ ranges }: Space, space: string | undefined): Claim[] {
  return ranges.slice(0, mostCompared).flatMap((range) => {
    const { physical: start, bytes, from } = range;
    if (start === undefined) return [];
    const end = start + bytes;
    const pages = { firstPage: pageOf(start), endPage: pageOf(end) };
    return [{ space, mode: modeOf(range), from, writes: writesTo(range), start, end, ...pages, range }];
  });
}

const writesTo = (range: TwoStageRange): boolean => mayWrite(range) && mayWrite({ flags: range.hostFlags });

function cut(range: TwoStageRange, claims: readonly Claim[]): Piece[] {
  const { physical, bytes } = range;
  if (physical === undefined) return [{ ...range, sharers: [], seen: [] }];
  const end = physical + bytes;
  const [firstPage, endPage] = [pageOf(physical), pageOf(end)];
  const meeting = claims.filter(
    (claim) => claim.firstPage < endPage && claim.endPage > firstPage && claim.range !== range,
  );
  const peers = meeting.filter((claim) => isPeer(claim, range, physical));
  const others = meeting.filter((claim) => !peers.includes(claim));
  const bounds = [physical, end, ...peers.flatMap(({ start, end: last }) => [start, last])]
    .filter((at) => at >= physical && at <= end)
    .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return bounds.slice(1).flatMap((last, at): Piece[] => {
    const first = bounds[at] ?? last;
    if (first === last) return [];
    const skip = first - physical;
    const within = (claim: Claim): boolean => claim.start < last && claim.end > first;
    const sharers = peers.filter(within).map((claim) => sharerAt(claim, first));
    const seen = others.filter(within).map((claim) => sharerAt(claim, first));
    const moved = { from: range.from + skip, to: range.to + skip, physical: first, bytes: last - first };
    return [{ ...range, ...moved, sharers, seen }];
  });
}

/** What a kernel maps at the same address everywhere is the same mapping, however often its tables say so. */
function isPeer(claim: Claim, range: TwoStageRange, physical: bigint): boolean {
  if (claim.mode !== modeOf(range)) return false;
  return claim.mode === 'U' || claim.from - claim.start !== range.from - physical;
}

function sharerAt({ space, mode, from, writes, start }: Claim, first: bigint): Sharer {
  return { space, mode, writes, from: start < first ? from + (first - start) : from };
}

/** What can be known of sharing: that a page was meant to be copied on a write cannot. */
export function sharingText(piece: Piece): string {
  const { sharers } = piece;
  if (sharers.length === 0) return '';
  const writers = sharers.filter(({ writes }) => writes).length + (writesTo(piece) ? 1 : 0);
  return writers === 0 ? 'shared, read only' : 'shared';
}

export const sharerText = ({ space, mode, from, writes }: Sharer): string =>
  `${space === undefined ? '' : `${space} at `}0x${from.toString(16)} (${mode}${writes ? '' : ', read only'})`;
