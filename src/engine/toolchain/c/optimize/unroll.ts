/**
 * Loops of a few short rounds, as many as the source says, become straight code: what depends on the counter is known
 * then, as in a walk over the levels of a page table.
 */
import { copyNotes, type NoteCopier, settleNotes } from '../ir/debug.ts';
import { type Block, type IrFunction, newBlock, resolve, successors, terminatorValues, type Value } from '../ir/ir.ts';
import { type Dominators, findDominators } from './dominators.ts';
import { splitEdge } from './edges.ts';
import { compareConstants } from './fold.ts';
import { findLoops, type Loop, makePreheaders, retarget } from './loops.ts';

const mostRounds = 4;
/** Of all rounds together. */
const mostValues = 64;

interface Plan {
  readonly loop: Loop;
  readonly rounds: number;
  /** The block that leads into the loop, and the one at its end. */
  readonly before: Block;
  readonly end: Block;
  /** Where the loop goes on after its last round. */
  readonly exit: Block;
  /** Index of the way back among the predecessors of the header. */
  readonly back: number;
}

/** How often the loop goes round, if a counter with known numbers says so. */
function roundsOf(end: Block, header: Block, back: number): number | undefined {
  const { terminator } = end;
  if (terminator.kind !== 'branch') return undefined;
  const { condition, whenTrue } = terminator;
  const [left, right] = condition.args;
  if (left === undefined || right === undefined) return undefined;
  const tested = left.op === 'const' ? right : left;
  const phi = header.values.find(
    (each) => each.op === 'phi' && (each === tested || resolve(each.args[back] ?? each) === tested),
  );
  const start = phi?.args[1 - back];
  const next = phi === undefined ? undefined : resolve(phi.args[back] ?? phi);
  const by = next?.args[1];
  if (phi === undefined || start?.op !== 'const' || next?.op !== 'add' || next.args[0] !== phi || by?.op !== 'const')
    return undefined;
  let now = start.imm;
  for (let rounds = 1; rounds <= mostRounds; rounds++) {
    const after = BigInt.asIntN(phi.type === 'w' ? 32 : 64, now + by.imm);
    const at = (value: Value): bigint => (value === tested ? (tested === phi ? now : after) : value.imm);
    if (tested !== left && left.op !== 'const') return undefined;
    if (tested === left && right.op !== 'const') return undefined;
    const holds = compareConstants(condition.op, at(left), at(right));
    if (holds === undefined) return undefined;
    if (holds !== (whenTrue === header)) return rounds;
    now = after;
  }
  return undefined;
}

const sizeOf = ({ blocks }: Loop): number =>
  [...blocks].reduce((all, { values }) => all + values.filter(({ op }) => op !== 'const' && op !== 'phi').length, 0);

function planFor(loop: Loop): Plan | undefined {
  const { header, blocks, ends } = loop;
  const [end] = ends;
  if (end === undefined || ends.length !== 1 || header.predecessors.length !== 2) return undefined;
  // A label in assembly would be there twice.
  if ([...blocks].some(({ values }) => values.some(({ op }) => op === 'asm'))) return undefined;
  const back = header.predecessors.indexOf(end);
  const before = header.predecessors[1 - back];
  const exit = successors(end).find((each) => each !== header);
  if (before?.terminator.kind !== 'jump' || exit === undefined || blocks.has(exit)) return undefined;
  const rounds = roundsOf(end, header, back);
  if (rounds === undefined || rounds * sizeOf(loop) > mostValues) return undefined;
  return { loop, rounds, before, end, exit, back };
}

/** Values of the loop are read outside only after its last round, or by phis at its other exits. */
function staysInside(fn: IrFunction, { loop: { blocks }, exit }: Plan, dominators: Dominators): boolean {
  const fine = (value: Value, where: Block): boolean =>
    !blocks.has(resolve(value).block) || blocks.has(where) || dominators.dominates(exit, where);
  return fn.blocks.every(
    (block) =>
      blocks.has(block) ||
      (terminatorValues(block).every((value) => fine(value, block)) &&
        block.values.every(({ op, args }) =>
          args.every((arg, index) => fine(arg, op === 'phi' ? (block.predecessors[index] ?? block) : block)),
        )),
  );
}

interface Round {
  readonly blocks: ReadonlyMap<Block, Block>;
  readonly values: Map<Value, Value>;
}

const mapped = ({ values }: Round, value: Value): Value => values.get(resolve(value)) ?? resolve(value);

function copyTerminator({ terminator }: Block, round: Round): Block['terminator'] {
  const to = (block: Block): Block => round.blocks.get(block) ?? block;
  switch (terminator.kind) {
    case 'jump':
      return { kind: 'jump', to: to(terminator.to) };
    case 'branch':
      return {
        kind: 'branch',
        condition: mapped(round, terminator.condition),
        whenTrue: to(terminator.whenTrue),
        otherwise: to(terminator.otherwise),
      };
    case 'switch':
      return {
        kind: 'switch',
        value: mapped(round, terminator.value),
        cases: terminator.cases.map((each) => ({ value: each.value, to: to(each.to) })),
        fallback: to(terminator.fallback),
      };
    default:
      return terminator;
  }
}

/** Ways out of the loop other than after its last round. */
function copyExits(block: Block, made: Block, { loop, exit, end }: Plan, round: Round): void {
  for (const target of successors(block)) {
    if (loop.blocks.has(target) || (target === exit && block === end)) continue;
    const index = target.predecessors.indexOf(block);
    target.predecessors.push(made);
    for (const phi of target.values) {
      const arg = phi.op === 'phi' ? phi.args[index] : undefined;
      if (arg !== undefined) phi.args.push(mapped(round, arg));
    }
  }
}

/** Scopes and variables are those of the loop itself. */
const noteCopier = (round: Round): NoteCopier => ({
  scopes: { place: (at) => at, variable: (variable) => variable },
  value: (value) => mapped(round, value),
  copyOf: (value) => round.values.get(value),
  slot: (slot) => slot,
});

/** One round, with what the phis of the header are in it. */
function copyRound(fn: IrFunction, plan: Plan, phis: ReadonlyMap<Value, Value>): Round {
  const { loop } = plan;
  const inOrder = fn.blocks.filter((block) => loop.blocks.has(block));
  const round: Round = { blocks: new Map(inOrder.map((block) => [block, newBlock(fn)])), values: new Map(phis) };
  for (const [block, made] of round.blocks) {
    made.at = block.at;
    for (const value of block.values) {
      if (phis.has(value)) continue;
      const previous = made.values.at(-1) ?? made;
      const copy: Value = { ...value, id: fn.nextId++, block: made, args: [...value.args], previous };
      round.values.set(value, copy);
      made.values.push(copy);
    }
  }
  for (const [block, made] of round.blocks) {
    for (const value of made.values) value.args = value.args.map((arg) => mapped(round, arg));
    made.predecessors = block.predecessors.map((each) => round.blocks.get(each) ?? each);
    made.terminator = copyTerminator(block, round);
    copyExits(block, made, plan, round);
    copyNotes(noteCopier(round), block, made);
  }
  fn.blocks.splice(fn.blocks.indexOf(loop.header), 0, ...round.blocks.values());
  return round;
}

function unroll(fn: IrFunction, plan: Plan): void {
  const { loop, rounds, before, end, exit, back } = plan;
  const { header } = loop;
  const phis = header.values.filter(({ op }) => op === 'phi');
  for (const block of loop.blocks) settleNotes(block);
  let now = new Map(phis.map((phi): [Value, Value] => [phi, resolve(phi.args[1 - back] ?? phi)]));
  let last = before;
  for (let count = 1; count < rounds; count++) {
    const round = copyRound(fn, plan, now);
    const first = round.blocks.get(header) ?? header;
    const tail = round.blocks.get(end) ?? end;
    if (last === before) retarget(before, header, first);
    else last.terminator = { kind: 'jump', to: first };
    first.predecessors = [last];
    tail.terminator = { kind: 'jump', to: header };
    now = new Map(phis.map((phi): [Value, Value] => [phi, mapped(round, phi.args[back] ?? phi)]));
    last = tail;
  }
  header.predecessors = [last];
  header.values = header.values.filter((value) => !now.has(value));
  for (const [phi, value] of now) phi.forward = value;
  end.terminator = { kind: 'jump', to: exit };
}

/** Loops in loops are looked at again, until nothing is short enough. */
const mostLoops = 8;

export function unrollShort(fn: IrFunction): boolean {
  let changed = false;
  const refused = new Set<Block>();
  for (let count = 0; count < mostLoops; count++) {
    makePreheaders(fn);
    const plan = findLoops(fn)
      .flatMap((loop) => planFor(loop) ?? [])
      .find((each) => !refused.has(each.loop.header));
    if (plan === undefined) return changed;
    refused.add(plan.loop.header);
    const alone = plan.exit.predecessors.length === 1;
    const middle = alone ? plan.exit : splitEdge(fn, plan.end, plan.exit);
    if (!alone) fn.blocks.splice(fn.blocks.indexOf(plan.end) + 1, 0, middle);
    const whole: Plan = { ...plan, exit: middle };
    if (!staysInside(fn, whole, findDominators(fn))) continue;
    unroll(fn, whole);
    changed = true;
  }
  return changed;
}
