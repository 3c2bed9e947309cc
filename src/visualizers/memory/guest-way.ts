/** The way of a guest's address: to its physical memory, and to where that lies in the machine's. */
import type { Belief } from '../../engine/belief.ts';
import { guestTables, type Inspect, type MemorySpace } from '../../engine/inspection.ts';
import { liesAt } from '../page-table/shadow.ts';

export interface GuestWay {
  readonly guest: bigint | undefined;
  readonly physical: bigint | undefined;
}

const nowhere: GuestWay = { guest: undefined, physical: undefined };

/** Undefined where nothing is mapped, or until the answers are there. */
export function guestWay(
  belief: Belief,
  inspect: Inspect,
  hart: number,
  space: MemorySpace,
  address: bigint,
): GuestWay {
  if (space === 'physical') return nowhere;
  const page = address - (address % 4096n);
  const found =
    space === 'guest-physical' ? page : inspect({ kind: 'path', hart, root: guestTables(belief), address: page })?.to;
  if (found === undefined) return nowhere;
  const offset = address - page;
  const physical = behind(belief, inspect, hart, found);
  return {
    guest: space === 'guest-physical' ? undefined : found + offset,
    physical: physical === undefined ? undefined : physical + offset,
  };
}

function behind(belief: Belief, inspect: Inspect, hart: number, page: bigint): bigint | undefined {
  if (belief.kind === 'deprivileged') return liesAt(belief, page);
  return inspect({ kind: 'path', hart, root: { stage: 'host', atp: belief.hgatp, hgatp: 0n }, address: page })?.to;
}
