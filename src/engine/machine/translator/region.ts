/** A region as one wasm function: blocks under structured control flow, registers in locals. */
import { type Code, type Label, op } from '../../wasm/code.ts';
import { emitInstruction } from '../../wasm/effect.ts';
import { emitCondition, emitExpr } from '../../wasm/expression.ts';
import { addendAt, slotOffset } from '../emit-probe.ts';
import { entriesCountedAt, hartAt, pageBytes } from '../layout.ts';
import type { Block, PlacedInstruction } from './blocks.ts';
import { type Structure, structure } from './control-flow.ts';
import { type ModuleFunctions, TranslatedCode } from './environment.ts';
import { lowWord, pageOf, type RegionPlan } from './region-plan.ts';

const hart = 0;
const dispatcher = 0;

/** `slot`: the number under which entries into the region are counted. */
export function emitRegion(plan: RegionPlan, functions: ModuleFunctions, slot: number): Code {
  return new RegionEmitter(plan, functions).emit(slot);
}

function successorsOf({ end }: Block): readonly number[] {
  if (end.kind === 'go') return [end.to];
  if (end.kind === 'branch') return [...new Set([end.taken, end.otherwise])];
  return [];
}

/** Integer registers by their part in an instruction; x0 is none. */
function registersOf({ row, operands }: PlacedInstruction): { readonly used: number[]; readonly written: number[] } {
  const { rs1 = 0, rs2 = 0, rd = 0 } = operands;
  const writes = row.effect.rd !== undefined || row.effect.does !== undefined;
  const written = writes && rd !== 0 ? [rd] : [];
  return { used: [rs1, rs2].filter((register) => register !== 0), written };
}

class RegionEmitter {
  private readonly plan: RegionPlan;
  private readonly translated: TranslatedCode;
  private readonly code: Code;
  /** Blocks by node; node 0 is the dispatcher. */
  private readonly nodeOf: ReadonlyMap<number, number>;
  private readonly flow: Structure;
  private readonly labels = new Map<number, Label>();
  private readonly loops = new Map<number, Label>();
  /** Leads out of the region; pc says where to. */
  private exit: Label = { depth: 0 };

  constructor(plan: RegionPlan, functions: ModuleFunctions) {
    this.plan = plan;
    this.translated = new TranslatedCode(plan.base, plan.mode, functions);
    this.code = this.translated.code;
    this.nodeOf = new Map(plan.blocks.map(({ at }, index) => [at, index + 1]));
    const nodes = (places: readonly number[]): number[] => places.flatMap((at) => this.nodeOf.get(at) ?? []);
    this.flow = structure({
      successors: [nodes(plan.entries), ...plan.blocks.map((block) => nodes(successorsOf(block)))],
    });
  }

  emit(slot: number): Code {
    const { code, translated } = this;
    const registers = this.plan.blocks.flatMap(({ instructions }) => instructions.map(registersOf));
    const written = new Set(registers.flatMap((each) => each.written));
    translated.enter(new Set([...written, ...registers.flatMap((each) => each.used)]));
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
    translated.finish(written);
    code.get(interpreted);
    return code;
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

  private emitNode(node: number): void {
    const body = (): void => this.emitWithin(node, this.flow.mergesWithin(node));
    if (node !== dispatcher && !this.flow.isLoop(node)) return body();
    this.code.loop((label) => {
      this.loops.set(node, label);
      body();
    });
  }

  /** The node's own code in as many blocks as there are merges in it, each with a merge's code behind. */
  private emitWithin(node: number, merges: readonly number[]): void {
    const last = merges.at(-1);
    if (last === undefined) return node === dispatcher ? this.emitDispatch() : this.emitBlock(node);
    this.code.block((label) => {
      this.labels.set(last, label);
      this.emitWithin(node, merges.slice(0, -1));
    });
    this.emitNode(last);
  }

  private labelOf(node: number): Label {
    return this.labels.get(node) ?? this.exit;
  }

  /** Goes to the entry at pc, or leaves. */
  private emitDispatch(): void {
    const { code, translated } = this;
    const places = this.flow.entries.map((node) => this.blockOf(node).at);
    const first = Math.min(...places);
    const targets = new Map(places.map((at, index) => [(at - first) / 2, this.flow.entries[index] ?? 0]));
    const count = (Math.max(...places) - first) / 2 + 1;
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
    const block = this.plan.blocks[node - 1];
    if (block === undefined) throw new RangeError(`no block ${node}`);
    return block;
  }

  private emitBlock(node: number): void {
    const block = this.blockOf(node);
    const { instructions, end } = block;
    this.charge(block);
    instructions.forEach((instruction, index) => {
      this.translated.begin(instruction, instructions.length - index);
      if (index < instructions.length - 1 || end.kind === 'interpret') this.emitOne(instruction);
      else this.emitLast(instruction, block);
    });
    this.emitEnd(node, block);
  }

  /** A block that cannot be afforded in full is interpreted. */
  private charge({ at, instructions }: Block): void {
    const { code, translated } = this;
    if (instructions.length === 0) return;
    code.get(translated.remaining);
    code.i32(instructions.length);
    code.op(op.i32Sub);
    code.tee(translated.remaining);
    code.i32(0);
    code.op(op.i32LtS);
    code.if(() => translated.interpretAt(at, instructions.length));
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
        code.if(() => this.goTo(node, end.taken));
        return this.goTo(node, end.otherwise);
      case 'computed':
        return this.goByPc(node);
      case 'interpret':
        return translated.interpretAt(end.at, 0);
    }
  }

  /** Within the page by the dispatcher; another page has to be looked up. */
  private goByPc(node: number): void {
    const { code, translated } = this;
    const page = pageOf(this.blockOf(node).at) * pageBytes;
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
    const to = this.nodeOf.get(at);
    if (to === undefined) {
      translated.setPc(at);
      return code.br(this.exit);
    }
    this.checkPage(this.blockOf(from).at, at);
    if (flow.dispatched(from, to)) {
      translated.setPc(at);
      return code.br(this.loops.get(dispatcher) ?? this.exit);
    }
    if (flow.goesBack(from, to)) return code.br(this.loops.get(to) ?? this.exit);
    if (flow.isMerge(to)) return code.br(this.labelOf(to));
    this.emitNode(to);
  }

  /** Code on another page may be there no longer: the inline TLB has to know it, at the same place in memory. */
  private checkPage(from: number, at: number): void {
    const { code, translated, plan } = this;
    const page = pageOf(at);
    if (pageOf(from) === page) return;
    const address = plan.base + BigInt(page * pageBytes);
    const entry = slotOffset(hartAt.inlineFetch, lowWord(address));
    code.get(hart);
    code.memory(op.i64Load, entry);
    code.i64(address);
    code.get(translated.fetchRegime);
    code.op(op.i64Or, op.i64Ne);
    code.get(hart);
    code.memory(op.i32Load, entry + addendAt);
    code.i32(plan.addends.get(page) ?? 0);
    code.op(op.i32Ne, op.i32Or);
    code.if(() => {
      translated.setPc(at);
      code.br(this.exit);
    });
  }
}
