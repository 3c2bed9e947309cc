/** Where the program starts, and what to say if nothing says so. */
import type { Reporter } from '../diagnostics.ts';
import { type ObjectFile, objectSpan } from '../object.ts';
import { didYouMean } from '../suggest.ts';
import type { Layout } from './layout.ts';
import type { Mode } from './mode.ts';
import type { Resolution } from './resolution.ts';
import type { Name } from './script/script.ts';

export interface EntryTask {
  readonly name: string;
  /** By ENTRY of the script. */
  readonly named: Name | undefined;
  readonly mode: Mode;
  readonly layout: Layout;
  readonly resolution: Resolution;
  readonly objects: readonly ObjectFile[];
  readonly reporter: Reporter;
}

export function entryAddress(task: EntryTask): bigint {
  const { name, mode, layout, resolution, reporter } = task;
  const global = resolution.addressOfName(name);
  if (global !== undefined) return global;
  if (/^(0x[\da-f]+|\d+)$/i.test(name)) return BigInt.asUintN(64, BigInt(name));
  if (mode.kind === 'shared') return 0n;
  const start = firstAddress(layout);
  if (task.objects.length === 0 || reporter.failed) return start;
  return localEntry(task) ?? missingEntry(task, start);
}

/** Code comes first in the default layout; a script may put anything there. */
function firstAddress({ outputs }: Layout): bigint {
  const filled = outputs.filter(({ planned, size }) => planned.flags.alloc && size > 0);
  const code = filled.find(({ planned }) => planned.flags.execute) ?? filled[0];
  return code?.address ?? outputs[0]?.address ?? 0n;
}

function localEntry({ name, objects, resolution, reporter }: EntryTask): bigint | undefined {
  for (const object of objects) {
    const index = object.symbols.findIndex((symbol) => symbol.name === name && symbol.place.kind === 'section');
    const local = object.symbols[index];
    const address = resolution.addressOf(object, index);
    if (local === undefined || address === undefined) continue;
    const message = `\`${name}\` is where the program starts, but other files cannot see it`;
    reporter.warn(local.at ?? objectSpan(object), message, `write \`.globl ${name}\``);
    return address;
  }
  return undefined;
}

function missingEntry({ name, named, objects, reporter }: EntryTask, start: bigint): bigint {
  const [first] = objects;
  const inScript = named?.text === name && named.at.file !== 'the default layout';
  const at = inScript ? named.at : first === undefined ? undefined : objectSpan(first);
  if (at === undefined) return start;
  const globals = objects.flatMap(({ symbols }) =>
    symbols.filter(({ binding, place }) => binding !== 'local' && place.kind === 'section'),
  );
  const near = inScript
    ? didYouMean(
        name,
        globals.map((symbol) => symbol.name),
      )
    : undefined;
  const message = `there is no \`${name}\`: the program starts at its first byte`;
  reporter.warn(at, message, near ?? `write \`.globl ${name}\` and \`${name}:\``);
  return start;
}
