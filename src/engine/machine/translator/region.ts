/** A region as one wasm function: blocks under structured control flow, registers in locals. */
import { helperNames } from '../../wasm/arithmetic.ts';
import { type Code, type Label, op } from '../../wasm/code.ts';
import { emitInstruction } from '../../wasm/effect.ts';
import { emitCondition, emitExpr } from '../../wasm/expression.ts';
import { floatIndex, indexOfFloat } from '../../wasm/float.ts';
import { codeText } from '../../wasm/text.ts';
import { addendAt, slotOffset } from '../emit-probe.ts';
import { entriesCountedAt, hartAt, pageBytes } from '../layout.ts';
import type { Block, PlacedInstruction } from './blocks.ts';
import { type Budget, budgetOf } from './budget.ts';
import { type Structure, structure } from './control-flow.ts';
import { type KnownBoard, type ModuleFunctions, TranslatedCode } from './environment.ts';
import { meet, nothingKnown, type PathState } from './path-state.ts';
import { type Peeled, peelEntries } from './peel.ts';
import { lowWord, pageOf, type RegionPlan } from './region-plan.ts';

const dispatcher = 0;
/** Instructions that may be there twice, so that loops have one way in. */
const mostCopied = 400;

/** `slot`: the number under which entries into the region are counted. */
export function emitRegion(plan: RegionPlan, functions: ModuleFunctions, slot: number, known: KnownBoard): Code {
  return new RegionEmitter(plan, new TranslatedCode(plan.base, plan.mode, functions, known)).emit(slot);
}

/** The same as text. */
export function regionText(plan: RegionPlan, slot: number, known: KnownBoard): string[] {
  const floats = floatIndex.map(({ format, name }) => `${format}.${name}`);
  const functions: ModuleFunctions = {
    helper: (name) => helperNames.indexOf(name),
    float: (format, name) => helperNames.length + indexOfFloat(format, name),
  };
  const translated = new TranslatedCode(plan.base, plan.mode, functions, known);
  const code = new RegionEmitter(plan, translated).emit(slot);
  return codeText(code, { locals: translated.localNames, functions: [...helperNames, ...floats] });
}

function placesAfter({ end }: Block): readonly number[] {
  if (end.kind === 'go') return [end.to];
  if (end.kind === 'branch') return [...new Set([end.taken, end.otherwise])];
  return [];
}

class RegionEmitter {
  private readonly plan: RegionPlan;
  private readonly translated: TranslatedCode;
  private readonly code: Code;
  /** Blocks by node; node 0 is the dispatcher. */
  private readonly nodeOf: ReadonlyMap<number, number>;
  private readonly graph: Peeled;
  private readonly flow: Structure;
  private readonly budget: Budget;
  private readonly labels = new Map<number, Label>();
  private readonly loops = new Map<number, Label>();
  /** What the jumps to a merge that were emitted so far have in common. */
  private readonly meetings = new Map<number, PathState>();
  /** Leads out of the region; pc says where to. */
  private exit: Label = { depth: 0 };

  constructor(plan: RegionPlan, translated: TranslatedCode) {
    this.plan = plan;
    this.translated = translated;
    this.code = translated.code;
    this.nodeOf = new Map(plan.blocks.map(({ at }, index) => [at, index + 1]));
    const after = plan.blocks.map((block) => this.nodesAt(placesAfter(block)));
    const sizes = [0, ...plan.blocks.map(({ instructions }) => instructions.length)];
    this.graph = peelEntries([this.nodesAt(plan.entries), ...after], sizes, mostCopied);
    this.flow = structure(this.graph);
    this.budget = budgetOf(
      this.flow,
      (node) => this.graph.successors[node] ?? [],
      (node) => this.blockOf(node),
    );
  }

  emit(slot: number): Code {
    const { code, translated } = this;
    translated.enter();
    this.countEntry(slot);
    const interpreted = code.local('i32');
    code.block((exit) => {
      this.exit = exit;
      code.block((interpret) => {
        translated.interpret = interpret;
        this.emitNode(dispatcher);
      });
      code.i32(1);
      code.set(interpreted);
    });
    translated.finish();
    code.get(interpreted);
    return code;
  }

  private nodesAt(places: readonly number[]): number[] {
    return places.flatMap((at) => this.nodeOf.get(at) ?? []);
  }

  private countEntry(slot: number): void {
    const { code } = this;
    code.i32(0);
    code.i32(0);
    code.memory(op.i32Load, entriesCountedAt + 4 * slot);
    code.i32(1);
    code.op(op.i32Add);
    code.memory(op.i32Store, entriesCountedAt + 4 * slot);
  }

  /** Goes on from what is known on the path that leads here. */
  private emitNode(node: number): void {
    const body = (): void => this.emitWithin(node, this.flow.mergesWithin(node));
    if (node !== dispatcher && !this.flow.isLoop(node)) return body();
    if (node !== dispatcher) this.prepareLoop(node);
    this.code.loop((label) => {
      this.loops.set(node, label);
      body();
    });
  }

  /** Registers that an innermost loop reads are in locals before it begins. */
  private prepareLoop(head: number): void {
    const body = this.flow.innermost(head);
    this.translated.settle();
    this.translated.prepare(
      body.map((node) => this.blockOf(node)),
      body.length > 0,
    );
  }

  /** The node's own code in as many blocks as there are merges in it, each with a merge's code behind. */
  private emitWithin(node: number, merges: readonly number[]): void {
    const last = merges.at(-1);
    if (last === undefined) return node === dispatcher ? this.emitDispatch() : this.emitBlock(node);
    this.code.block((label) => {
      this.labels.set(last, label);
      this.emitWithin(node, merges.slice(0, -1));
    });
    this.translated.state = this.meetings.get(last) ?? nothingKnown;
    this.emitNode(last);
  }

  private labelOf(node: number): Label {
    return this.labels.get(node) ?? this.exit;
  }

  /** Goes to the entry at pc, or leaves. */
  private emitDispatch(): void {
    const { code, translated, flow } = this;
    const places = flow.entries.map((node) => this.blockOf(node).at);
    const first = Math.min(...places);
    const targets = new Map(places.map((at, index) => [(at - first) / 2, flow.entries[index] ?? 0]));
    const count = (Math.max(...places) - first) / 2 + 1;
    for (const node of flow.entries) this.meetings.set(node, nothingKnown);
    code.get(translated.pcLocal);
    translated.place(first);
    code.op(op.i64Sub);
    code.i64(1n);
    code.op(op.i64Rotr);
    code.tee(translated.temporaries.target);
    code.i64(BigInt(count));
    code.op(op.i64GeU);
    code.brIf(this.exit);
    code.get(translated.temporaries.target);
    code.op(op.i32WrapI64);
    const table = Array.from({ length: count }, (_, index) => {
      const node = targets.get(index);
      return node === undefined ? this.exit : this.labelOf(node);
    });
    code.brTable(table, this.exit);
  }

  private blockOf(node: number): Block {
    const block = this.plan.blocks[(this.graph.origin[node] ?? 0) - 1];
    if (block === undefined) throw new RangeError(`no block ${node}`);
    return block;
  }

  private emitBlock(node: number): void {
    const block = this.blockOf(node);
    const { instructions, end, at } = block;
    const asked = this.budget.asked(node);
    if (asked !== undefined && asked > 0) this.translated.check(at, asked);
    instructions.forEach((instruction, index) => {
      this.translated.begin(instruction, instructions.slice(index + 1));
      if (index < instructions.length - 1 || end.kind === 'interpret') this.emitOne(instruction);
      else this.emitLast(instruction, block);
      this.translated.end();
    });
    this.emitEnd(node, block);
  }

  private emitOne({ row }: PlacedInstruction): void {
    emitInstruction(this.translated, row);
  }

  /** A jump to a known place leaves its target to the block's end: what remains of it is what it writes. */
  private emitLast(instruction: PlacedInstruction, { end }: Block): void {
    const { effect } = instruction.row;
    if (effect.pc === undefined || end.kind === 'computed') return this.emitOne(instruction);
    if (effect.rd === undefined) return;
    emitExpr(this.translated, effect.rd);
    this.translated.writeRd();
  }

  private emitEnd(node: number, { end }: Block): void {
    const { code, translated } = this;
    switch (end.kind) {
      case 'go':
        return this.goTo(node, end.to);
      case 'branch':
        emitCondition(translated, end.condition);
        this.beside(() => this.goTo(node, end.taken));
        return this.goTo(node, end.otherwise);
      case 'computed':
        return this.goByPc(node);
      case 'interpret':
        translated.interpretAt(end.at);
        return code.op(op.unreachable);
    }
  }

  /** Takes an i32 off the stack; if it is not zero, goes another path. */
  private beside(path: () => void): void {
    const { code, translated } = this;
    const { state } = translated;
    code.if(path);
    translated.state = state;
  }

  /** Within the page by the dispatcher; another page has to be looked up. */
  private goByPc(node: number): void {
    const { code, translated } = this;
    const page = pageOf(this.blockOf(node).at) * pageBytes;
    translated.settle();
    code.get(translated.pcLocal);
    translated.place(page);
    code.op(op.i64Sub);
    code.i64(BigInt(pageBytes));
    code.op(op.i64GeU);
    code.brIf(this.exit);
    code.br(this.loops.get(dispatcher) ?? this.exit);
  }

  private goTo(from: number, at: number): void {
    const { code, translated, flow } = this;
    const to = this.graph.successors[from]?.find((node) => this.blockOf(node).at === at);
    if (to === undefined) return this.leaveTo(at, this.exit);
    this.checkPage(this.blockOf(from).at, at);
    if (flow.dispatched(from, to)) return this.leaveTo(at, this.loops.get(dispatcher) ?? this.exit);
    if (flow.goesBack(from, to)) {
      translated.settle();
      return code.br(this.loops.get(to) ?? this.exit);
    }
    if (!flow.isMerge(to)) return this.emitNode(to);
    translated.settle();
    this.meetings.set(to, meet(this.meetings.get(to), translated.state));
    code.br(this.labelOf(to));
  }

  private leaveTo(at: number, label: Label): void {
    this.translated.settle();
    this.translated.setPc(at);
    this.code.br(label);
  }

  /** Code on another page may be there no longer: the inline TLB has to know it, at the same place in memory. */
  private checkPage(from: number, at: number): void {
    const { code, translated, plan } = this;
    const { hart } = translated;
    const page = pageOf(at);
    if (pageOf(from) === page) return;
    const address = plan.base + BigInt(page * pageBytes);
    const entry = slotOffset(hartAt.inlineFetch, lowWord(address));
    hart.load(op.i64Load, entry);
    code.i64(address);
    hart.load(op.i64Load32U, hartAt.fetchRegime);
    code.op(op.i64Or, op.i64Ne);
    hart.load(op.i32Load, entry + addendAt);
    code.i32(plan.addends.get(page) ?? 0);
    code.op(op.i32Ne, op.i32Or);
    this.beside(() => this.leaveTo(at, this.exit));
  }
}
