/** All that is decided before anything has an address: what is linked, what names mean, what the loader has to be told. */
import type { Reporter } from '../diagnostics.ts';
import { withDebugSections } from '../dwarf/object.ts';
import type { ObjectFile, ObjectSection, SectionRole } from '../object.ts';
import { createBinder, scriptNames } from './bind.ts';
import { type Collected, collect, type LinkInput } from './collect.ts';
import { gotHeaderSize, type LinkerTables, makeTables, type TablesTask } from './dynamic/tables.ts';
import { reachable } from './garbage.ts';
import { createInputs, type Input, type Inputs } from './inputs.ts';
import { type Mode, modeOf } from './mode.ts';
import { entryName, type LinkOptions, scriptFor } from './options.ts';
import { makePlan } from './plan.ts';
import { createScanner, scanRelocations } from './scan.ts';
import type { Script } from './script/script.ts';
import { resolveSymbols, type SymbolTable } from './symbols.ts';

export interface Prepared {
  readonly mode: Mode;
  readonly script: Script;
  readonly options: LinkOptions;
  readonly reporter: Reporter;
  /** Without the linker's own. */
  readonly given: readonly ObjectFile[];
  readonly objects: readonly ObjectFile[];
  readonly table: SymbolTable;
  readonly inputs: Inputs;
  /** It is placed, and not removed as garbage. */
  readonly live: (input: Input) => boolean;
  readonly task: TablesTask;
  readonly tables: LinkerTables | undefined;
}

type IsLive = (section: ObjectSection) => boolean;

export function prepare(linkInputs: readonly LinkInput[], options: LinkOptions, reporter: Reporter): Prepared {
  const mode = modeOf(options.kind ?? 'static', options.symbolic);
  const script = scriptFor(options, mode);
  const asked = [...askedFor(options, script)];
  const found = collect(linkInputs, asked, reporter);
  const collected = { ...found, objects: found.objects.map(withDebugSections) };
  const { objects: given, libraries } = collected;
  const first = resolveSymbols(given, libraries, reporter);
  const stays = liveSections(collected, first, { mode, script, options });
  const task = tablesTask(collected, first, stays, { mode, script, options });
  const tables = makeTables(task);
  const objects = tables === undefined ? given : [...given, tables.object];
  const table = tables === undefined ? first : resolveSymbols(objects, libraries, reporter);
  const own = new Set(tables?.object.sections);
  const live = ({ section }: Input): boolean => own.has(section) || stays(section);
  return { mode, script, options, reporter, given, objects, table, inputs: createInputs(objects), live, task, tables };
}

interface Wishes {
  readonly mode: Mode;
  readonly script: Script;
  readonly options: LinkOptions;
}

function* askedFor(options: LinkOptions, script: Script): Generator<string> {
  yield entryName(options, script);
  yield* options.wanted ?? [];
  for (const { text } of script.wanted) yield text;
}

/** Which sections are linked: all, or those that something reaches. Common symbols always are. */
function liveSections({ objects }: Collected, table: SymbolTable, { mode, script, options }: Wishes): IsLive {
  if (options.removeGarbage !== true) return () => true;
  const inputs = createInputs(objects);
  const plan = makePlan(script, inputs, () => true);
  const shown = mode.kind === 'shared' || options.exportAll === true ? table.globals.keys() : [];
  const live = reachable(inputs, table, { names: [...askedFor(options, script), ...shown], plan });
  return (section) => section.name === 'COMMON' || live.has(section);
}

function tablesTask(collected: Collected, table: SymbolTable, stays: IsLive, wishes: Wishes): TablesTask {
  const { objects, libraries } = collected;
  const { mode, script, options } = wishes;
  const binder = createBinder(table, mode, scriptNames(script));
  const scanner = createScanner(objects, table, binder, mode);
  const needs = scanRelocations(objects, stays, scanner, { binder, table, firstSlot: gotHeaderSize(mode) });
  const { exportAll = false, soname, interpreter, runPath, now = false, hashStyle = 'both' } = options;
  const dynamic = { exportAll, soname, interpreter, runPath, now, hashStyle };
  return { needs, table, libraries, binder, mode, options: dynamic, arrays: rolesOf(objects, stays) };
}

function rolesOf(objects: readonly ObjectFile[], stays: IsLive): ReadonlySet<SectionRole> {
  const sections = objects.flatMap((object) => object.sections.filter((each) => each.size > 0 && stays(each)));
  return new Set(sections.flatMap(({ role }) => (role === undefined ? [] : [role])));
}
