/** Where a hart can be: a lane for each mode, and of the virtual modes one for each virtual machine. */
import { M, type ModeName, modeName, S, U, VS, VU, virtualBit } from '../../engine/isa/privilege.ts';
import type { Guests } from '../guests.ts';

/** A small number for a hart's mode and, where V=1, its machine. */
export type LaneKey = number;

const guestShift = 3;
const hartShift = 8;

export const laneKey = (hart: number, mode: number, guest: number): LaneKey =>
  (hart << hartShift) | ((mode & virtualBit) !== 0 ? guest << guestShift : 0) | mode;

export interface Lane {
  readonly key: LaneKey;
  readonly hart: number;
  readonly mode: number;
  readonly letter: ModeName;
  /** Number of the virtual machine; undefined where V=0. */
  readonly guest: number | undefined;
}

export function laneOf(key: LaneKey): Lane {
  const mode = key & 7;
  const guest = (mode & virtualBit) === 0 ? undefined : (key >> guestShift) & 31;
  return { key, hart: key >> hartShift, mode, letter: modeName(mode), guest };
}

/** The lanes of a hart from top to bottom. Guests only where there are some; M is always the ground. */
export function lanesOfHart(seen: Iterable<LaneKey>, hart: number): Lane[] {
  const guests = new Set<number>();
  for (const key of seen) {
    const lane = laneOf(key);
    if (lane.hart === hart && lane.guest !== undefined) guests.add(lane.guest);
  }
  const virtual = [...guests]
    .sort((a, b) => a - b)
    .flatMap((guest) => [laneKey(hart, VU, guest), laneKey(hart, VS, guest)]);
  return [...virtual, ...[U, S, M].map((mode) => laneKey(hart, mode, 0))].map(laneOf);
}

/** A deprivileged guest knows of no V: its lanes have the letters that it believes in. */
export const letterIn = ({ guest, mode, letter }: Lane, { by }: Guests): ModeName =>
  by === 'guest' && guest !== undefined ? modeName(mode & ~virtualBit) : letter;
