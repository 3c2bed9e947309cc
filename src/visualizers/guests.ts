/**
 * Which virtual machine a hart runs while V=1: the VMID in its `hgatp`. Machines are numbered in the order in which they
 * appear, so that pictures can give each a place of its own.
 */
import { csrByName } from '../engine/isa/csrs.ts';

export const hgatp = csrByName('hgatp')?.number ?? -1;

/** Machines that are told apart; all others share one more number. */
const mostGuests = 31;

export interface Guests {
  /** What the numbers are: of deprivileged guests those that trace markers tell. */
  readonly by: 'VMID' | 'guest';
  /** By number. */
  readonly vmids: readonly number[];
  /** By hart: the number of the machine whose second stage is in force. */
  readonly current: readonly number[];
}

export const noGuests: Guests = { by: 'VMID', vmids: [], current: [] };

/** Bits 57:44 of `hgatp`, by its upper word. Privileged Spec §18.2.10. */
export const vmidOf = (high: number): number => (high >>> 12) & 0x3fff;

/** The machine of a hart, numbered now if it has not been seen before. */
export function seenOn(guests: Guests, hart: number): { readonly guests: Guests; readonly guest: number } {
  const guest = guests.current[hart];
  return guest === undefined ? switched(guests, hart, 0) : { guests, guest };
}

/** `hgatp` of a hart was written. */
export function switched(
  guests: Guests,
  hart: number,
  vmid: number,
): { readonly guests: Guests; readonly guest: number } {
  const known = guests.vmids.indexOf(vmid);
  const guest = known >= 0 ? known : Math.min(guests.vmids.length, mostGuests);
  const vmids = known < 0 && guest < mostGuests ? [...guests.vmids, vmid] : guests.vmids;
  const current = [...guests.current];
  current[hart] = guest;
  return { guests: { ...guests, vmids, current }, guest };
}

export const guestName = ({ by, vmids }: Guests, guest: number): string =>
  guest < mostGuests ? `${by} ${vmids[guest] ?? 0}` : `other ${by}s`;
