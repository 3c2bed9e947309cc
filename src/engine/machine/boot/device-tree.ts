/**
 * The device tree of a board: what firmware and kernels are told about it. Names and bindings are those of QEMU's
 * `virt`, so that what finds its devices there finds them here.
 */

import { cacheBlockBytes } from '../../isa/cache-blocks.ts';
import { interruptCode } from '../../isa/causes.ts';
import { isaExtensions, isaString, largestTranslation } from '../../isa/extensions.ts';
import { plicSources } from '../devices/plic.ts';
import {
  interrupts,
  memoryMap,
  type Region,
  ramBase,
  virtioBase,
  virtioInterrupt,
  virtioSlots,
} from '../memory-map.ts';
import { bytesOf, cells, empty, flatten, type PropertyValue, strings, type TreeNode } from './fdt.ts';

export interface TreeOptions {
  readonly harts: number;
  /** Bytes of RAM. */
  readonly ram: number;
  /** Kernel command line. */
  readonly bootargs?: string;
  readonly initrd?: { readonly start: number; readonly end: number };
  /** What the kernel's random numbers start from. */
  readonly randomSeed?: Uint8Array;
}

/** `mtime` counts at 10 MHz. */
const timebase = 10_000_000;
/** What the UART's divisor divides; QEMU's figure. */
const uartClock = 3_686_400;
const command = { poweroff: 0x5555, reboot: 0x7777 } as const;

const phandle = { plic: 1, finisher: 2, firstHart: 3 } as const;
const hartHandle = (hart: number): number => phandle.firstHart + 2 * hart;
const interruptHandle = (hart: number): number => hartHandle(hart) + 1;

type Properties = Readonly<Record<string, PropertyValue>>;
const node = (name: string, properties: Properties, children: readonly TreeNode[] = []): TreeNode => ({
  name,
  properties,
  children,
});
const two32 = 2 ** 32;
const pair = (value: number): readonly number[] => [Math.floor(value / two32), value % two32];
const hex = (value: number): string => value.toString(16);
const reg = ({ base, size }: Region): PropertyValue => cells(...pair(base), ...pair(size));
const interruptBy = (source: number): Properties => ({
  interrupts: cells(source),
  'interrupt-parent': cells(phandle.plic),
});

export function deviceTree(options: TreeOptions): TreeNode {
  const harts = Array.from({ length: options.harts }, (_, hart) => hart);
  const root = {
    '#address-cells': cells(2),
    '#size-cells': cells(2),
    compatible: strings('riscv-virtio'),
    model: strings('guesthouse,virt'),
  };
  const memory = node(`memory@${hex(ramBase)}`, {
    device_type: strings('memory'),
    reg: reg({ base: ramBase, size: options.ram }),
  });
  return node('', root, [chosen(options), memory, cpus(harts), ...power(), soc(harts)]);
}

export const deviceTreeBlob = (options: TreeOptions): Uint8Array => flatten(deviceTree(options));

function chosen({ bootargs, initrd, randomSeed }: TreeOptions): TreeNode {
  return node('chosen', {
    'stdout-path': strings(`/soc/serial@${hex(memoryMap.uart.base)}`),
    ...(bootargs === undefined ? {} : { bootargs: strings(bootargs) }),
    ...(initrd === undefined
      ? {}
      : { 'linux,initrd-start': cells(...pair(initrd.start)), 'linux,initrd-end': cells(...pair(initrd.end)) }),
    ...(randomSeed === undefined ? {} : { 'rng-seed': bytesOf(randomSeed) }),
  });
}

function cpus(harts: readonly number[]): TreeNode {
  const properties = {
    '#address-cells': cells(1),
    '#size-cells': cells(0),
    'timebase-frequency': cells(timebase),
  };
  const cores = harts.map((hart) => node(`core${hart}`, { cpu: cells(hartHandle(hart)) }));
  return node('cpus', properties, [...harts.map(cpu), node('cpu-map', {}, [node('cluster0', {}, cores)])]);
}

function cpu(hart: number): TreeNode {
  const properties = {
    device_type: strings('cpu'),
    reg: cells(hart),
    status: strings('okay'),
    compatible: strings('riscv'),
    'riscv,isa': strings(isaString()),
    'riscv,isa-base': strings('rv64i'),
    'riscv,isa-extensions': strings(...isaExtensions()),
    ...blockSizes(),
    'mmu-type': strings(`riscv,${largestTranslation()}`),
    phandle: cells(hartHandle(hart)),
  };
  const controller = node('interrupt-controller', {
    '#interrupt-cells': cells(1),
    'interrupt-controller': empty,
    compatible: strings('riscv,cpu-intc'),
    phandle: cells(interruptHandle(hart)),
  });
  return node(`cpu@${hex(hart)}`, properties, [controller]);
}

/** Linux takes the cache-block extensions only with the size of their blocks. */
function blockSizes(): Properties {
  const has = isaExtensions();
  const operations = ['zicbom', 'zicbop', 'zicboz'].filter((extension) => has.includes(extension));
  const nameOf = (extension: string): string => `riscv,cbo${extension.slice(-1)}-block-size`;
  return Object.fromEntries(operations.map((extension) => [nameOf(extension), cells(cacheBlockBytes)]));
}

function power(): TreeNode[] {
  return (['poweroff', 'reboot'] as const).map((name) =>
    node(name, {
      compatible: strings(`syscon-${name}`),
      regmap: cells(phandle.finisher),
      offset: cells(0),
      value: cells(command[name]),
    }),
  );
}

function soc(harts: readonly number[]): TreeNode {
  const properties = {
    '#address-cells': cells(2),
    '#size-cells': cells(2),
    compatible: strings('simple-bus'),
    ranges: empty,
  };
  const slots = Array.from({ length: virtioSlots }, (_, slot) => virtio(slot));
  return node('soc', properties, [finisher(), rtc(), uart(), ...slots, clint(harts), plic(harts)]);
}

const finisher = (): TreeNode =>
  node(`test@${hex(memoryMap.finisher.base)}`, {
    compatible: strings('sifive,test1', 'sifive,test0', 'syscon'),
    reg: reg(memoryMap.finisher),
    phandle: cells(phandle.finisher),
  });

const rtc = (): TreeNode =>
  node(`rtc@${hex(memoryMap.rtc.base)}`, {
    compatible: strings('google,goldfish-rtc'),
    reg: reg(memoryMap.rtc),
    ...interruptBy(interrupts.rtc),
  });

const uart = (): TreeNode =>
  node(`serial@${hex(memoryMap.uart.base)}`, {
    compatible: strings('ns16550a'),
    reg: reg(memoryMap.uart),
    'clock-frequency': cells(uartClock),
    ...interruptBy(interrupts.uart),
  });

const virtio = (slot: number): TreeNode =>
  node(`virtio_mmio@${hex(virtioBase(slot))}`, {
    compatible: strings('virtio,mmio'),
    reg: reg({ base: virtioBase(slot), size: memoryMap.virtio.size }),
    ...interruptBy(virtioInterrupt(slot)),
  });

/** For each hart the interrupts that the controller's lines lead to. */
const extended = (harts: readonly number[], ...names: readonly Parameters<typeof interruptCode>[0][]): PropertyValue =>
  cells(...harts.flatMap((hart) => names.flatMap((name) => [interruptHandle(hart), interruptCode(name)])));

const clint = (harts: readonly number[]): TreeNode =>
  node(`clint@${hex(memoryMap.clint.base)}`, {
    compatible: strings('sifive,clint0', 'riscv,clint0'),
    reg: reg(memoryMap.clint),
    'interrupts-extended': extended(harts, 'machine-software', 'machine-timer'),
  });

const plic = (harts: readonly number[]): TreeNode =>
  node(`plic@${hex(memoryMap.plic.base)}`, {
    compatible: strings('sifive,plic-1.0.0', 'riscv,plic0'),
    reg: reg(memoryMap.plic),
    '#address-cells': cells(0),
    '#interrupt-cells': cells(1),
    'interrupt-controller': empty,
    'interrupts-extended': extended(harts, 'machine-external', 'supervisor-external'),
    'riscv,ndev': cells(plicSources - 1),
    phandle: cells(phandle.plic),
  });
