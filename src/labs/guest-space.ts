/** Addresses as the guest that is current on a hart has them, and where they lie. */
import { type Belief, throughMemory } from '../engine/belief.ts';
import { guestTables, type MemorySpace, type TableRoot } from '../engine/inspection.ts';
import type { Machine } from '../engine/machine/types.ts';
import { beliefOf } from './belief.ts';
import { type Locate, physicalAt } from './guest-code.ts';
import { pathTo } from './page-tables.ts';

export function locateIn(machine: Machine, space: MemorySpace, hart: number): Locate {
  if (space === 'physical') return (address) => address;
  if (space === 'virtual') return (address) => physicalAt(machine, address, hart);
  const belief = beliefOf(machine, hart);
  if (belief === undefined) return () => undefined;
  const behind = locateGuestPhysical(machine, belief);
  return byPage(space === 'guest-physical' ? behind : locateGuestVirtual(machine, belief, behind));
}

const pageBytes = 4096n;

/** Reading tables is dear, and the next address mostly lies in the same page. */
function byPage(locate: Locate): Locate {
  const found = new Map<bigint, bigint | undefined>();
  return (address) => {
    const offset = address % pageBytes;
    const page = address - offset;
    if (!found.has(page)) found.set(page, locate(page));
    const physical = found.get(page);
    return physical === undefined ? undefined : physical + offset;
  };
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
