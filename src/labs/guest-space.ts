/** Addresses as the guest that is current on a hart has them, and where they lie. */
import { type Belief, throughMemory } from '../engine/belief.ts';
import { guestTables, type MemorySpace, type TableRoot } from '../engine/inspection.ts';
import type { Machine } from '../engine/machine/types.ts';
import { beliefOf } from './belief.ts';
import { physicalAt } from './guest-code.ts';
import { pathTo } from './page-tables.ts';

/** Finds physical addresses in a space; undefined where nothing is mapped. */
export type Locate = (address: bigint) => bigint | undefined;

export function locateIn(machine: Machine, space: MemorySpace, hart: number): Locate {
  if (space === 'physical') return (address) => address;
  if (space === 'virtual') return (address) => physicalAt(machine, address, hart);
  const belief = beliefOf(machine, hart);
  if (belief === undefined) return () => undefined;
  const behind = locateGuestPhysical(machine, belief);
  return space === 'guest-physical' ? behind : locateGuestVirtual(machine, belief, behind);
}

/** A deprivileged guest whose hypervisor tells of no memory is taken to have the machine's. */
function locateGuestPhysical(machine: Machine, { kind, memory, hgatp }: Belief): Locate {
  if (kind === 'deprivileged') return memory.length === 0 ? (at) => at : (at) => throughMemory(memory, at);
  const host: TableRoot = { stage: 'host', atp: hgatp, hgatp: 0n };
  return (address) => pathTo(machine, host, address).to;
}

function locateGuestVirtual(machine: Machine, belief: Belief, behind: Locate): Locate {
  const root = guestTables(belief);
  return (address) => {
    const to = pathTo(machine, root, address).to;
    return to === undefined ? undefined : behind(to);
  };
}
