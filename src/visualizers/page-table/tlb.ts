/** Whether the modelled TLB would spare the walk: hits leave no event, but the state says what is held. */
import type { HartState, TlbSlot } from '../../engine/state.ts';
import { leafBytes } from './entry.ts';

const covers = ({ va, level }: TlbSlot, address: bigint): boolean => va <= address && address < va + leafBytes(level);
const spaceOf = ({ asid, vmid }: TlbSlot): string =>
  [vmid === undefined ? '' : `VMID ${vmid}`, asid === undefined ? '' : `ASID ${asid}`].filter(Boolean).join(', ');

/** `virtual`: a guest's address. */
export function tlbText({ tlb }: Pick<HartState, 'tlb'>, address: bigint, virtual: boolean): string {
  const units = [['instruction', tlb.instruction] as const, ['data', tlb.data] as const];
  const held = units.flatMap(([unit, slots]) =>
    slots
      .filter((slot) => slot.virtual === virtual && covers(slot, address))
      .map((slot) => `${unit} slot ${slot.slot}${spaceOf(slot) === '' ? '' : ` (${spaceOf(slot)})`}`),
  );
  if (held.length === 0) return 'Not in the TLB now: the next access has to walk.';
  return `In the TLB now: ${held.join('; ')}. An access that it permits hits there, and walks nothing.`;
}
