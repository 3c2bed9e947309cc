/** One walk over the plan: the location counter moves, sections get addresses, symbols get values. */
import type { Span } from '../diagnostics.ts';
import { addressIn, evaluate, type Scope } from './evaluate.ts';
import type { InputPlace, Layout, LayoutTask, PlacedOutput, ScriptSymbol } from './layout.ts';
import { mayHaveSize, placeOutput } from './place-output.ts';
import type { PlannedOutput } from './plan.ts';
import { createRegions, type RegionState, regionFor } from './regions.ts';
import type { Assignment, Name } from './script/script.ts';
import { absolute, combine, combinedBase, plain, type Value } from './values.ts';

export type Tell = (at: Span, message: string, hint?: string) => void;

/** The state of a pass. */
export interface Pass {
  readonly task: LayoutTask;
  readonly previous: Layout | undefined;
  readonly tell: Tell;
  readonly outputs: PlacedOutput[];
  readonly symbols: Map<string, ScriptSymbol>;
  readonly offered: Map<string, Value>;
  readonly places: (InputPlace | undefined)[];
  readonly regions: ReadonlyMap<string, RegionState>;
  readonly standard: RegionState;
  /** The location counter outside of sections. */
  dot: bigint;
  /** While a section is being placed: its index, address and the counter within it. */
  open: { readonly index: number; readonly address: bigint; offset: bigint } | undefined;
  segments: readonly Name[];
}

export function runPass(task: LayoutTask, previous: Layout | undefined, tell: Tell): Layout {
  const regions = createRegions(task.script, scopeWithoutRegions(task, tell));
  const pass: Pass = {
    task,
    previous,
    tell,
    outputs: [],
    symbols: new Map(),
    offered: new Map(),
    places: [],
    regions,
    standard: { name: '', origin: 0n, length: 1n << 64n, attributes: '', current: 0n, delta: task.loadDelta },
    dot: 0n,
    open: undefined,
    segments: [],
  };
  const scope = scopeOf(pass);
  for (const statement of task.plan.statements) {
    if (statement.kind === 'assign') assign(pass, scope, statement);
    else if (statement.kind === 'assert') evaluate(statement, scope);
    else addOutput(pass, scope, statement);
  }
  const { outputs, symbols, offered, places, dot } = pass;
  return { outputs, symbols, offered, regions, places, end: dot };
}

function addOutput(pass: Pass, scope: Scope, planned: PlannedOutput): void {
  const region = regionFor(planned, pass.regions, pass.standard, pass.tell);
  pass.standard.current = pass.dot;
  const placed = placeOutput(pass, scope, planned, region);
  for (const { input, offset } of placed.pieces) pass.places[input.id] = { output: pass.outputs.length, offset };
  pass.outputs.push(placed);
  pass.open = undefined;
  const { alloc, thread, nobits } = planned.flags;
  // Zeros of threads take no room in the program's memory: each thread gets its own elsewhere.
  if (!alloc || isHollow(placed) || (thread === true && nobits)) return;
  pass.dot = placed.address + BigInt(placed.size);
  region.current = pass.dot;
}

/** Nothing in it, and nothing said about the counter: as if it were not there. */
const isHollow = ({ size, planned }: PlacedOutput): boolean =>
  size === 0 && planned.address === undefined && !mayHaveSize(planned);

export function scopeOf(pass: Pass): Scope {
  const { task, previous, tell } = pass;
  const indexOf = (name: string): number => {
    const here = pass.outputs.findLastIndex(({ planned }) => planned.name === name);
    return here >= 0 ? here : (previous?.outputs.findIndex(({ planned }) => planned.name === name) ?? -1);
  };
  return {
    get dot() {
      const { open, dot } = pass;
      return open === undefined ? absolute(dot) : { value: BigInt.asUintN(64, open.offset), base: open.index };
    },
    headersSize: task.headersSize,
    addressOf: (base) =>
      pass.open?.index === base
        ? pass.open.address
        : (pass.outputs[base]?.address ?? previous?.outputs[base]?.address ?? 0n),
    symbol(name) {
      const value = symbolValue(pass, name);
      // Within a section an absolute symbol is a number, so that it can be added to an offset.
      return value?.base === 'absolute' && pass.open !== undefined ? plain(value.value) : value;
    },
    isDefined: (name) => pass.symbols.has(name) || task.table.globals.has(name),
    section(name) {
      const index = indexOf(name);
      const found = pass.outputs[index] ?? previous?.outputs[index];
      if (found === undefined) return undefined;
      const { address, loadAddress, size, alignment } = found;
      const facts = { address, loadAddress, size: BigInt(size), alignment: BigInt(size === 0 ? 0 : alignment) };
      return { index, facts };
    },
    region: (name) => pass.regions.get(name),
    symbolNames: () => [...task.table.globals.keys(), ...pass.symbols.keys(), ...pass.offered.keys()],
    sectionNames: () => (previous ?? pass).outputs.map(({ planned }) => planned.name),
    regionNames: () => pass.regions.keys(),
    error: tell,
  };
}

/** MEMORY may use symbols of the command line only, and is evaluated before anything has an address. */
const scopeWithoutRegions = (task: LayoutTask, tell: Tell): Scope => ({
  dot: absolute(0n),
  headersSize: 0n,
  addressOf: () => 0n,
  symbol(name) {
    const value = task.script.statements.find((each) => each.kind === 'assign' && each.target === name);
    return value?.kind === 'assign' && value.value.kind === 'number' ? plain(value.value.value) : undefined;
  },
  isDefined: () => false,
  section: () => undefined,
  region: () => undefined,
  symbolNames: () => [],
  sectionNames: () => [],
  regionNames: () => [],
  error: tell,
});

function symbolValue(pass: Pass, name: string): Value | undefined {
  const { task, previous } = pass;
  const own = pass.symbols.get(name) ?? previous?.symbols.get(name);
  if (own !== undefined) return own.value;
  if (task.table.globals.has(name)) return objectValue(pass, name);
  return pass.offered.get(name) ?? previous?.offered.get(name);
}

/** What an object defines. */
function objectValue(pass: Pass, name: string): Value | undefined {
  const { task, previous } = pass;
  const object = task.table.globals.get(name);
  if (object === undefined) return undefined;
  const { place } = object.symbol;
  if (place.kind === 'absolute') return absolute(place.value);
  const input = place.kind === 'section' ? task.inputs.of(object.object, place.section) : task.inputs.commons.get(name);
  const at = input === undefined ? undefined : (pass.places[input.id] ?? previous?.places[input.id]);
  if (at === undefined) return plain(0n);
  return { value: BigInt(at.offset) + BigInt(place.kind === 'section' ? place.offset : 0), base: at.output };
}

/** Also within a section. */
export function assign(pass: Pass, scope: Scope, statement: Assignment): void {
  const { target, provide, hidden } = statement;
  if (target === '.') {
    moveDot(pass, scope, statement);
    return;
  }
  if (provide && (pass.task.table.globals.has(target) || !pass.task.table.wanted.has(target))) {
    if (!pass.task.table.globals.has(target)) pass.offered.set(target, assigned(pass, scope, statement));
    return;
  }
  pass.symbols.set(target, { value: assigned(pass, scope, statement), hidden, provided: provide });
}

/** A plain number is an offset within a section, and an address outside. */
function assigned(pass: Pass, scope: Scope, { op, target, value, at }: Assignment): Value {
  let result = evaluate(value, scope);
  if (op !== undefined) {
    const old = target === '.' ? scope.dot : (pass.symbols.get(target)?.value ?? objectValue(pass, target));
    if (old === undefined) pass.tell(at, `\`${target}\` has no value yet that could be changed`);
    const before = old ?? plain(0n);
    const same = before.base === result.base || result.base === undefined;
    const operand = same ? result : absolute(addressIn(scope, result));
    const whole = same ? before : absolute(addressIn(scope, before));
    const combined = combine(op, whole.value, operand.value) ?? 0n;
    result = { value: BigInt.asUintN(64, combined), base: combinedBase(op, whole, operand) };
  }
  if (result.base !== undefined) return result;
  return { ...result, base: pass.open?.index ?? 'absolute' };
}

/** The farthest that the counter may go within a section: no machine has more memory. */
const maxOffset = 1n << 40n;

function moveDot(pass: Pass, scope: Scope, statement: Assignment): void {
  const address = addressIn(scope, assigned(pass, scope, statement));
  const { open } = pass;
  if (open === undefined) {
    pass.dot = address;
    return;
  }
  const offset = BigInt.asIntN(64, address - open.address);
  if (offset < open.offset) {
    const hex = (value: bigint): string => `0x${BigInt.asUintN(64, value).toString(16)}`;
    const message = `the location counter cannot go back, from ${hex(open.address + open.offset)} to ${hex(address)}`;
    const hint =
      'within a section a plain number is an offset from its start: for an address, move it before the section';
    pass.tell(statement.at, message, hint);
  } else if (offset > maxOffset) pass.tell(statement.at, 'this section would take more than a terabyte');
  else open.offset = offset;
}
