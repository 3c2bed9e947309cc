/** The debug sections of a C file: its functions, scopes and variables. */
import { languages, operations, rangeKinds } from '../../../dwarf.ts';
import type { Span } from '../../diagnostics.ts';
import type { Global, TypedFunction, TypedObject } from '../check/tree.ts';
import type { Frame } from '../generate/frame.ts';
import type { Scope, Variable } from '../ir/debug.ts';
import { sizeOf } from '../types/layout.ts';
import type { CType } from '../types/types.ts';
import {
  address,
  count,
  createEntry,
  type Entry,
  expression,
  inSection,
  Lines,
  present,
  refer,
  text,
  unitLines,
} from './entry.ts';
import {
  type Knowledge,
  knowledgeOf,
  LocationLists,
  listSection,
  onlyPlace,
  type Run,
  stretchesOf,
} from './locations.ts';
import { createTypeTable } from './types.ts';

/** Code from a label to the next one, which comes from one scope. */
export interface ScopedRun extends Run {
  readonly scope: Scope | undefined;
}

export interface FunctionCode {
  readonly fn: TypedFunction;
  readonly scope: Scope;
  readonly runs: readonly ScopedRun[];
  /** Labels around all of it. */
  readonly start: string;
  readonly end: string;
  /** Undefined for a function that is nothing but assembly. */
  readonly frame: Frame | undefined;
}

interface KnownCode extends FunctionCode {
  readonly knowledge: Knowledge;
}

export interface UnitTask {
  readonly file: string;
  readonly functions: readonly FunctionCode[];
  readonly objects: readonly TypedObject[];
  /** By symbol: all that may have been taken in somewhere. */
  readonly definitions: ReadonlyMap<string, TypedFunction>;
  readonly fileNumber: (file: string) => number;
}

interface Making {
  readonly task: UnitTask;
  readonly unit: Entry;
  readonly typeOf: (type: CType) => Entry | undefined;
  readonly locations: LocationLists;
  readonly ranges: Lines;
  rangeCount: number;
  /** Functions without code of their own, which inlined ones refer to. */
  readonly abstract: Map<string, Entry>;
}

function declared({ task }: Making, entry: Entry, at: Span): void {
  entry.attributes.push(['declarationFile', count(task.fileNumber(at.file))], ['declarationLine', count(at.line)]);
}

function typed({ typeOf }: Making, entry: Entry, type: CType): void {
  const found = typeOf(type);
  if (found !== undefined) entry.attributes.push(['type', refer(found)]);
}

function rangeList(making: Making, ranges: readonly (readonly [string, string])[]): string {
  const label = `.LR${making.rangeCount++}`;
  making.ranges.label(label);
  for (const [from, to] of ranges) {
    making.ranges.bytes(rangeKinds.startEnd);
    making.ranges.line(`.8byte ${from}, ${to}`);
  }
  making.ranges.bytes(rangeKinds.end);
  return label;
}

function isWithin(scope: Scope | undefined, outer: Scope): boolean {
  for (let each = scope; each !== undefined; each = each.parent) if (each === outer) return true;
  return false;
}

function coveredBy(runs: readonly ScopedRun[], scope: Scope): [string, string][] {
  const covered: [string, string][] = [];
  for (const { label, end, scope: from } of runs) {
    if (!isWithin(from, scope)) continue;
    const last = covered.at(-1);
    if (last?.[1] === label) last[1] = end;
    else covered.push([label, end]);
  }
  return covered;
}

function placed(making: Making, entry: Entry, covered: readonly (readonly [string, string])[]): void {
  const [first] = covered;
  if (first === undefined) return;
  if (covered.length === 1) entry.attributes.push(['lowPc', address(first[0])], ['highPc', address(first[1])]);
  else entry.attributes.push(['ranges', inSection(rangeList(making, covered))]);
}

function variableEntry(making: Making, { knowledge, frame }: KnownCode, variable: Variable): Entry {
  const { name, at, type, parameter } = variable;
  const entry = createEntry(parameter ? 'parameter' : 'variable', ['name', text(name)]);
  declared(making, entry, at);
  typed(making, entry, type);
  if (frame === undefined) return entry;
  const stretches = stretchesOf(knowledge, variable, sizeOf(type) ?? 0, frame);
  // A parameter is somewhere else until the function has put it to its place.
  const only = parameter ? undefined : onlyPlace(stretches);
  if (only !== undefined) entry.attributes.push(['location', expression(only)]);
  else if (stretches.length > 0) entry.attributes.push(['location', inSection(making.locations.add(stretches))]);
  return entry;
}

function abstractFunction(making: Making, symbol: string): Entry | undefined {
  const known = making.abstract.get(symbol);
  const fn = making.task.definitions.get(symbol);
  if (known !== undefined || fn === undefined) return known;
  const entry = createEntry(
    'subprogram',
    ['name', text(fn.global.name)],
    ['inline', count(1)],
    ['prototyped', present],
  );
  declared(making, entry, fn.at);
  typed(making, entry, fn.type.returns);
  making.abstract.set(symbol, entry);
  making.unit.children.push(entry);
  return entry;
}

/** All scopes below one, as they are nested; `code.runs` says which there are. */
function childScopes({ runs }: FunctionCode, scope: Scope): Scope[] {
  const found = new Set<Scope>();
  for (const run of runs) {
    for (let each = run.scope; each !== undefined; each = each.parent) if (each.parent === scope) found.add(each);
  }
  return [...found];
}

function scopeEntry(making: Making, code: KnownCode, scope: Scope): Entry | undefined {
  const { inlined } = scope;
  const origin = inlined && abstractFunction(making, inlined.symbol);
  if (inlined !== undefined && origin === undefined) return undefined;
  const entry = createEntry(inlined === undefined ? 'lexicalBlock' : 'inlined');
  placed(making, entry, coveredBy(code.runs, scope));
  if (inlined !== undefined && origin !== undefined) {
    const { file, line, column } = inlined.call;
    entry.attributes.push(['origin', refer(origin)], ['callFile', count(making.task.fileNumber(file))]);
    entry.attributes.push(['callLine', count(line)], ['callColumn', count(column)]);
  }
  fillScope(making, code, scope, entry);
  return entry;
}

function fillScope(making: Making, code: KnownCode, scope: Scope, entry: Entry): void {
  entry.children.push(...scope.variables.map((variable) => variableEntry(making, code, variable)));
  for (const child of childScopes(code, scope)) {
    const made = scopeEntry(making, code, child);
    if (made !== undefined) entry.children.push(made);
  }
}

const isIn = ({ at, end }: TypedFunction, global: Global): boolean =>
  global.at.file === at.file &&
  global.at.line >= at.line &&
  global.at.line <= end.line &&
  global.symbol !== global.name;

function functionEntry(making: Making, code: FunctionCode): void {
  const { fn, start, end, scope, frame } = code;
  const { global, type } = fn;
  const entry = createEntry('subprogram', ['name', text(global.name)], ['prototyped', present]);
  if (global.linkage !== 'local') entry.attributes.push(['external', present]);
  declared(making, entry, fn.at);
  typed(making, entry, type.returns);
  entry.attributes.push(['lowPc', address(start)], ['highPc', address(end)]);
  if (frame !== undefined) entry.attributes.push(['frameBase', expression([operations.callFrame])]);
  making.unit.children.push(entry);
  fillScope(making, { ...code, knowledge: knowledgeOf(code.runs) }, scope, entry);
  if (type.variadic) entry.children.push(createEntry('unspecifiedParameters'));
  for (const object of making.task.objects)
    if (isIn(fn, object.global)) entry.children.push(objectEntry(making, object));
}

function objectEntry(making: Making, { global }: TypedObject): Entry {
  const entry = createEntry('variable', ['name', text(global.name)]);
  if (global.linkage !== 'local') entry.attributes.push(['external', present]);
  declared(making, entry, global.at);
  typed(making, entry, global.type);
  entry.attributes.push(['location', expression([operations.address, { label: global.symbol }])]);
  return entry;
}

function createUnit({ file, functions }: UnitTask): Entry {
  const unit = createEntry(
    'compileUnit',
    ['producer', text('guesthouse')],
    ['language', { form: 'data2', number: languages.c11 }],
    ['name', text(file)],
    ['compositionDirectory', text('.')],
    ['lines', inSection('.Ldebug_line')],
  );
  if (functions.length > 0) unit.attributes.push(['lowPc', { form: 'address', at: { label: '0' } }]);
  return unit;
}

/** Assembly that stands below the code. */
export function debugLines(task: UnitTask): string[] {
  const unit = createUnit(task);
  const types = createTypeTable((entry) => unit.children.push(entry));
  const making: Making = {
    task,
    unit,
    typeOf: types.entryOf,
    locations: new LocationLists(),
    ranges: new Lines(),
    rangeCount: 0,
    abstract: new Map(),
  };
  for (const code of task.functions) functionEntry(making, code);
  for (const object of task.objects) {
    if (!task.functions.some(({ fn }) => isIn(fn, object.global))) unit.children.push(objectEntry(making, object));
  }
  if (task.functions.length > 0) {
    unit.attributes.push([
      'ranges',
      inSection(
        rangeList(
          making,
          task.functions.map(({ start, end }) => [start, end]),
        ),
      ),
    ]);
  }
  making.ranges.flush();
  return [
    ...unitLines(unit),
    ...making.locations.print(),
    ...(making.rangeCount === 0 ? [] : listSection('.debug_rnglists', making.ranges.lines)),
    '\t.section .debug_line,"",@progbits',
    '.Ldebug_line:',
  ];
}
