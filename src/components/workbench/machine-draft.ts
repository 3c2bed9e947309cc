/** Machine settings while somebody fills in the form: plain fields, and back. */
import type { DeviceName, MachineSettings } from '../../labs/machine-settings.ts';
import type { Project } from '../../labs/project.ts';

type Costs = Required<MachineSettings['costs']>;

export interface MachineDraft {
  ram: number;
  harts: number;
  boot: MachineSettings['boot'];
  instruction: number;
  data: number;
  costs: Record<string, number>;
  disk: 'none' | 'blank' | 'file';
  diskFile: string;
  /** MiB. */
  diskSize: number;
  devices: Record<DeviceName, boolean>;
  /** '' for what the sources build. */
  kernel: string;
  /** '' for none. */
  initrd: string;
  append: string;
}

const mebibyte = 2 ** 20;

export function draftOf({ machine, kernel, initrd, append }: Project, defaultCosts: Costs): MachineDraft {
  const { ram, harts, boot, tlb, costs, disk, devices } = machine;
  return {
    ram,
    harts,
    boot,
    ...tlb,
    costs: { ...defaultCosts, ...costs },
    disk: disk === undefined ? 'none' : disk.file === undefined ? 'blank' : 'file',
    diskFile: disk?.file ?? '',
    diskSize: Math.ceil((disk?.size ?? 0) / mebibyte),
    devices: { entropy: devices.includes('entropy'), net: devices.includes('net') },
    kernel: kernel ?? '',
    initrd: initrd ?? '',
    append,
  };
}

function settingsFrom(draft: MachineDraft, defaultCosts: Costs): MachineSettings {
  const { ram, harts, boot, instruction, data } = draft;
  const usual: Readonly<Record<string, number>> = { ...defaultCosts };
  const changed = Object.entries(draft.costs).filter(([name, cost]) => usual[name] !== cost);
  const devices = (Object.keys(draft.devices) as DeviceName[]).filter((name) => draft.devices[name]);
  const costs = Object.fromEntries(changed);
  return { ram, harts, boot, tlb: { instruction, data }, costs, devices, disk: diskFrom(draft) };
}

export type Booted = Pick<Project, 'machine' | 'kernel' | 'initrd' | 'append'>;

export const bootedFrom = (draft: MachineDraft, defaultCosts: Costs): Booted => ({
  machine: settingsFrom(draft, defaultCosts),
  kernel: draft.kernel === '' ? undefined : draft.kernel,
  initrd: draft.initrd === '' ? undefined : draft.initrd,
  append: draft.append.trim(),
});

function diskFrom({ disk, diskFile, diskSize }: MachineDraft): MachineSettings['disk'] {
  const size = Math.max(0, diskSize) * mebibyte;
  if (disk === 'file' && diskFile !== '') return { size, file: diskFile };
  return disk === 'blank' ? { size: Math.max(size, mebibyte), file: undefined } : undefined;
}
