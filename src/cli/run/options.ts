/** What `guesthouse run` understands: one table, and the options read by it. */

import { virtioSlots } from '../../engine/machine/memory-map.ts';
import { didYouMean } from '../../labs/suggest.ts';
import { CannotRun } from '../cannot-run.ts';
import { type TraceGroup, traceGroups } from './trace.ts';

interface OptionRow {
  readonly names: readonly string[];
  /** What stands for its value in the help; an option without one is a switch. */
  readonly value?: string;
  readonly repeats?: boolean;
  readonly help: string;
}

const optionRows = {
  kernel: { names: ['--kernel'], value: 'FILE', help: 'ELF file, Linux Image, flat binary, assembly (.S) or C (.c)' },
  memory: { names: ['-m', '--memory'], value: 'SIZE', help: 'RAM, as 128M or 1G; 128M if left out' },
  harts: { names: ['--smp'], value: 'N', help: 'harts, 1 to 8' },
  firmware: { names: ['--firmware'], value: 'FILE', help: '`none` enters the kernel in M-mode; ours if left out' },
  initrd: { names: ['--initrd'], value: 'FILE', help: 'initial RAM disk' },
  append: { names: ['--append'], value: 'TEXT', help: 'command line of the kernel' },
  dtb: { names: ['--dtb'], value: 'FILE', help: 'device tree in place of the board’s own' },
  disk: { names: ['--disk'], value: 'FILE', repeats: true, help: 'virtio disk; the file stays as it is' },
  diskWrite: { names: ['--disk-write'], help: 'what the guest wrote goes into the disks’ files, at the end' },
  net: { names: ['--net'], help: 'virtio network card, alone on its segment' },
  rng: { names: ['--rng'], help: 'virtio entropy: the same bytes in every run' },
  trace: { names: ['--trace'], value: 'WHAT', help: 'lines on stderr, of: GROUPS' },
  quirk: { names: ['--quirk'], help: 'NOT RISC-V: two instructions that reach status without a trap' },
  limit: { names: ['--max-instructions'], value: 'N', help: 'ends the run with code 124' },
  gdb: { names: ['--gdb'], value: 'PORT', help: 'waits for GDB: target remote localhost:PORT' },
} as const satisfies Readonly<Record<string, OptionRow>>;

type OptionName = keyof typeof optionRows;

const rows: readonly (readonly [OptionName, OptionRow])[] = Object.entries(optionRows) as [OptionName, OptionRow][];

export interface RunOptions {
  readonly kernel: string | undefined;
  /** Bytes. */
  readonly memory: number;
  readonly harts: number;
  /** A file, `none`, or undefined for the firmware that comes along. */
  readonly firmware: string | undefined;
  readonly initrd: string | undefined;
  readonly append: string | undefined;
  readonly dtb: string | undefined;
  readonly disks: readonly string[];
  readonly diskWrite: boolean;
  readonly net: boolean;
  readonly rng: boolean;
  readonly quirk: boolean;
  readonly trace: readonly TraceGroup[];
  readonly limit: number;
  readonly gdb: number | undefined;
}

const mostHarts = 8;
const mostMemory = 2 ** 31;

/** Throws a `CannotRun` that says what is wrong with what was typed. */
export function readOptions(args: readonly string[]): RunOptions {
  const { given, positional } = collect(args);
  const one = (name: OptionName): string | undefined => given.get(name)?.at(-1);
  const kernel = one('kernel') ?? positional[0];
  if (positional.length > 1 || (given.has('kernel') && positional.length > 0)) {
    throw new CannotRun(`There is more than one kernel: \`${positional.at(-1)}\` is too much.`);
  }
  const disks = given.get('disk') ?? [];
  const net = given.has('net');
  const rng = given.has('rng');
  if (disks.length + Number(net) + Number(rng) > virtioSlots) {
    throw new CannotRun(`The board has room for ${virtioSlots} disks and other virtio devices.`);
  }
  return {
    kernel,
    memory: sizeOf(one('memory') ?? '128M'),
    harts: numberOf('--smp', one('harts') ?? '1', 1, mostHarts),
    firmware: one('firmware'),
    initrd: one('initrd'),
    append: one('append'),
    dtb: one('dtb'),
    disks,
    diskWrite: given.has('diskWrite'),
    net,
    rng,
    quirk: given.has('quirk'),
    trace: groupsOf(one('trace')),
    limit: limitOf(one('limit')),
    gdb: portOf(one('gdb')),
  };
}

function collect(args: readonly string[]): { given: Map<OptionName, string[]>; positional: string[] } {
  const given = new Map<OptionName, string[]>();
  const positional: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? '';
    if (!arg.startsWith('-') || arg === '-') {
      positional.push(arg);
      continue;
    }
    const [typed = '', attached] = split(arg);
    const [name, row] = find(typed);
    if (row.value === undefined) {
      if (attached !== undefined) throw new CannotRun(`\`${typed}\` takes no value.`);
      given.set(name, []);
      continue;
    }
    const value = attached ?? args[++index];
    if (value === undefined) throw new CannotRun(`\`${typed}\` needs a value: ${row.value}, ${row.help}.`);
    const before = given.get(name) ?? [];
    if (before.length > 0 && row.repeats !== true) throw new CannotRun(`\`${typed}\` is given twice.`);
    given.set(name, [...before, value]);
  }
  return { given, positional };
}

/** `--name=value` apart. */
function split(arg: string): readonly string[] {
  const at = arg.startsWith('--') ? arg.indexOf('=') : -1;
  return at < 0 ? [arg] : [arg.slice(0, at), arg.slice(at + 1)];
}

function find(typed: string): readonly [OptionName, OptionRow] {
  const found = rows.find(([, { names }]) => names.includes(typed));
  if (found !== undefined) return found;
  const known = rows.flatMap(([, { names }]) => names);
  // QEMU's options have one dash, and are meant as often as ours.
  const doubled = typed.startsWith('--') ? typed : `-${typed}`;
  throw new CannotRun(`There is no option \`${typed}\`. ${didYouMean(doubled, known)}`);
}

const units: Readonly<Record<string, number>> = { '': 2 ** 20, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };

/** Bytes; a number without a unit counts MiB, as QEMU's does. */
function sizeOf(text: string): number {
  const [, digits = '', unit = ''] = /^(\d+)([KMG]?)$/i.exec(text) ?? [];
  const bytes = Number(digits) * (units[unit.toUpperCase()] ?? 0);
  if (digits === '' || bytes < 4096 || bytes > mostMemory) {
    throw new CannotRun(`\`-m ${text}\` is no size of RAM: it goes from 4K to 2G, as in \`-m 128M\`.`);
  }
  if (bytes % 4096 !== 0) throw new CannotRun(`\`-m ${text}\` is not a multiple of 4K.`);
  return bytes;
}

function numberOf(option: string, text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new CannotRun(`\`${option} ${text}\`: this takes a number from ${least} to ${most}.`);
}

const limitOf = (text: string | undefined): number =>
  text === undefined ? Number.POSITIVE_INFINITY : numberOf('--max-instructions', text, 1, Number.MAX_SAFE_INTEGER);

const portOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : numberOf('--gdb', text.replace(/^:/, ''), 0, 65535);

function groupsOf(text: string | undefined): readonly TraceGroup[] {
  if (text === undefined) return [];
  const known = Object.keys(traceGroups);
  return text.split(',').map((word) => {
    if (!known.includes(word)) throw new CannotRun(`\`--trace\` knows no \`${word}\`. ${didYouMean(word, known)}`);
    return word as TraceGroup;
  });
}

/** The lines of the help that stand below the usage. */
export function optionHelp(): string {
  const lines = rows.map(([, { names, value, help }]) => {
    const left = `${names.join(', ')}${value === undefined ? '' : ` ${value}`}`;
    return `    ${left.padEnd(24)} ${help.replace('GROUPS', Object.keys(traceGroups).join(', '))}`;
  });
  return lines.join('\n');
}
