/** Objects, archives and shared objects → one program or shared object: collection, resolution, layout, relocation. */
import type { Reporter } from './diagnostics.ts';
import { createBinder, scriptNames } from './link/bind.ts';
import { linkedLines, linkedSections, linkedSegments, linkedSymbols, type OutputTask } from './link/build-output.ts';
import { type Collected, collect, type LinkInput } from './link/collect.ts';
import { fillContents } from './link/contents.ts';
import { defaultScript } from './link/default-script.ts';
import { fillTables, type Left } from './link/dynamic/fill.ts';
import { pltEntrySize, pltHeaderSize } from './link/dynamic/plt.ts';
import { gotHeaderSize, type LinkerTables, makeTables, type TablesTask } from './link/dynamic/tables.ts';
import { entryAddress } from './link/entry.ts';
import { reachable } from './link/garbage.ts';
import { hostedScript } from './link/hosted-script.ts';
import { createInputs, type Input, type Inputs } from './link/inputs.ts';
import { addressOfInput, type Layout, layOut } from './link/layout.ts';
import type { Linked } from './link/linked.ts';
import { type Mode, modeOf, type OutputKind } from './link/mode.ts';
import { makePlan } from './link/plan.ts';
import { relocateAll, type Tables } from './link/relocate.ts';
import { createResolution, type Resolution } from './link/resolution.ts';
import { createScanner, scanRelocations } from './link/scan.ts';
import type { Assignment, Script } from './link/script/script.ts';
import { headersSizeFor } from './link/segments.ts';
import { resolveSymbols, type SymbolTable } from './link/symbols.ts';
import { defaultFloatAbi, type ObjectFile, type ObjectSection, type SectionRole } from './object.ts';

export type { LinkInput } from './link/collect.ts';
export { imageOf, type Linked } from './link/linked.ts';
export type { OutputKind } from './link/mode.ts';
export { parseScript } from './link/script/parse.ts';
export type { Script } from './link/script/script.ts';

export interface LinkOptions {
  /** `static` if left out. */
  readonly kind?: OutputKind;
  /** Where the default layout begins. */
  readonly origin?: bigint;
  /** Physical address of the first byte, where it is not the origin. */
  readonly physical?: number;
  /** In place of the default layout. */
  readonly script?: Script;
  /** Symbols given on the command line. */
  readonly assignments?: readonly Assignment[];
  /** A symbol; the script's, or `_start`, if left out. */
  readonly entry?: string;
  readonly removeGarbage?: boolean;
  /** Symbols to look for as if something used them. */
  readonly wanted?: readonly string[];
  /** A program shows all its symbols to shared objects, not only those that they ask for. */
  readonly exportAll?: boolean;
  readonly symbolic?: boolean;
  readonly now?: boolean;
  readonly soname?: string;
  readonly interpreter?: string;
  readonly runPath?: string;
  readonly hashStyle?: 'both' | 'gnu' | 'system';
}

export const defaultOrigin = 0x8000_0000n;
const hostedBase = 0x10000n;
/** More segments than any layout of our own has. */
const mostSegments = 12;

function scriptFor(options: LinkOptions, mode: Mode): Script {
  const given = options.script;
  const fallback = (): Script =>
    mode.dynamic ? hostedScript(mode.movable ? 0n : hostedBase) : defaultScript(options.origin ?? defaultOrigin);
  const script = given?.hasSections === true ? given : merge(given, fallback());
  const { assignments = [] } = options;
  return assignments.length === 0 ? script : { ...script, statements: [...assignments, ...script.statements] };
}

/** A script without SECTIONS adds to the default layout. */
function merge(given: Script | undefined, layout: Script): Script {
  if (given === undefined) return layout;
  const { entry = layout.entry, regions, wanted, inputs, file } = given;
  return { ...layout, file, entry, regions, wanted, inputs, statements: [...given.statements, ...layout.statements] };
}

/** One link while it goes on. */
interface Linking {
  readonly mode: Mode;
  readonly script: Script;
  readonly options: LinkOptions;
  readonly collected: Collected;
  readonly reporter: Reporter;
}

/** Objects with the linker's own, and what of them stays. */
interface Prepared {
  readonly objects: readonly ObjectFile[];
  readonly table: SymbolTable;
  readonly inputs: Inputs;
  readonly live: (input: Input) => boolean;
  readonly task: TablesTask;
  readonly tables: LinkerTables | undefined;
}

/** Reports what is wrong; the result means nothing if the reporter has failed. */
export function link(linkInputs: readonly LinkInput[], options: LinkOptions, reporter: Reporter): Linked {
  const mode = modeOf(options.kind ?? 'static', options.symbolic);
  const script = scriptFor(options, mode);
  const asked = [...script.wanted.map(({ text }) => text), ...(options.wanted ?? []), entryName(options, script)];
  const collected = collect(linkInputs, asked, reporter);
  const linking: Linking = { mode, script, options, collected, reporter };
  return finish(linking, prepare(linking));
}

const entryName = (options: LinkOptions, script: Script): string => options.entry ?? script.entry?.text ?? '_start';

function prepare(linking: Linking): Prepared {
  const { mode, script, options, collected, reporter } = linking;
  const first = resolveSymbols(collected.objects, collected.libraries, reporter);
  const binder = createBinder(first, mode, scriptNames(script));
  const scanner = createScanner(collected.objects, first, binder, mode);
  const stays = liveSections(linking, first);
  const firstSlot = gotHeaderSize(mode);
  const needs = scanRelocations(collected.objects, stays, scanner, { binder, table: first, firstSlot });
  const { exportAll = false, soname, interpreter, runPath, now = false, hashStyle = 'both' } = options;
  const dynamic = { exportAll, soname, interpreter, runPath, now, hashStyle };
  const { objects: given, libraries } = collected;
  const arrays = rolesOf(given, stays);
  const task: TablesTask = { needs, table: first, libraries, binder, mode, options: dynamic, arrays };
  const tables = makeTables(task);
  const objects = tables === undefined ? collected.objects : [...collected.objects, tables.object];
  const table = tables === undefined ? first : resolveSymbols(objects, collected.libraries, reporter);
  const own = new Set(tables?.object.sections);
  const live = ({ section }: Input): boolean => own.has(section) || stays(section);
  return { objects, table, inputs: createInputs(objects), live, task, tables };
}

function rolesOf(objects: readonly ObjectFile[], stays: (section: ObjectSection) => boolean): ReadonlySet<SectionRole> {
  const sections = objects.flatMap((object) => object.sections.filter((each) => each.size > 0 && stays(each)));
  return new Set(sections.flatMap(({ role }) => (role === undefined ? [] : [role])));
}

/** Which sections are linked: all, or those that something reaches. Common symbols always are. */
function liveSections(linking: Linking, table: SymbolTable): (section: ObjectSection) => boolean {
  const { options, collected, script, mode } = linking;
  if (options.removeGarbage !== true) return () => true;
  const inputs = createInputs(collected.objects);
  const plan = makePlan(script, inputs, () => true);
  const shown = mode.kind === 'shared' || options.exportAll === true ? table.globals.keys() : [];
  const names = [
    entryName(options, script),
    ...(options.wanted ?? []),
    ...script.wanted.map(({ text }) => text),
    ...shown,
  ];
  const live = reachable(inputs, table, { names, plan });
  return (section) => section.name === 'COMMON' || live.has(section);
}

function finish(linking: Linking, prepared: Prepared): Linked {
  const { mode, script, options, reporter, collected } = linking;
  const { objects, table, inputs, live, task } = prepared;
  const plan = makePlan(script, inputs, live);
  const segments = script.segments.length > 0 ? script.segments.length : mostSegments;
  const headersSize = BigInt(headersSizeFor(segments));
  const loadDelta = loadDeltaOf(options);
  const layout = layOut({ script, plan, inputs, table, loadDelta, headersSize }, reporter);
  const contents = fillContents(layout, reporter);
  const addresses = tableAddresses(prepared, layout);
  const resolution = createResolution(layout, inputs, table, (name) => indirectAddress(prepared, addresses, name));
  const left: Left[] = [];
  const threadStart = threadStartOf(layout);
  const scanner = createScanner(objects, table, createBinder(table, mode, scriptNames(script)), mode);
  const tables = relocationTables(prepared, addresses, left);
  relocateAll({ objects, inputs, layout, contents, table, resolution, scanner, tables, threadStart, reporter });
  fillOwn(prepared, { layout, contents, resolution, left, threadStart, addresses });
  const output: OutputTask = { script, mode, objects, inputs, layout, contents, table, resolution, reporter };
  const sections = linkedSections(layout, contents);
  return {
    kind: mode.kind,
    entry: entryAddress({
      name: entryName(options, script),
      named: script.entry,
      mode,
      layout,
      resolution,
      objects,
      reporter,
    }),
    sections: sections.filter((section) => section !== undefined),
    segments: linkedSegments(output, sections),
    symbols: linkedSymbols(output),
    lines: linkedLines(output),
    compressed: task.mode.dynamic || collected.objects.some(({ compressed }) => compressed),
    floatAbi: collected.objects.find(({ floatAbi }) => floatAbi !== undefined)?.floatAbi ?? defaultFloatAbi,
  };
}

/** A script that places sections says itself where they are loaded. */
function loadDeltaOf({ physical, script, origin = defaultOrigin }: LinkOptions): bigint {
  return physical === undefined || script?.hasSections === true ? 0n : BigInt(physical) - origin;
}

function threadStartOf({ outputs }: Layout): bigint {
  const found = outputs.filter(({ planned, size }) => planned.flags.thread === true && size > 0);
  return found.reduce((least, { address }) => (address < least ? address : least), found[0]?.address ?? 0n);
}

type Addresses = (section: string) => bigint | undefined;

/** Where the linker's own sections came to lie. */
function tableAddresses({ tables, inputs }: Prepared, layout: Layout): Addresses {
  return (section) => {
    const index = tables?.indexOf(section) ?? -1;
    const input = tables === undefined || index < 0 ? undefined : inputs.of(tables.object, index);
    return input === undefined ? undefined : addressOfInput(layout, input);
  };
}

function pltAddress({ task }: Prepared, addresses: Addresses, name: string): bigint | undefined {
  const index = task.needs.plt.get(name);
  const start = addresses('.plt');
  return index === undefined || start === undefined ? undefined : start + BigInt(pltHeaderSize + pltEntrySize * index);
}

/** The address that this program gives to something in a shared object. */
function indirectAddress(prepared: Prepared, addresses: Addresses, name: string): bigint | undefined {
  const copy = prepared.tables?.copies.get(name);
  if (copy !== undefined) return (addresses('.dynbss') ?? 0n) + BigInt(copy);
  return prepared.task.needs.canonical.has(name) ? pltAddress(prepared, addresses, name) : undefined;
}

function relocationTables(prepared: Prepared, addresses: Addresses, left: Left[]): Tables {
  const { slots } = prepared.task.needs;
  return {
    slotAddress(key) {
      const slot = slots.get(key);
      const start = addresses('.got');
      return slot === undefined || start === undefined ? undefined : start + BigInt(slot.offset);
    },
    pltAddress: (name) => pltAddress(prepared, addresses, name),
    leave(at, addend, symbol) {
      left.push({ at, addend, symbol, type: symbol === undefined ? 'R_RISCV_RELATIVE' : 'R_RISCV_64' });
    },
  };
}

interface Filling {
  readonly layout: Layout;
  readonly contents: readonly Uint8Array[];
  readonly resolution: Resolution;
  readonly left: readonly Left[];
  readonly threadStart: bigint;
  readonly addresses: Addresses;
}

function fillOwn({ tables, task, inputs }: Prepared, filling: Filling): void {
  const { layout, contents, resolution, left, threadStart, addresses } = filling;
  if (tables === undefined) return;
  const outputNamed = (name: string) => layout.outputs.find(({ planned, size }) => planned.name === name && size > 0);
  const numbered = layout.outputs.filter(({ size }) => size > 0);
  const filled = fillTables({
    ...task,
    tables,
    resolution,
    threadStart,
    left,
    addressOf: (name) => outputNamed(name)?.address ?? addresses(name) ?? 0n,
    sizeOf: (name) => outputNamed(name)?.size ?? tables.object.sections[tables.indexOf(name)]?.size ?? 0,
    sectionIndexAt(address) {
      const holds = (end: bigint) =>
        numbered.findIndex((each) => address >= each.address && address < each.address + BigInt(each.size) + end);
      const index = holds(0n) >= 0 ? holds(0n) : holds(1n);
      return BigInt(index + 1);
    },
    ownAddress: addresses,
  });
  for (const [name, bytes] of filled) {
    const input = inputs.of(tables.object, tables.indexOf(name));
    const place = input === undefined ? undefined : layout.places[input.id];
    const into = place === undefined ? undefined : contents[place.output];
    if (place !== undefined && into !== undefined && into.length > 0) into.set(bytes, place.offset);
  }
}
