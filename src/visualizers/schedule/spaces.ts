/** Which task a hart would run in U-mode, and which with V=1: by its labels, else by its address spaces. */

import type { Labels } from './labels.ts';
import type { Occupant } from './occupants.ts';

/** `satp` as it stands, in its two words, and the VMID of `hgatp`. */
export interface Spaces {
  readonly satpLow: number;
  readonly satpHigh: number;
  readonly vmid: number;
}

export const noSpaces: Spaces = { satpLow: 0, satpHigh: 0, vmid: 0 };

type Task = Pick<Occupant, 'key' | 'name' | 'virtual'>;

const plain = (name: string): Task => ({ key: name, name, virtual: false });

/** `VM 1` or `task 3` where the software says so; else the address space: by its ASID, or where it has none by its root. */
export function userTask({ satpLow, satpHigh }: Spaces, { task, vm, vcpu }: Labels): Task {
  // A guest without hardware's help runs in U-mode, and only its hypervisor can say so.
  if (vm !== undefined && vm !== 0) return plain(`VM ${vm}${vcpu === undefined ? '' : ` vCPU ${vcpu}`}`);
  if (task !== undefined) return plain(`task ${task}`);
  const asid = (satpHigh >>> 12) & 0xffff;
  if (satpHigh >>> 28 === 0) return plain('U-mode');
  if (asid !== 0) return plain(`ASID ${asid}`);
  const root = ((satpHigh & 0xfff) * 2 ** 32 + satpLow) * 4096;
  return plain(`root 0x${root.toString(16)}`);
}

export function guestTask({ vmid }: Spaces, { vcpu }: Labels): Task {
  const name = `VMID ${vmid}${vcpu === undefined ? '' : ` vCPU ${vcpu}`}`;
  return { key: `V ${name}`, name, virtual: true };
}
