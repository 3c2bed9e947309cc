/** The interference graph: registers that hold something at the same time. */
import { liveAtEnd } from './liveness.ts';
import { type Instruction, isMove, type MachineFunction } from './machine.ts';
import { allocatable, firstVirtual, isFloatRegister } from './registers.ts';

export interface Move {
  readonly to: number;
  readonly from: number;
}

export interface Graph {
  /** By register; those of physical registers are only asked, not listed. */
  readonly neighbours: Set<number>[];
  readonly degrees: number[];
  readonly moves: Move[];
  readonly movesOf: Map<number, number[]>;
  /** What it costs to keep the register in memory. */
  readonly costs: number[];
  readonly count: number;
}

const usable = new Set<number>([...allocatable.integer, ...allocatable.float]);
const isTracked = (register: number): boolean => register >= firstVirtual || usable.has(register);

export const isFloat = ({ floats }: MachineFunction, register: number): boolean =>
  register < firstVirtual ? isFloatRegister(register) : floats[register] === true;

export function addEdge(graph: Graph, a: number, b: number): void {
  if (a === b) return;
  const set = graph.neighbours[a];
  if (set === undefined || set.has(b)) return;
  set.add(b);
  graph.neighbours[b]?.add(a);
  graph.degrees[a] = (graph.degrees[a] ?? 0) + 1;
  graph.degrees[b] = (graph.degrees[b] ?? 0) + 1;
}

function addMove(graph: Graph, { defs, uses }: Instruction): void {
  const [to] = defs;
  const [from] = uses;
  if (to === undefined || from === undefined || !isTracked(to) || !isTracked(from)) return;
  const index = graph.moves.length;
  graph.moves.push({ to, from });
  for (const register of [to, from]) {
    const list = graph.movesOf.get(register);
    if (list === undefined) graph.movesOf.set(register, [index]);
    else list.push(index);
  }
}

function walk(
  machine: MachineFunction,
  graph: Graph,
  instruction: Instruction,
  live: Set<number>,
  weight: number,
): void {
  const { defs, uses, clobbers = [], early = [] } = instruction;
  if (isMove(instruction)) {
    for (const use of uses) live.delete(use);
    addMove(graph, instruction);
  }
  const written = defs.filter(isTracked);
  for (const each of written) live.add(each);
  for (const each of clobbers.length === 0 ? written : [...written, ...clobbers.filter(isTracked)]) {
    const float = isFloat(machine, each);
    for (const other of live) if (isFloat(machine, other) === float) addEdge(graph, each, other);
  }
  for (const each of early) for (const use of uses) if (isTracked(each) && isTracked(use)) addEdge(graph, each, use);
  for (const each of written) live.delete(each);
  for (const each of clobbers) live.delete(each);
  for (const def of defs) graph.costs[def] = (graph.costs[def] ?? 0) + weight;
  for (const use of uses) {
    graph.costs[use] = (graph.costs[use] ?? 0) + weight;
    if (isTracked(use)) live.add(use);
  }
}

export function buildGraph(machine: MachineFunction): Graph {
  const count = machine.nextRegister;
  const graph: Graph = {
    neighbours: Array.from({ length: count }, () => new Set<number>()),
    degrees: new Array<number>(count).fill(0),
    moves: [],
    movesOf: new Map(),
    costs: new Array<number>(count).fill(0),
    count,
  };
  const ends = liveAtEnd(machine);
  for (const block of machine.blocks) {
    const live = new Set((ends.get(block) ?? []).filter(isTracked));
    const weight = 10 ** Math.min(block.depth, 5);
    for (let index = block.instructions.length - 1; index >= 0; index--) {
      const instruction = block.instructions[index];
      if (instruction !== undefined) walk(machine, graph, instruction, live, weight);
    }
  }
  return graph;
}
