/** What machine a lab runs on: as lessons and workbenches write it, and as a board. */
import { type Costs, defaultCosts } from '../engine/machine/costs.ts';
import { defaultBoard } from '../engine/machine/default-board.ts';
import type { BoardConfig } from '../engine/machine/types.ts';
import * as z from './schema.ts';

export { defaultCosts };

type VirtioList = NonNullable<BoardConfig['virtio']>;

const deviceNames = ['entropy', 'net'] as const;
export type DeviceName = (typeof deviceNames)[number];

export interface DiskSettings {
  /** Bytes; behind what the file holds there are zeros. */
  readonly size: number;
  /** A file of the lab that the disk begins with. */
  readonly file: string | undefined;
}

export interface MachineSettings {
  /** Bytes. */
  readonly ram: number;
  readonly harts: number;
  /** `bare`: the program starts in M-mode. `firmware`: under ours, in S-mode, at 0x80200000. */
  readonly boot: 'bare' | 'firmware';
  readonly tlb: BoardConfig['tlb'];
  /** Cycles, where they are not the default ones. */
  readonly costs: Partial<Costs>;
  readonly disk: DiskSettings | undefined;
  readonly devices: readonly DeviceName[];
}

const units: Readonly<Record<string, number>> = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };
export const mostRam = 2 ** 31;
export const mostHarts = 8;
const mostDisk = 2 ** 30;
const mostEntries = 4096;
const pageBytes = 4096;

export function bytesOf(size: string): number {
  const [, number = '0', unit = 'KiB'] = /^(\d+) ?(\w+)$/.exec(size) ?? [];
  return Number(number) * (units[unit] ?? 1);
}

/** In the largest unit of which it is a whole number. */
export function sizeText(bytes: number): string {
  const [unit, size] = Object.entries(units).findLast(([, each]) => bytes % each === 0 && bytes >= each) ?? [
    'KiB',
    1024,
  ];
  return `${Math.ceil(bytes / size)} ${unit}`;
}

const size = z.string().check(z.regex(/^\d+ ?(KiB|MiB|GiB)$/, 'a size, for example `16 MiB`'));
const entries = z.int().check(z.gte(1), z.lte(mostEntries));
const cycles = z.int().check(z.gte(0), z.lte(1e9));
const costNames = Object.keys(defaultCosts) as (keyof Costs)[];
type CostShape = Record<keyof Costs, z.ZodMiniOptional<typeof cycles>>;
export const costsSchema = z.strictObject(
  Object.fromEntries(costNames.map((name) => [name, z.optional(cycles)])) as CostShape,
);
export const tlbSchema = z.strictObject({ instruction: entries, data: entries });

export const diskSchema = z
  .strictObject({ size: z.optional(size), file: z.optional(z.string().check(z.minLength(1))) })
  .check(
    z.refine(({ size, file }) => size !== undefined || file !== undefined, 'a disk has a `size`, a `file`, or both'),
    z.refine(({ size }) => bytesOf(size ?? '0 KiB') <= mostDisk, 'at most `1 GiB`'),
  );

export const machineSchema = z.strictObject({
  ram: size.check(
    z.refine((text) => {
      const bytes = bytesOf(text);
      return bytes >= pageBytes && bytes % pageBytes === 0 && bytes <= mostRam;
    }, 'from `4 KiB` to `2 GiB`, in whole pages of 4 KiB'),
  ),
  harts: z._default(z.int().check(z.gte(1), z.lte(mostHarts)), 1),
  boot: z._default(z.enum(['bare', 'firmware']), 'bare'),
  tlb: z._default(tlbSchema, defaultBoard.tlb),
  costs: z._default(costsSchema, {}),
  disk: z.optional(diskSchema),
  devices: z._default(z.array(z.enum(deviceNames)), []),
});

export function settingsOf(written: z.output<typeof machineSchema>): MachineSettings {
  const { ram, disk, costs: given, ...rest } = written;
  const known = Object.entries(given).filter(([, value]) => value !== undefined);
  return {
    ...rest,
    ram: bytesOf(ram),
    costs: Object.fromEntries(known),
    disk: disk && { size: bytesOf(disk.size ?? '0 KiB'), file: disk.file },
  };
}

/** As `machineSchema` reads it; what is as it is anyway is left out. */
export function writeSettings({
  ram,
  harts,
  boot,
  tlb,
  costs,
  disk,
  devices,
}: MachineSettings): z.input<typeof machineSchema> {
  const { instruction, data } = defaultBoard.tlb;
  return {
    ram: sizeText(ram),
    ...(harts !== 1 && { harts }),
    ...(boot !== 'bare' && { boot }),
    ...((tlb.instruction !== instruction || tlb.data !== data) && { tlb: { ...tlb } }),
    ...(Object.keys(costs).length > 0 && { costs }),
    ...(disk && {
      disk: { ...(disk.size > 0 && { size: sizeText(disk.size) }), ...(disk.file && { file: disk.file }) },
    }),
    ...(devices.length > 0 && { devices: [...devices] }),
  };
}

/** `16 MiB, 2 harts, firmware`: what one would ask first. */
export function machineWords({ ram, harts, boot, disk, devices }: MachineSettings): string {
  const parts = [
    sizeText(ram),
    harts === 1 ? '1 hart' : `${harts} harts`,
    boot === 'bare' ? 'no firmware' : 'firmware',
  ];
  return [...parts, ...(disk === undefined ? [] : ['disk']), ...devices].join(', ');
}

export const defaultMachine: MachineSettings = settingsOf(machineSchema.parse({ ram: '16 MiB' }));

/** QEMU's first card has it as well. */
const cardAddress = Uint8Array.of(0x52, 0x54, 0x00, 0x12, 0x34, 0x56);

/** The disk sits in slot 0, other devices behind it. `bytesOfFile` finds what the disk begins with. */
export function boardFrom(settings: MachineSettings, bytesOfFile: (name: string) => Uint8Array): BoardConfig {
  const { ram, harts, tlb, disk, devices } = settings;
  const virtio: VirtioList[number][] = [];
  if (disk !== undefined) {
    const base = disk.file === undefined ? new Uint8Array(0) : bytesOfFile(disk.file);
    virtio.push({ kind: 'block', base, size: disk.size });
  }
  // Nobody is at the other end of the cable: frames leave, and none comes.
  if (devices.includes('net')) virtio.push({ kind: 'net', mac: cardAddress });
  if (devices.includes('entropy')) virtio.push({ kind: 'entropy', seed: 1 });
  return {
    ...defaultBoard,
    ram,
    harts,
    tlb,
    costs: { ...defaultCosts, ...settings.costs },
    ...(virtio.length > 0 && { virtio }),
  };
}
