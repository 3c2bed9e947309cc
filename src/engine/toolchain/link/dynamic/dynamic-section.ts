/** The entries of `.dynamic`. System V ABI, "Dynamic Section". */
import { dynamicFlags, dynamicFlags1, dynamicTags } from '../../elf-format.ts';
import type { TablesTask } from './tables.ts';

/** What entries say: `undefined` addresses before anything has its place. */
export interface DynamicFacts {
  addressOf(section: string): bigint;
  sizeOf(section: string): number;
  symbol(name: string): bigint;
  string(text: string): number;
  readonly relative: number;
}

type Entry = readonly [tag: bigint, value: bigint];

const nothing: DynamicFacts = { addressOf: () => 0n, sizeOf: () => 0, symbol: () => 0n, string: () => 0, relative: 0 };

/** The number of entries, the ending one included, does not depend on addresses. */
export const dynamicTagCount = (task: TablesTask): number => dynamicEntries(task, nothing).length;

export function dynamicEntries(task: TablesTask, facts: DynamicFacts): Entry[] {
  const { libraries, options, mode } = task;
  const entries: Entry[] = libraries.map(({ name }) => [dynamicTags.needed, BigInt(facts.string(name))]);
  if (mode.kind === 'shared' && options.soname !== undefined) {
    entries.push([dynamicTags.name, BigInt(facts.string(options.soname))]);
  }
  if (options.runPath !== undefined) entries.push([dynamicTags.runPath, BigInt(facts.string(options.runPath))]);
  entries.push(...startEntries(task, facts), ...symbolEntries(task, facts), ...relocationEntries(task, facts));
  if (mode.kind === 'pie' || mode.kind === 'dynamic') entries.push([dynamicTags.debug, 0n]);
  entries.push(...flagEntries(task), [dynamicTags.none, 0n]);
  return entries;
}

/** `_init` and `_fini`, and arrays of functions. */
function startEntries({ table, arrays: present }: TablesTask, facts: DynamicFacts): Entry[] {
  const entries: Entry[] = [];
  if (table.globals.has('_init')) entries.push([dynamicTags.init, facts.symbol('_init')]);
  if (table.globals.has('_fini')) entries.push([dynamicTags.fini, facts.symbol('_fini')]);
  const arrays = [
    ['preinit_array', dynamicTags.preinitArray, dynamicTags.preinitArraySize],
    ['init_array', dynamicTags.initArray, dynamicTags.initArraySize],
    ['fini_array', dynamicTags.finiArray, dynamicTags.finiArraySize],
  ] as const;
  for (const [name, address, size] of arrays) {
    if (!present.has(name)) continue;
    entries.push([address, facts.addressOf(`.${name}`)], [size, BigInt(facts.sizeOf(`.${name}`))]);
  }
  return entries;
}

function symbolEntries({ options }: TablesTask, facts: DynamicFacts): Entry[] {
  const entries: Entry[] = [];
  if (options.hashStyle !== 'gnu') entries.push([dynamicTags.hash, facts.addressOf('.hash')]);
  if (options.hashStyle !== 'system') entries.push([dynamicTags.gnuHash, facts.addressOf('.gnu.hash')]);
  entries.push(
    [dynamicTags.strings, facts.addressOf('.dynstr')],
    [dynamicTags.symbols, facts.addressOf('.dynsym')],
    [dynamicTags.stringsSize, BigInt(facts.sizeOf('.dynstr'))],
    [dynamicTags.symbolSize, 24n],
  );
  return entries;
}

function relocationEntries({ needs }: TablesTask, facts: DynamicFacts): Entry[] {
  const entries: Entry[] = [
    [dynamicTags.relocations, facts.addressOf('.rela.dyn')],
    [dynamicTags.relocationsSize, BigInt(facts.sizeOf('.rela.dyn'))],
    [dynamicTags.relocationSize, 24n],
    [dynamicTags.relativeCount, BigInt(facts.relative)],
  ];
  if (needs.plt.size === 0) return entries;
  entries.push(
    [dynamicTags.pltGot, facts.addressOf('.got.plt')],
    [dynamicTags.pltRelocationsSize, BigInt(facts.sizeOf('.rela.plt'))],
    [dynamicTags.pltRelocationsKind, dynamicTags.relocations],
    [dynamicTags.pltRelocations, facts.addressOf('.rela.plt')],
  );
  return entries;
}

function flagEntries({ needs, mode, options }: TablesTask): Entry[] {
  const entries: Entry[] = [];
  const staticThread = mode.kind === 'shared' && [...needs.slots.values()].some(({ kind }) => kind === 'threadOffset');
  let flags = 0n;
  if (mode.symbolic) flags |= dynamicFlags.symbolic;
  if (needs.inText) flags |= dynamicFlags.textRelocations;
  if (options.now) flags |= dynamicFlags.now;
  if (staticThread) flags |= dynamicFlags.staticThread;
  if (needs.inText) entries.push([dynamicTags.textRelocations, 0n]);
  if (flags !== 0n) entries.push([dynamicTags.flags, flags]);
  const executable = mode.kind === 'pie' || mode.kind === 'static-pie';
  const flags1 = (options.now ? dynamicFlags1.now : 0n) | (executable ? dynamicFlags1.positionIndependent : 0n);
  if (flags1 !== 0n) entries.push([dynamicTags.flags1, flags1]);
  return entries;
}
