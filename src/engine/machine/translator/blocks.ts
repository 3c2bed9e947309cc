/**
 * Which code belongs to a region: basic blocks that control flow reaches from its entries without a computed jump, by
 * the instruction rows alone. Places are numbers of bytes from the region's base, the beginning of a virtual page.
 */
import { evaluate } from '../../isa/evaluate.ts';
import type { Expr } from '../../isa/expression.ts';
import type { Instruction } from '../../isa/instruction.ts';
import { type Decoded, lengthOf, type Operands } from '../../isa/instructions.ts';
import { pageBytes } from '../layout.ts';

export interface PlacedInstruction {
  readonly at: number;
  readonly word: number;
  readonly row: Instruction;
  /** Under the names that the row's effect has for them. */
  readonly operands: Operands;
}

export type BlockEnd =
  /** Goes on at a place, whether an instruction says so or not. */
  | { readonly kind: 'go'; readonly to: number }
  | { readonly kind: 'branch'; readonly condition: Expr; readonly taken: number; readonly otherwise: number }
  /** The last instruction computes where to. */
  | { readonly kind: 'computed' }
  /** What follows is left to the interpreter. */
  | { readonly kind: 'interpret'; readonly at: number };

export interface Block {
  readonly at: number;
  /** Those that are carried out; a jump to a known place, with a register to write or not, is among them. */
  readonly instructions: readonly PlacedInstruction[];
  readonly end: BlockEnd;
}

/** Code as it is mapped when a region is made. */
export interface CodeView {
  /** Virtual address of the base. */
  readonly base: bigint;
  /** The two bytes at a place, or undefined where no page is mapped for fetches. */
  parcel(at: number): number | undefined;
  /** With the operands under the names that the row's effect has for them. */
  decode(word: number): Decoded | undefined;
  /** Whether the row's instructions can be translated, with these operands. */
  translates(row: Instruction, operands: Operands): boolean;
}

export interface Discovered {
  readonly blocks: readonly Block[];
  /** Places from which the region may be entered: those asked for, and those that calls come back to. */
  readonly entries: readonly number[];
}

/** A region is no larger, so that compiling it takes a few milliseconds at most. */
const mostInstructions = 1024;
/** Few entries lead to little code: what is far from all of them does not run often. */
const fewInstructions = 128;
const instructionsByEntry = 64;
/** A block has to be affordable in full, or it is interpreted. */
const longestBlock = 64;

const inPage = (at: number): number => ((at % pageBytes) + pageBytes) % pageBytes;

const onBasePage = (at: number): boolean => at >= 0 && at < pageBytes;

type Flow = 'next' | BlockEnd;

interface Step {
  readonly instruction: PlacedInstruction;
  readonly flow: Flow;
  readonly after: number;
}

/** Where an expression for pc leads to, or undefined if registers decide. */
function placeOf(expr: Expr, { base }: CodeView, at: number, after: number, operands: Operands): number | undefined {
  if (!isFixed(expr)) return undefined;
  const target = evaluate(expr, {
    ...nothing,
    field: (name) => BigInt(operands[name] ?? 0),
    pc: BigInt.asUintN(64, base + BigInt(at)),
    next: BigInt.asUintN(64, base + BigInt(after)),
  });
  return Number(BigInt.asIntN(64, target - base));
}

const nothing = {
  register: () => 0n,
  memory: 0n,
  rounding: 0,
  raise: () => {},
  load: () => 0n,
} as const;

function isFixed(expr: Expr): boolean {
  if (expr.op === 'register' || expr.op === 'load' || expr.op === 'memory') return false;
  if ('a' in expr && !isFixed(expr.a)) return false;
  return !('b' in expr) || isFixed(expr.b);
}

function flowOf(view: CodeView, instruction: PlacedInstruction, after: number): Flow {
  const { at, operands } = instruction;
  const { pc } = instruction.row.effect;
  if (pc === undefined) return 'next';
  const place = (expr: Expr): number | undefined => placeOf(expr, view, at, after, operands);
  if (pc.op === 'select') {
    const taken = place(pc.a);
    const otherwise = place(pc.b);
    if (taken === undefined || otherwise === undefined) return { kind: 'computed' };
    return { kind: 'branch', condition: pc.condition, taken, otherwise };
  }
  const to = place(pc);
  return to === undefined ? { kind: 'computed' } : { kind: 'go', to };
}

/** Undefined where the interpreter has to do it: outside of what is mapped, across pages, or not translated. */
function stepAt(view: CodeView, at: number): Step | undefined {
  const low = view.parcel(at);
  if (low === undefined) return undefined;
  const bytes = lengthOf(low);
  if (inPage(at) + bytes > pageBytes) return undefined;
  const word = bytes === 2 ? low : low | ((view.parcel(at + 2) ?? 0) << 16);
  const decoded = view.decode(word);
  if (decoded === undefined || !view.translates(decoded.row, decoded.operands)) return undefined;
  const instruction = { at, word, row: decoded.row, operands: decoded.operands };
  return { instruction, flow: flowOf(view, instruction, at + bytes), after: at + bytes };
}

const links = ({ operands, row }: PlacedInstruction): boolean =>
  row.effect.rd !== undefined && (operands.rd ?? 0) !== 0;

class Discovery {
  readonly steps = new Map<number, Step | undefined>();
  readonly leaders = new Set<number>();
  readonly entries: Set<number>;
  private readonly view: CodeView;
  private readonly most: number;
  private readonly near: number[] = [];
  /** Functions on the same page that are called; they come last. */
  private readonly far: number[] = [];

  constructor(view: CodeView, entries: readonly number[]) {
    this.view = view;
    this.entries = new Set(entries);
    this.most = Math.min(mostInstructions, fewInstructions + instructionsByEntry * entries.length);
    for (const entry of entries) this.lead(entry, this.near);
  }

  run(): void {
    for (;;) {
      const at = this.near.shift() ?? this.far.shift();
      if (at === undefined || this.steps.size >= this.most) return;
      this.follow(at);
    }
  }

  private lead(at: number, queue: number[]): void {
    if (this.leaders.has(at)) return;
    this.leaders.add(at);
    queue.push(at);
  }

  private follow(from: number): void {
    let at = from;
    while (!this.steps.has(at) && this.steps.size < this.most) {
      const step = stepAt(this.view, at);
      this.steps.set(at, step);
      if (step === undefined) return;
      if (step.flow !== 'next') {
        this.branchOff(step);
        return;
      }
      at = step.after;
      if (inPage(at) === 0) this.leaders.add(at);
    }
  }

  private branchOff({ instruction, flow, after }: Step): void {
    if (flow === 'next' || flow.kind === 'interpret') return;
    const calls = flow.kind !== 'branch' && links(instruction);
    if (calls) {
      this.entries.add(after);
      this.lead(after, this.near);
    }
    if (flow.kind === 'go' && !calls) this.lead(flow.to, this.near);
    else if (flow.kind === 'go' && onBasePage(flow.to)) this.lead(flow.to, this.far);
    if (flow.kind === 'branch') {
      this.lead(flow.otherwise, this.near);
      this.lead(flow.taken, this.near);
    }
  }
}

function blockAt(at: number, { steps, leaders }: Discovery): Block | undefined {
  if (!steps.has(at)) return undefined;
  const instructions: PlacedInstruction[] = [];
  let place = at;
  for (;;) {
    const step = steps.get(place);
    if (step === undefined) {
      const end: BlockEnd = steps.has(place) ? { kind: 'interpret', at: place } : { kind: 'go', to: place };
      return { at, instructions, end };
    }
    if (instructions.length === longestBlock) {
      leaders.add(place);
      return { at, instructions, end: { kind: 'go', to: place } };
    }
    instructions.push(step.instruction);
    if (step.flow !== 'next') return { at, instructions, end: step.flow };
    place = step.after;
    if (leaders.has(place)) return { at, instructions, end: { kind: 'go', to: place } };
  }
}

export function discover(view: CodeView, asked: readonly number[]): Discovered {
  const discovery = new Discovery(view, asked);
  discovery.run();
  const blocks: Block[] = [];
  // Leaders that are added on the way, where a block is cut in two, come behind.
  for (const leader of discovery.leaders) {
    const block = blockAt(leader, discovery);
    if (block !== undefined) blocks.push(block);
  }
  const known = new Set(blocks.map(({ at }) => at));
  return { blocks, entries: [...discovery.entries].filter((entry) => known.has(entry)) };
}
