/** Which events say that a CSR was written: instructions name it, traps and returns write some without naming them. */
import type { EventKind, MachineEvent } from '../engine/events.ts';
import { csrByName, csrRows } from '../engine/isa/csrs.ts';
import { M, S, VS } from '../engine/isa/privilege.ts';
import type { Sought } from '../engine/machine/search.ts';

/** Written by a trap into a mode. Privileged Spec 20240411 §3.1.6.1, §18.2; `hstatus` and `mstatus` hold V as well. */
const byTrap: Readonly<Record<number, readonly string[]>> = {
  [M]: ['mstatus', 'mepc', 'mcause', 'mtval', 'mtval2', 'mtinst'],
  [S]: ['mstatus', 'sepc', 'scause', 'stval', 'hstatus', 'htval', 'htinst'],
  [VS]: ['vsstatus', 'vsepc', 'vscause', 'vstval'],
};
/** Written by `mret` or `sret` in a mode. */
const byReturn: Readonly<Record<number, readonly string[]>> = {
  [M]: ['mstatus'],
  [S]: ['mstatus', 'hstatus'],
  [VS]: ['vsstatus'],
};
/** Windows on the same bits. */
const enables = ['mie', 'sie', 'hie', 'vsie'];
/** Devices, timers and instructions set their bits. */
export const pendings: readonly string[] = ['mip', 'sip', 'hip', 'vsip', 'hvip'];
const floats = ['fcsr', 'fflags', 'frm'];
/** `cycle` and `instret` are read-only windows on these. */
const counted: Readonly<Record<string, string>> = { cycle: 'mcycle', instret: 'minstret', frm: 'fcsr' };

/** The CSR that holds the bits. */
export const storedIn = (name: string): string => {
  const storage = csrByName(name)?.storage;
  return storage?.kind === 'view' ? storage.of : (counted[name] ?? name);
};

function namesOf(name: string): readonly string[] {
  if (enables.includes(name)) return enables;
  if (pendings.includes(name)) return pendings;
  if (floats.includes(name)) return floats;
  const stored = storedIn(name);
  return csrRows.map((row) => row.name).filter((each) => storedIn(each) === stored);
}

/** What to look for in the past of a hart. */
export function csrWrites(name: string, hart: number): Sought {
  const stored = storedIn(name);
  const numbers = namesOf(name).map((each) => csrByName(each)?.number);
  const writes = (event: MachineEvent): boolean => {
    switch (event.kind) {
      case 'csr':
        return numbers.includes(event.number);
      case 'trap':
        return byTrap[event.to]?.includes(stored) ?? false;
      case 'return':
        return byReturn[event.by]?.includes(stored) ?? false;
      default:
        return event.kind === 'pending';
    }
  };
  const kinds: readonly EventKind[] = [
    'csr',
    'trap',
    'return',
    ...(pendings.includes(name) ? ['pending' as const] : []),
  ];
  return { kind: 'event', kinds, matches: (event) => event.hart === hart && writes(event) };
}
