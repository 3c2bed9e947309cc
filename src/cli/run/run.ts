/** `guesthouse run`: a machine, started as QEMU's `virt` is, with this terminal as its console. */
import { type ImageSymbol, nearestSymbol } from '../../engine/image.ts';
import type { VirtioConfig } from '../../engine/machine/devices/virtio/config.ts';
import { createMachine, defaultBoard } from '../../engine/machine/machine.ts';
import { EthernetSegment } from '../../engine/machine/segment.ts';
import type { BoardConfig, Machine } from '../../engine/machine/types.ts';
import { debug } from '../gdb/debug.ts';
import { MachineTarget } from '../gdb/machine-target.ts';
import { Driver, type DriverParts, type Ended } from './drive.ts';
import { bootImage, readBytes, writeDisk } from './guest-files.ts';
import { optionHelp, type RunOptions, readOptions } from './options.ts';
import type { Terminal } from './terminal.ts';
import { Tracer } from './trace.ts';

export const runHelp = `guesthouse run <kernel> [options]
    Runs guest software on the machine; the terminal is its console. Ctrl-A x ends the run.
    Exit code: the guest's, 0 for a pass; 124 at --max-instructions; 1 if the guest is stuck.
${optionHelp()}
`;

export interface RunHost {
  complain(text: string): unknown;
  readonly terminal: Terminal;
}

/** QEMU's first card has it as well. */
const ownAddress = Uint8Array.of(0x52, 0x54, 0x00, 0x12, 0x34, 0x56);

function boardOf(options: RunOptions): BoardConfig {
  const { memory: ram, harts, quirk, disks, net, rng } = options;
  const virtio: VirtioConfig[] = disks.map((path) => ({ kind: 'block', base: readBytes('disk', path) }));
  if (net) virtio.push({ kind: 'net', mac: ownAddress, port: new EthernetSegment().attach() });
  if (rng) virtio.push({ kind: 'entropy', seed: 1 });
  return { ...defaultBoard, ram, harts, quirk, ...(virtio.length > 0 && { virtio }) };
}

/** Names for addresses, where the files have symbols. */
function symbolizer(symbols: readonly ImageSymbol[]): (address: bigint) => string {
  const image = { entry: 0n, segments: [], lines: [], symbols };
  return (address) => {
    const number = `0x${address.toString(16)}`;
    const near = nearestSymbol(image, address);
    if (near === undefined) return number;
    return `${number} <${near.name}${near.offset === 0 ? '' : `+0x${near.offset.toString(16)}`}>`;
  };
}

export async function startMachine(
  options: RunOptions,
): Promise<{ machine: Machine; symbols: readonly ImageSymbol[] }> {
  const image = bootImage(options);
  const machine = await createMachine(boardOf(options));
  machine.load(image);
  return { machine, symbols: image.symbols };
}

/** Throws a `CannotRun`. The terminal is as it was, however this ends. */
export async function runCommand(args: readonly string[], host: RunHost): Promise<number> {
  const options = readOptions(args);
  const { machine, symbols } = await startMachine(options);
  const tracer = new Tracer(options.trace, symbolizer(symbols));
  try {
    const { code, why } = await drive({ machine, tracer, ...host }, options);
    if (why !== undefined) host.complain(`\n${why}\n`);
    return code;
  } finally {
    host.terminal.close();
    if (options.diskWrite) keepDisks(machine, options.disks);
  }
}

/** Also of a run that was ended by hand: what the guest has written, it has written. */
function keepDisks(machine: Machine, paths: readonly string[]): void {
  paths.forEach((path, slot) => {
    const blocks = machine.diskBlocks(slot);
    if (blocks !== undefined && blocks.size > 0) writeDisk(path, blocks);
  });
}

function drive(parts: DriverParts, { gdb, limit }: RunOptions): Promise<Ended> {
  if (gdb === undefined) return new Driver(parts).run(limit);
  const target = new MachineTarget(parts.machine);
  return debug(new Driver({ ...parts, runner: target }), target, { port: gdb, limit, complain: parts.complain });
}
