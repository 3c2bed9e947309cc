/**
 * Which variables can be found where, before each instruction. Runs when every virtual register has its physical one, but
 * instructions still name the virtual ones: a physical register holds a value from its definition until something else
 * is put into it. At joins only what all ways agree on is known.
 */
import type { Part, Variable } from '../ir/debug.ts';
import type { Slot } from '../ir/ir.ts';
import { type Instruction, isMove, type MachineBlock, type MachineFunction, successorsOf } from './machine.ts';
import { firstVirtual } from './registers.ts';
import type { Binding, Source } from './sources.ts';

/** As `Source`, with physical registers. */
export interface Known {
  readonly variable: Variable;
  readonly part: Part | undefined;
  readonly source: Source;
  /** Equal for the same place. */
  readonly key: string;
}

export type Variables = ReadonlyMap<string, Known>;

interface Bound extends Binding {
  readonly source: Source;
  readonly key: string;
}

interface State {
  readonly bindings: Map<string, Bound>;
  /** By physical register, or slot of a spilled one: the virtual registers whose value it holds. */
  readonly held: Map<number | Slot, readonly number[]>;
}

interface Tracker {
  readonly machine: MachineFunction;
  readonly colors: ReadonlyMap<number, number>;
  readonly variables: Map<Variable, number>;
  readonly slots: Map<Slot, number>;
}

const numberIn = <T>(map: Map<T, number>, item: T): number => {
  const known = map.get(item) ?? map.size;
  map.set(item, known);
  return known;
};

function keyOf({ slots }: Tracker, source: Source): string {
  switch (source.kind) {
    case 'register':
      return `r${source.register}+${source.plus}`;
    case 'number':
      return `n${source.value}`;
    case 'float':
      return `f${source.value}/${source.size}`;
    case 'address':
      return `a${numberIn(slots, source.slot)}+${source.offset}`;
    case 'symbol':
      return `s${source.symbol}+${source.offset}`;
    case 'memory':
      return `m${numberIn(slots, source.slot)}`;
  }
}

const nameOf = ({ variables }: Tracker, variable: Variable, part: Part | undefined): string =>
  `${numberIn(variables, variable)}:${part === undefined ? '' : `${part.offset}/${part.size}`}`;

const physical = ({ colors }: Tracker, register: number): number =>
  register < firstVirtual ? register : (colors.get(register) ?? -1);

/** The slot that a register is kept in, if it is. */
const homeOf = ({ machine }: Tracker, register: number): Slot | undefined => machine.homes.get(register)?.slot;

function bind(tracker: Tracker, { bindings }: State, binding: Binding): void {
  const { variable, part, source } = binding;
  if (part === undefined) {
    const prefix = nameOf(tracker, variable, undefined);
    for (const name of bindings.keys()) if (name.startsWith(prefix)) bindings.delete(name);
  }
  const name = nameOf(tracker, variable, part);
  if (source === undefined) bindings.delete(name);
  else bindings.set(name, { ...binding, source, key: keyOf(tracker, source) });
}

/** A register gets a new value: what was bound to the old one is known no longer. */
function define({ bindings, held }: State, register: number, place: number | Slot, copies: boolean): void {
  for (const [name, { source }] of bindings)
    if (source.kind === 'register' && source.register === register) bindings.delete(name);
  const others = copies ? (held.get(place) ?? []).filter((each) => each !== register) : [];
  held.set(place, [...others, register]);
}

function apply(tracker: Tracker, state: State, instruction: Instruction): void {
  const { format, binding, defs, clobbers = [], slot } = instruction;
  if (format === 'note') {
    if (binding !== undefined) bind(tracker, state, binding);
    return;
  }
  const spilled = format === 'store' && slot !== undefined ? tracker.machine.spilled.get(slot) : undefined;
  if (spilled !== undefined && slot !== undefined) define(state, spilled, slot, false);
  for (const clobber of clobbers) state.held.delete(clobber);
  const [to] = defs;
  const [from] = instruction.uses;
  const same =
    isMove(instruction) && from !== undefined && to !== undefined && physical(tracker, to) === physical(tracker, from);
  for (const def of defs) define(state, def, physical(tracker, def), same);
}

/** The binding as it can be read now; undefined if the register holds something else. */
function readable(tracker: Tracker, { held }: State, { variable, part, source, key }: Bound): Known | undefined {
  if (source.kind !== 'register') return { variable, part, source, key };
  const { register, plus } = source;
  const home = tracker.machine.homes.get(register);
  if (home?.again !== undefined) return again(tracker, { variable, part }, home.again, plus);
  const slot = homeOf(tracker, register);
  const place = slot ?? physical(tracker, register);
  if (held.get(place)?.includes(register) !== true) return undefined;
  const made: Source =
    slot === undefined ? { kind: 'register', register: physical(tracker, register), plus } : { kind: 'memory', slot };
  if (slot !== undefined && plus !== 0n) return undefined;
  return { variable, part, source: made, key: keyOf(tracker, made) };
}

/** A register that is computed anew wherever it is needed. */
function again(
  tracker: Tracker,
  about: Pick<Known, 'variable' | 'part'>,
  { format, imm, slot, symbol }: Instruction,
  plus: bigint,
): Known | undefined {
  const source: Source | undefined =
    format === 'li'
      ? { kind: 'number', value: imm + plus }
      : format === 'address' && symbol !== undefined
        ? { kind: 'symbol', symbol, offset: imm + plus }
        : slot === undefined
          ? undefined
          : { kind: 'address', slot, offset: imm + plus };
  return source && { ...about, source, key: keyOf(tracker, source) };
}

function present(tracker: Tracker, state: State, before: Variables): Variables {
  const found = new Map<string, Known>();
  let same = true;
  for (const [name, bound] of state.bindings) {
    const known = readable(tracker, state, bound);
    if (known === undefined) continue;
    found.set(name, known);
    if (before.get(name)?.key !== known.key) same = false;
  }
  return same && found.size === before.size ? before : found;
}

const copy = ({ bindings, held }: State): State => ({ bindings: new Map(bindings), held: new Map(held) });

/** Takes away what the other does not agree on; whether anything went. */
function meet(into: State, other: State): boolean {
  let changed = false;
  for (const [name, { key }] of into.bindings) {
    if (other.bindings.get(name)?.key === key) continue;
    into.bindings.delete(name);
    changed = true;
  }
  for (const [place, registers] of into.held) {
    const theirs = other.held.get(place) ?? [];
    const kept = registers.filter((each) => theirs.includes(each));
    if (kept.length === registers.length) continue;
    into.held.set(place, kept);
    changed = true;
  }
  return changed;
}

/** Arguments are where the caller put them. */
function entryState(tracker: Tracker): State {
  const state: State = { bindings: new Map(), held: new Map() };
  for (const binding of tracker.machine.entry) {
    bind(tracker, state, binding);
    if (binding.source?.kind === 'register') state.held.set(binding.source.register, [binding.source.register]);
  }
  return state;
}

function solve(tracker: Tracker): Map<MachineBlock, State> {
  const [entry] = tracker.machine.blocks;
  const starts = new Map<MachineBlock, State>();
  if (entry === undefined) return starts;
  starts.set(entry, entryState(tracker));
  const queue = new Set([entry]);
  for (const block of queue) {
    queue.delete(block);
    const start = starts.get(block);
    if (start === undefined) continue;
    const state = copy(start);
    for (const instruction of block.instructions) apply(tracker, state, instruction);
    for (const next of successorsOf(block)) {
      const known = starts.get(next);
      if (known === undefined) starts.set(next, copy(state));
      else if (!meet(known, state)) continue;
      queue.add(next);
    }
  }
  return starts;
}

/** What is still known when these registers have been written. */
export function withoutRegisters(variables: Variables, registers: readonly number[]): Variables {
  const gone = ({ source }: Known): boolean => source.kind === 'register' && registers.includes(source.register);
  if (![...variables.values()].some(gone)) return variables;
  return new Map([...variables].filter(([, known]) => !gone(known)));
}

const nothing: Variables = new Map();

/** Tells each instruction what is known before it, and takes the notes out. */
export function trackVariables(machine: MachineFunction, colors: ReadonlyMap<number, number>): void {
  const tracker: Tracker = { machine, colors, variables: new Map(), slots: new Map() };
  const starts = solve(tracker);
  for (const block of machine.blocks) {
    const state = starts.get(block);
    if (state === undefined) continue;
    mark(tracker, block, state);
  }
}

/** A variable has its new value without any instruction: whoever stopped here would be behind the assignment. */
const isDone = ({ binding }: Instruction): boolean => binding?.source !== undefined && binding.source.kind !== 'memory';

/** Moves within one physical register are about to go: a statement begins behind them. */
function mark(tracker: Tracker, block: MachineBlock, state: State): void {
  let known = nothing;
  let statement: Instruction['statement'];
  for (const instruction of block.instructions) {
    if (instruction.format === 'note')
      statement = isDone(instruction) ? undefined : (instruction.statement ?? statement);
    else {
      known = present(tracker, state, known);
      instruction.variables = known;
      const [to = 0] = instruction.defs;
      const [from = 0] = instruction.uses;
      const goes = isMove(instruction) && physical(tracker, to) === physical(tracker, from);
      if (!goes && statement !== undefined) {
        instruction.statement = statement;
        statement = undefined;
      }
    }
    apply(tracker, state, instruction);
    // Even where the same is known behind a call, it was not known during it.
    if (instruction.format === 'call') known = nothing;
  }
  block.instructions = block.instructions.filter(({ format }) => format !== 'note');
}
