/** Which input goes where: the script's patterns are resolved, and what no pattern takes is placed as an orphan. */
import type { SectionFlags } from '../sections.ts';
import type { Input, Inputs } from './inputs.ts';
import { takeInputs } from './match.ts';
import type { Assertion, Assignment, DataItem, FillItem, OutputDescription, Script } from './script/script.ts';

export interface PlannedInputs {
  readonly kind: 'inputs';
  readonly inputs: readonly Input[];
}

export type PlannedItem = Assignment | Assertion | DataItem | FillItem | PlannedInputs;

export interface PlannedOutput extends Omit<OutputDescription, 'items'> {
  readonly items: readonly PlannedItem[];
  /** Union of what its inputs are. */
  readonly flags: SectionFlags;
  readonly inputs: readonly Input[];
  /** It is aligned as far as this, whatever is in it. */
  readonly least: number;
}

export type PlannedStatement = Assignment | Assertion | PlannedOutput;

export interface Plan {
  readonly statements: readonly PlannedStatement[];
  /** By /DISCARD/. */
  readonly discarded: ReadonlySet<Input>;
  /** By KEEP: not to be removed as garbage. */
  readonly kept: ReadonlySet<Input>;
}

const discardName = '/DISCARD/';

/** `live`: inputs that are to be placed at all. */
export function makePlan(script: Script, inputs: Inputs, live: (input: Input) => boolean): Plan {
  const candidates = inputs.all.filter(live);
  const taken = new Set<Input>();
  const discarded = new Set<Input>();
  const kept = new Set<Input>();
  const statements: PlannedStatement[] = [];
  for (const statement of script.statements) {
    if (statement.kind !== 'output') {
      statements.push(statement);
      continue;
    }
    const output = planOutput(statement, candidates, taken, kept);
    if (statement.name === discardName) for (const input of output.inputs) discarded.add(input);
    else statements.push(output);
  }
  const orphans = candidates.filter((input) => !taken.has(input));
  const placed = placeOrphans(statements, orphans, script.orphans);
  return { statements: alignThreads(withBounds(placed)), discarded, kept };
}

function planOutput(
  description: OutputDescription,
  candidates: readonly Input[],
  taken: Set<Input>,
  kept: Set<Input>,
): PlannedOutput {
  const items = description.items.map((item): PlannedItem => {
    if (item.kind !== 'input') return item;
    const inputs = takeInputs(item, candidates, taken);
    if (item.keep) for (const input of inputs) kept.add(input);
    return { kind: 'inputs', inputs };
  });
  return { ...description, items, least: 1, ...gathered(items, description.type) };
}

function gathered(
  items: readonly PlannedItem[],
  type: OutputDescription['type'],
): { readonly flags: SectionFlags; readonly inputs: readonly Input[] } {
  const inputs = items.flatMap((item) => (item.kind === 'inputs' ? item.inputs : []));
  const some = (flag: keyof SectionFlags): boolean => inputs.some(({ section }) => section.flags[flag] === true);
  const hasData = items.some((item) => item.kind === 'data');
  const flags = {
    alloc: type !== 'info' && (inputs.length === 0 || some('alloc')),
    write: some('write') || inputs.length === 0,
    execute: some('execute'),
    nobits: type === 'noload' || (!hasData && inputs.every(({ section }) => section.flags.nobits)),
    ...(inputs.length > 0 && inputs.every(({ section }) => section.flags.thread === true) && { thread: true }),
  };
  return { flags, inputs };
}

/** Orphans go behind their like; a class that the script has no section of, behind the one before it. */
const classes = ['text', 'rodata', 'data', 'sdata', 'tdata', 'tbss', 'sbss', 'bss', 'other'] as const;
type Class = (typeof classes)[number];

function classOf(name: string, flags: SectionFlags): Class {
  if (!flags.alloc) return 'other';
  if (flags.thread === true) return flags.nobits ? 'tbss' : 'tdata';
  const small = /^\.s(data|bss)(\.|$)/.test(name);
  if (flags.nobits) return small ? 'sbss' : 'bss';
  if (flags.execute) return 'text';
  if (!flags.write) return 'rodata';
  return small ? 'sdata' : 'data';
}

const nothing = { alloc: true, write: false, execute: false, nobits: false };

function orphanOutput(name: string, inputs: readonly Input[]): PlannedOutput {
  const items: PlannedItem[] = [{ kind: 'inputs', inputs }];
  const at = { file: inputs[0]?.object.name ?? '', line: 1, column: 1, endColumn: 2 };
  return {
    kind: 'output',
    name,
    at,
    address: undefined,
    type: 'loaded',
    loadAddress: undefined,
    align: undefined,
    subalign: undefined,
    region: undefined,
    loadRegion: undefined,
    segments: [],
    fill: undefined,
    items,
    least: 1,
    ...gathered(items, 'loaded'),
  };
}

/** Common symbols that no pattern takes join the zeros. */
const orphanName = ({ section }: Input): string => (section.name === 'COMMON' ? '.bss' : section.name);

function placeOrphans(
  statements: readonly PlannedStatement[],
  orphans: readonly Input[],
  order: Script['orphans'],
): PlannedStatement[] {
  const result = [...statements];
  for (const [name, inputs] of Map.groupBy(orphans, orphanName)) {
    const same = result.findIndex((each) => each.kind === 'output' && each.name === name && mayJoin(each, inputs));
    const found = result[same];
    if (found?.kind === 'output') result[same] = joined(found, inputs);
    else {
      const output = orphanOutput(name, inputs);
      result.splice(order === 'last' ? result.findLastIndex(isOutput) + 1 : placeFor(result, output), 0, output);
    }
  }
  return result;
}

const mayJoin = (output: PlannedOutput, inputs: readonly Input[]): boolean =>
  inputs.every(({ section }) => section.flags.alloc === output.flags.alloc || output.inputs.length === 0);

function joined(output: PlannedOutput, inputs: readonly Input[]): PlannedOutput {
  const items: PlannedItem[] = [...output.items, { kind: 'inputs', inputs }];
  return { ...output, items, ...gathered(items, output.type) };
}

/** The class that a section of the script stands for: by what is in it, or by its name if nothing is. */
function classOfOutput({ name, inputs, flags, items }: PlannedOutput): Class | undefined {
  if (inputs.length > 0 || items.some(({ kind }) => kind === 'data')) return classOf(name, flags);
  const isRoom = items.some((item) => item.kind === 'assign' && item.target === '.');
  const byName = classes.find((each) => name === `.${each}` || name.startsWith(`.${each}.`));
  return byName ?? (isRoom ? classOf(name, { ...nothing, write: true, nobits: true }) : undefined);
}

function placeFor(statements: readonly PlannedStatement[], orphan: PlannedOutput): number {
  const wanted = classOf(orphan.name, orphan.flags);
  if (wanted === 'other') return statements.length;
  for (let rank = classes.indexOf(wanted); rank >= 0; rank--) {
    const like = classes[rank];
    const last = statements.findLastIndex((each) => each.kind === 'output' && classOfOutput(each) === like);
    if (last >= 0) return behind(statements, last);
  }
  const first = statements.findIndex((each) => each.kind === 'output');
  return first < 0 ? statements.length : first;
}

/**
 * Behind the symbols that follow the section, as they mark its end; but before the location counter is moved for the next
 * one. This is what GNU ld does (`insert_os_after`).
 */
function behind(statements: readonly PlannedStatement[], section: number): number {
  let moved: number | undefined;
  for (let index = section + 1; index < statements.length; index++) {
    const statement = statements[index];
    if (statement?.kind === 'output') return moved ?? index;
    if (statement?.kind === 'assign' && statement.target === '.') moved ??= index;
  }
  return statements.length;
}

/** `__start_name` and `__stop_name` for sections whose name is a C identifier, as GNU ld has them. */
function withBounds(statements: readonly PlannedStatement[]): PlannedStatement[] {
  return statements.map((statement) => {
    if (statement.kind !== 'output' || !/^[A-Za-z_]\w*$/.test(statement.name)) return statement;
    const { name, at } = statement;
    const bound = (target: string): Assignment => ({
      kind: 'assign',
      target,
      op: undefined,
      value: { kind: 'dot' },
      provide: true,
      hidden: true,
      at,
    });
    return { ...statement, items: [bound(`__start_${name}`), ...statement.items, bound(`__stop_${name}`)] };
  });
}

/** Each thread's copy is aligned as a whole: its first section as far as any of them. */
function alignThreads(statements: readonly PlannedStatement[]): PlannedStatement[] {
  const isThread = (each: PlannedStatement): each is PlannedOutput => isOutput(each) && each.flags.thread === true;
  const filled = statements.filter(isThread).filter(({ inputs }) => inputs.some(({ section }) => section.size > 0));
  const [first] = filled;
  if (first === undefined) return [...statements];
  const least = Math.max(...filled.flatMap(({ inputs }) => inputs.map(({ section }) => section.alignment)));
  return statements.map((each) => (each === first ? { ...first, least } : each));
}

export const isOutput = (statement: PlannedStatement): statement is PlannedOutput => statement.kind === 'output';
