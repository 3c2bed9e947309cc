/**
 * Register allocation by colouring, with coalescing of moves (George and Appel, "Iterated Register Coalescing", 1996).
 * Names follow the paper.
 */
import { addEdge, buildGraph, type Graph, isFloat } from './interference.ts';
import type { MachineFunction } from './machine.ts';
import { allocatable, firstVirtual } from './registers.ts';

export interface Coloring {
  /** Physical register of each virtual one. */
  readonly colors: ReadonlyMap<number, number>;
  /** Those that have to be kept in memory. */
  readonly spilled: readonly number[];
}

interface State {
  readonly machine: MachineFunction;
  readonly graph: Graph;
  readonly available: { readonly integer: readonly number[]; readonly float: readonly number[] };
  /** Made by earlier rounds to shorten what was spilled: spilling them again would not end. */
  readonly short: ReadonlySet<number>;
  readonly simplifyList: Set<number>;
  readonly freezeList: Set<number>;
  readonly spillList: Set<number>;
  readonly stack: number[];
  readonly onStack: Set<number>;
  readonly alias: Map<number, number>;
  readonly worklistMoves: Set<number>;
  readonly activeMoves: Set<number>;
}

const isPrecolored = (register: number): boolean => register < firstVirtual;

const limitOf = ({ machine, available }: State, register: number): number =>
  (isFloat(machine, register) ? available.float : available.integer).length;

const degree = ({ graph }: State, register: number): number =>
  isPrecolored(register) ? Number.POSITIVE_INFINITY : (graph.degrees[register] ?? 0);

function* adjacent({ graph, onStack, alias }: State, register: number): Generator<number> {
  for (const other of graph.neighbours[register] ?? []) if (!onStack.has(other) && !alias.has(other)) yield other;
}

function* nodeMoves({ graph, activeMoves, worklistMoves }: State, register: number): Generator<number> {
  for (const move of graph.movesOf.get(register) ?? [])
    if (activeMoves.has(move) || worklistMoves.has(move)) yield move;
}

const isMoveRelated = (state: State, register: number): boolean => !nodeMoves(state, register).next().done;

export function aliasOf(alias: ReadonlyMap<number, number>, register: number): number {
  let found = register;
  for (let next = alias.get(found); next !== undefined; next = alias.get(found)) found = next;
  return found;
}

function sortInto(state: State, register: number): void {
  if (degree(state, register) >= limitOf(state, register)) state.spillList.add(register);
  else if (isMoveRelated(state, register)) state.freezeList.add(register);
  else state.simplifyList.add(register);
}

function enableMoves(state: State, register: number): void {
  for (const move of nodeMoves(state, register)) {
    if (!state.activeMoves.has(move)) continue;
    state.activeMoves.delete(move);
    state.worklistMoves.add(move);
  }
}

function decrementDegree(state: State, register: number): void {
  if (isPrecolored(register)) return;
  const { degrees } = state.graph;
  const before = degrees[register] ?? 0;
  degrees[register] = before - 1;
  if (before !== limitOf(state, register)) return;
  enableMoves(state, register);
  for (const other of adjacent(state, register)) enableMoves(state, other);
  state.spillList.delete(register);
  if (isMoveRelated(state, register)) state.freezeList.add(register);
  else state.simplifyList.add(register);
}

function first(set: ReadonlySet<number>): number | undefined {
  for (const each of set) return each;
  return undefined;
}

function simplify(state: State, register: number): void {
  state.simplifyList.delete(register);
  state.stack.push(register);
  state.onStack.add(register);
  for (const other of state.graph.neighbours[register] ?? []) {
    if (!state.alias.has(other) && !state.onStack.has(other)) decrementDegree(state, other);
  }
}

function addToWorklist(state: State, register: number): void {
  if (isPrecolored(register) || isMoveRelated(state, register) || degree(state, register) >= limitOf(state, register))
    return;
  state.freezeList.delete(register);
  state.simplifyList.add(register);
}

/** George's test, for a precolored `u`: every neighbour of `v` is harmless to it. */
function mayTake(state: State, u: number, v: number): boolean {
  for (const other of adjacent(state, v)) {
    const harmless =
      degree(state, other) < limitOf(state, other) || isPrecolored(other) || state.graph.neighbours[u]?.has(other);
    if (harmless !== true) return false;
  }
  return true;
}

/** Briggs's test: the merged node has few neighbours that are hard to colour. */
function conservative(state: State, u: number, v: number): boolean {
  const limit = limitOf(state, u);
  const seen = new Set<number>();
  let hard = 0;
  for (const register of [u, v]) {
    for (const other of adjacent(state, register)) {
      if (seen.has(other)) continue;
      seen.add(other);
      if (degree(state, other) >= limit && ++hard >= limit) return false;
    }
  }
  return true;
}

function combine(state: State, u: number, v: number): void {
  const { graph, alias, freezeList, spillList } = state;
  freezeList.delete(v);
  spillList.delete(v);
  alias.set(v, u);
  graph.movesOf.set(u, [...(graph.movesOf.get(u) ?? []), ...(graph.movesOf.get(v) ?? [])]);
  graph.costs[u] = (graph.costs[u] ?? 0) + (graph.costs[v] ?? 0);
  enableMoves(state, v);
  for (const other of graph.neighbours[v] ?? []) {
    if (state.onStack.has(other) || alias.has(other)) continue;
    addEdge(graph, other, u);
    decrementDegree(state, other);
  }
  if (degree(state, u) >= limitOf(state, u) && freezeList.has(u)) {
    freezeList.delete(u);
    spillList.add(u);
  }
}

function coalesce(state: State, move: number): void {
  const { graph, alias, worklistMoves, activeMoves } = state;
  worklistMoves.delete(move);
  const found = graph.moves[move];
  if (found === undefined) return;
  const x = aliasOf(alias, found.to);
  const y = aliasOf(alias, found.from);
  const [u, v] = isPrecolored(y) ? [y, x] : [x, y];
  if (u === v) addToWorklist(state, u);
  else if (isPrecolored(v) || graph.neighbours[u]?.has(v) === true) {
    addToWorklist(state, u);
    addToWorklist(state, v);
  } else if (isPrecolored(u) ? isUsable(state, u) && mayTake(state, u, v) : conservative(state, u, v)) {
    combine(state, u, v);
    addToWorklist(state, u);
  } else activeMoves.add(move);
}

/** A physical register that may be given out at all. */
const isUsable = ({ available }: State, register: number): boolean =>
  available.integer.includes(register) || available.float.includes(register);

function freezeMoves(state: State, register: number): void {
  for (const move of [...nodeMoves(state, register)]) {
    const found = state.graph.moves[move];
    state.activeMoves.delete(move);
    state.worklistMoves.delete(move);
    if (found === undefined) continue;
    const x = aliasOf(state.alias, found.to);
    const y = aliasOf(state.alias, found.from);
    const other = y === aliasOf(state.alias, register) ? x : y;
    if (!isMoveRelated(state, other) && degree(state, other) < limitOf(state, other)) {
      state.freezeList.delete(other);
      if (!isPrecolored(other)) state.simplifyList.add(other);
    }
  }
}

function freeze(state: State, register: number): void {
  state.freezeList.delete(register);
  state.simplifyList.add(register);
  freezeMoves(state, register);
}

/** The one that is cheapest to keep in memory for the room that it makes. */
function selectSpill(state: State): void {
  let best: number | undefined;
  let bestCost = Number.POSITIVE_INFINITY;
  for (const register of state.spillList) {
    const cost = state.short.has(register)
      ? Number.MAX_VALUE
      : (state.graph.costs[register] ?? 0) / Math.max(degree(state, register), 1);
    if (best === undefined || cost < bestCost) {
      best = register;
      bestCost = cost;
    }
  }
  if (best === undefined) return;
  state.spillList.delete(best);
  state.simplifyList.add(best);
  freezeMoves(state, best);
}

/** The colour of a register that it is moved from or to saves the move. */
function preferred(state: State, register: number, colors: ReadonlyMap<number, number>): number[] {
  return (state.graph.movesOf.get(register) ?? []).flatMap((index) => {
    const move = state.graph.moves[index];
    if (move === undefined) return [];
    const to = aliasOf(state.alias, move.to);
    const other = to === register ? aliasOf(state.alias, move.from) : to;
    const color = isPrecolored(other) ? other : colors.get(other);
    return color === undefined ? [] : [color];
  });
}

function assign(state: State): Coloring {
  const { graph, stack, alias, machine, available } = state;
  const colors = new Map<number, number>();
  const spilled: number[] = [];
  for (let register = stack.pop(); register !== undefined; register = stack.pop()) {
    const taken = new Set<number>();
    for (const other of graph.neighbours[register] ?? []) {
      const real = aliasOf(alias, other);
      const color = isPrecolored(real) ? real : colors.get(real);
      if (color !== undefined) taken.add(color);
    }
    const list = isFloat(machine, register) ? available.float : available.integer;
    const wish = preferred(state, register, colors).find((each) => !taken.has(each) && list.includes(each));
    const color = wish ?? list.find((each) => !taken.has(each));
    if (color === undefined) spilled.push(register);
    else colors.set(register, color);
  }
  for (const register of alias.keys()) {
    const real = aliasOf(alias, register);
    const color = isPrecolored(real) ? real : colors.get(real);
    if (color !== undefined) colors.set(register, color);
  }
  const whole = new Set(spilled);
  for (const register of alias.keys()) if (whole.has(aliasOf(alias, register))) spilled.push(register);
  return { colors, spilled };
}

export interface ColorOptions {
  readonly short: ReadonlySet<number>;
  /** Registers that are not given out. */
  readonly reserved: ReadonlySet<number>;
  readonly coalescing: boolean;
}

export function color(machine: MachineFunction, { short, reserved, coalescing }: ColorOptions): Coloring {
  const graph = buildGraph(machine);
  const state: State = {
    machine,
    graph,
    available: {
      integer: allocatable.integer.filter((each) => !reserved.has(each)),
      float: allocatable.float,
    },
    short,
    simplifyList: new Set(),
    freezeList: new Set(),
    spillList: new Set(),
    stack: [],
    onStack: new Set(),
    alias: new Map(),
    worklistMoves: new Set(coalescing ? graph.moves.keys() : []),
    activeMoves: new Set(),
  };
  for (let register = firstVirtual; register < graph.count; register++) sortInto(state, register);
  for (;;) {
    const simple = first(state.simplifyList);
    const move = first(state.worklistMoves);
    const frozen = first(state.freezeList);
    if (simple !== undefined) simplify(state, simple);
    else if (move !== undefined) coalesce(state, move);
    else if (frozen !== undefined) freeze(state, frozen);
    else if (state.spillList.size > 0) selectSpill(state);
    else break;
  }
  return assign(state);
}
