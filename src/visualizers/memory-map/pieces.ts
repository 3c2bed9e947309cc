/** An address space in pieces: each mapped one way, and shared with the same others from its first byte to its last. */
import type { MappedRange } from '../../engine/inspection.ts';
import { mayWrite, type TwoStageRange, throughHost } from './ranges.ts';

/** Somebody else who maps the same memory. */
export interface Sharer {
  /** Undefined: the same address space. */
  readonly space: string | undefined;
  readonly from: bigint;
  readonly writes: boolean;
}

export interface Piece extends TwoStageRange {
  readonly sharers: readonly Sharer[];
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
  readonly start: bigint;
  readonly end: bigint;
  readonly range: TwoStageRange;
}

export function piecesOf(chosen: Space, others: readonly Space[]): Piece[] {
  const claims = [...claimsOf(chosen, undefined), ...others.flatMap((space) => claimsOf(space, space.name))];
  return chosen.ranges.flatMap((range) => cut(range, claims));
}

function claimsOf({ ranges }: Space, space: string | undefined): Claim[] {
  return ranges.slice(0, mostCompared).flatMap((range) => {
    const { physical: start, bytes, from } = range;
    return start === undefined ? [] : [{ space, from, writes: writesTo(range), start, end: start + bytes, range }];
  });
}

const writesTo = (range: TwoStageRange): boolean => mayWrite(range) && mayWrite({ flags: range.hostFlags });

function cut(range: TwoStageRange, claims: readonly Claim[]): Piece[] {
  const { physical, bytes } = range;
  if (physical === undefined) return [{ ...range, sharers: [] }];
  const end = physical + bytes;
  const meeting = claims.filter((claim) => claim.range !== range && claim.start < end && claim.end > physical);
  const bounds = [physical, end, ...meeting.flatMap(({ start, end: last }) => [start, last])]
    .filter((at) => at >= physical && at <= end)
    .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const pieces: Piece[] = [];
  for (let at = 1; at < bounds.length; at++) {
    const [first = 0n, last = 0n] = [bounds[at - 1], bounds[at]];
    if (first === last) continue;
    const sharers = meeting
      .filter((claim) => claim.start <= first && claim.end >= last)
      .map(({ space, from, writes, start }) => ({ space, writes, from: from + (first - start) }));
    const skip = first - physical;
    pieces.push({
      ...range,
      from: range.from + skip,
      to: range.to + skip,
      physical: first,
      bytes: last - first,
      sharers,
    });
  }
  return pieces;
}

/** What can be known of sharing: that a page was meant to be copied on a write cannot. */
export function sharingText(piece: Piece): string {
  const { sharers } = piece;
  if (sharers.length === 0) return '';
  const writers = sharers.filter(({ writes }) => writes).length + (writesTo(piece) ? 1 : 0);
  return writers === 0 ? 'shared, read only' : 'shared';
}

export const sharerText = ({ space, from, writes }: Sharer): string =>
  `${space === undefined ? '' : `${space} at `}0x${from.toString(16)}${writes ? '' : ' (read only)'}`;
