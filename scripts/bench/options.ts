/** What `npm run bench` understands. */
import { parseArgs } from 'node:util';
import { didYouMean } from '../../src/labs/suggest.ts';

export const usage = `npm run bench -- [options]
    --only NAME      only lines whose names contain NAME; may be repeated
    --no-qemu        leaves QEMU out, and with it the ratios
    --seconds N      how long a measurement takes, about; 1 if left out
    --json           results as JSON
    --code           only what our C compiler does: instructions beside GCC's, and how long it takes
    --sources FOLDER also how long it takes for the C files of that folder, a kernel's for example
    --kernel FILE    also the boot of a kernel, until its console shows the text of --until
    --until TEXT     what the console shows at the end of the boot
    --disk FILE      virtio disk of that kernel; the file stays as it is
    --initrd FILE    its initial RAM disk
    --append TEXT    its command line
    --firmware FILE  \`none\` enters the kernel in M-mode; our SBI firmware, on both, if left out
`;

const table = {
  only: { type: 'string', multiple: true },
  'no-qemu': { type: 'boolean' },
  seconds: { type: 'string' },
  json: { type: 'boolean' },
  code: { type: 'boolean' },
  sources: { type: 'string' },
  kernel: { type: 'string' },
  until: { type: 'string' },
  disk: { type: 'string' },
  initrd: { type: 'string' },
  append: { type: 'string' },
  firmware: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

export interface KernelOptions {
  readonly kernel: string;
  readonly until: string;
  readonly disk: string | undefined;
  readonly initrd: string | undefined;
  readonly append: string | undefined;
  readonly firmware: string | undefined;
}

export interface BenchOptions {
  readonly only: readonly string[];
  readonly qemu: boolean;
  /** Of one measurement, about. */
  readonly seconds: number;
  readonly json: boolean;
  /** The compilers alone. */
  readonly code: boolean;
  /** A folder of C files to compile. */
  readonly sources: string | undefined;
  readonly kernel: KernelOptions | undefined;
  readonly help: boolean;
}

/** Something in what was typed or given keeps the benchmark from running; the message says what to do. */
export class CannotBench extends Error {}

/** Throws a `CannotBench`. */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values, tokens } = parseArgs({ args: [...args], options: table, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind === 'positional') throw new CannotBench(`\`${token.value}\`: lines are chosen by --only.`);
    if (token.kind === 'option') requireKnown(token.name, token.rawName, token.value);
  }
  const text = (name: keyof typeof table): string | undefined => textOf(values[name]);
  return {
    only: [values.only ?? []].flat().map(String),
    qemu: values['no-qemu'] !== true,
    seconds: secondsOf(text('seconds') ?? '1'),
    json: values.json === true,
    code: values.code === true,
    sources: text('sources'),
    kernel: kernelOf(text),
    help: values.help === true,
  };
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

function requireKnown(name: string, typed: string, value: string | undefined): void {
  if (!Object.hasOwn(table, name)) {
    const known = Object.keys(table).map((each) => `--${each}`);
    throw new CannotBench(`There is no option \`${typed}\`. ${didYouMean(`--${name}`, known)}`);
  }
  const takesValue = table[name as keyof typeof table].type === 'string';
  if (takesValue && value === undefined) throw new CannotBench(`\`${typed}\` needs a value.`);
  if (!takesValue && value !== undefined) throw new CannotBench(`\`${typed}\` takes no value.`);
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (seconds >= 0.05 && seconds <= 60) return seconds;
  throw new CannotBench(`\`--seconds ${text}\`: a measurement takes from 0.05 to 60 seconds.`);
}

function kernelOf(text: (name: 'kernel' | keyof KernelOptions) => string | undefined): KernelOptions | undefined {
  const kernel = text('kernel');
  const until = text('until');
  if (kernel === undefined) {
    const lone = (['until', 'disk', 'initrd', 'append', 'firmware'] as const).find((name) => text(name) !== undefined);
    if (lone !== undefined) throw new CannotBench(`\`--${lone}\` is about a kernel: name it with --kernel FILE.`);
    return undefined;
  }
  if (until === undefined || until === '') throw new CannotBench('`--kernel` needs --until TEXT: when is it booted?');
  return {
    kernel,
    until,
    disk: text('disk'),
    initrd: text('initrd'),
    append: text('append'),
    firmware: text('firmware'),
  };
}
