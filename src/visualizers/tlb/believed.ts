/** The entries that a TLB holds in a guest's name. The guest itself cannot see any. */
import type { Belief } from '../../engine/belief.ts';
import type { TlbSlot } from '../../engine/state.ts';
import type { SlotRow } from './entries.ts';

const asidOf = (satp: bigint): number => Number((satp >> 44n) & 0xffffn);
const vmidOf = (hgatp: bigint): number => Number((hgatp >> 44n) & 0x3fffn);

/** By VMID; of a deprivileged guest by the ASID of the tables that stand for its present ones. */
export function isOfGuest({ virtual, vmid, asid }: TlbSlot, { kind, hgatp, shadow }: Belief): boolean {
  if (kind === 'virtual') return virtual && (vmid === undefined || vmid === vmidOf(hgatp));
  return !virtual && shadow !== undefined && (asid === undefined || asid === asidOf(shadow));
}

/** Slots that hold such an entry, or did at the stop before. */
export const rowsOfGuest = (rows: readonly SlotRow[], belief: Belief): SlotRow[] =>
  rows.filter(({ entry, old }) => [entry, old].some((each) => each !== undefined && isOfGuest(each, belief)));

export function tlbText({ kind, shadow }: Belief): string {
  const cannot = 'A guest cannot see a TLB: it only knows that its changes count once it has fenced.';
  if (kind === 'virtual')
    return `${cannot} These entries the machine holds for its VMID, with both stages in one: virtual to physical.`;
  if (shadow === undefined) return `${cannot} Which entries are held for it is not told.`;
  return `${cannot} These entries came from its present shadow tables, and lead past its physical addresses to the machine’s.`;
}
