/** Who a hart would run in U-mode, and who with V=1: by its labels, else by its address spaces. */
import { type ModeName, modeName, U, virtualBit } from '../../engine/isa/privilege.ts';
import type { Labels } from './labels.ts';
import type { Candidate } from './occupants.ts';

/** `satp` and `vsatp` as they stand, each in its two words, and the VMID of `hgatp`. */
export interface Spaces {
  readonly satpLow: number;
  readonly satpHigh: number;
  readonly vsatpLow: number;
  readonly vsatpHigh: number;
  readonly vmid: number;
}

export const noSpaces: Spaces = { satpLow: 0, satpHigh: 0, vsatpLow: 0, vsatpHigh: 0, vmid: 0 };

const task = (name: string, virtual = false): Candidate => ({ kind: 'task', key: name, name, virtual });

/** As software numbers it; with the mode, if it runs. */
export const labelledTask = (number: number, mode?: number): Candidate => ({
  ...task(`task ${number}`),
  ...(mode !== undefined && { mode }),
});

/** `VM 1` or `task 3` where the software says so; else the address space. */
export function userTask({ satpLow, satpHigh }: Spaces, labels: Labels, mode: number = U): Candidate {
  const { vm, vcpu } = labels;
  // A guest without hardware's help runs in U-mode, and only its hypervisor can say so.
  if (vm !== undefined && vm !== 0) return task(`VM ${vm}${ofVcpu(vcpu)}`);
  return labels.task === undefined ? task(spaceName(satpLow, satpHigh, 'U')) : labelledTask(labels.task, mode);
}

const ofVcpu = (vcpu: number | undefined): string => (vcpu === undefined ? '' : ` vCPU ${vcpu}`);

/** An address space by its ASID, or where it has none by its root; without translation there is only the mode. */
function spaceName(low: number, high: number, mode: ModeName): string {
  const asid = (high >>> 12) & 0xffff;
  if (high >>> 28 === 0) return `${mode}-mode`;
  if (asid !== 0) return `ASID ${asid}`;
  const root = ((high & 0xfff) * 2 ** 32 + low) * 4096;
  return `root 0x${root.toString(16)}`;
}

export const guestTask = ({ vmid }: Spaces, { vcpu }: Labels): Candidate => task(`VMID ${vmid}${ofVcpu(vcpu)}`, true);

/** Within a virtual machine: its kernel, or one of its processes. */
export function withinGuest({ vmid, vsatpLow, vsatpHigh }: Spaces, { vcpu }: Labels, mode: number): Candidate {
  const machine = `VMID ${vmid}${ofVcpu(vcpu)}`;
  if ((mode & ~virtualBit) === U) return task(`${machine} ${spaceName(vsatpLow, vsatpHigh, modeName(mode))}`, true);
  const name = `${machine} kernel`;
  return { kind: 'guest-kernel', key: name, name, virtual: true };
}
