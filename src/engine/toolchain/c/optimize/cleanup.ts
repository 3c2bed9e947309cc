/** Tidies control flow: what cannot be reached goes, straight lines become one block, known branches are decided. */

import { dropNotes, joinNotes } from '../ir/debug.ts';
import { type Block, type IrFunction, resolve, resolveTerminator, successors, type Value } from '../ir/ir.ts';
import { removeTrivial } from '../ir/phi.ts';

/** Every reference names what is there now. */
export function resolveAll(fn: IrFunction): void {
  for (const block of fn.blocks) {
    for (const value of block.values) {
      const { args } = value;
      for (let index = 0; index < args.length; index++) {
        const arg = args[index];
        if (arg?.forward !== undefined) args[index] = resolve(arg);
      }
    }
    resolveTerminator(block);
  }
}

/** Takes one way from `from` to `to` out of the graph. */
function removeEdge(from: Block, to: Block): void {
  const index = to.predecessors.indexOf(from);
  if (index < 0) return;
  to.predecessors = to.predecessors.filter((_, at) => at !== index);
  for (const value of to.values) {
    if (value.op !== 'phi') break;
    value.args = value.args.filter((_, at) => at !== index);
  }
}

function reachable(fn: IrFunction): Set<Block> {
  const seen = new Set<Block>([fn.entry]);
  const stack = [fn.entry];
  for (let block = stack.pop(); block !== undefined; block = stack.pop()) {
    for (const next of successors(block)) {
      if (seen.has(next)) continue;
      seen.add(next);
      stack.push(next);
    }
  }
  return seen;
}

function removeUnreachable(fn: IrFunction): boolean {
  const seen = reachable(fn);
  const dead = fn.blocks.filter((block) => !seen.has(block));
  if (dead.length === 0) return false;
  for (const block of dead) for (const next of successors(block)) removeEdge(block, next);
  const kept = fn.blocks.filter((block) => seen.has(block));
  fn.blocks.splice(0, fn.blocks.length, ...kept);
  return true;
}

function decideBranches(fn: IrFunction): boolean {
  let changed = false;
  for (const block of fn.blocks) {
    const { terminator } = block;
    const target = decided(block);
    if (target === undefined) continue;
    for (const other of successors(block)) if (other !== target) removeEdge(block, other);
    if (terminator.kind === 'branch' && terminator.whenTrue === terminator.otherwise) removeEdge(block, target);
    block.terminator = { kind: 'jump', to: target };
    changed = true;
  }
  return changed;
}

/** Where a branch or switch always goes. */
function decided({ terminator }: Block): Block | undefined {
  if (terminator.kind === 'branch') {
    const { condition, whenTrue, otherwise } = terminator;
    if (whenTrue === otherwise) return whenTrue;
    return condition.op === 'const' ? (condition.imm !== 0n ? whenTrue : otherwise) : undefined;
  }
  if (terminator.kind !== 'switch') return undefined;
  const { value, cases, fallback } = terminator;
  if (value.op !== 'const') return cases.every(({ to }) => to === fallback) ? fallback : undefined;
  return cases.find((each) => each.value === value.imm)?.to ?? fallback;
}

/** Puts a block behind its only predecessor, where that leads nowhere else. */
function mergeLines(fn: IrFunction): boolean {
  const gone = new Set<Block>();
  for (const block of fn.blocks) {
    if (gone.has(block)) continue;
    for (;;) {
      const { terminator } = block;
      if (terminator.kind !== 'jump' || terminator.to === block) break;
      const { to } = terminator;
      if (to.predecessors.length !== 1 || to === fn.entry || gone.has(to)) break;
      absorb(block, to);
      gone.add(to);
    }
  }
  if (gone.size === 0) return false;
  const kept = fn.blocks.filter((block) => !gone.has(block));
  fn.blocks.splice(0, fn.blocks.length, ...kept);
  return true;
}

function absorb(block: Block, next: Block): void {
  joinNotes(block, next);
  for (const value of next.values) {
    const [only] = value.args;
    if (value.op === 'phi' && only !== undefined) {
      value.forward = resolve(only);
      continue;
    }
    value.block = block;
    block.values.push(value);
  }
  block.terminator = next.terminator;
  block.at = next.at;
  for (const after of successors(block)) {
    after.predecessors = after.predecessors.map((each) => (each === next ? block : each));
  }
}

function retarget(block: Block, from: Block, to: Block): void {
  const { terminator } = block;
  if (terminator.kind === 'jump') terminator.to = to;
  else if (terminator.kind === 'branch') {
    if (terminator.whenTrue === from) terminator.whenTrue = to;
    if (terminator.otherwise === from) terminator.otherwise = to;
  } else if (terminator.kind === 'switch') {
    for (const each of terminator.cases) if (each.to === from) each.to = to;
    if (terminator.fallback === from) terminator.fallback = to;
  }
}

/** A block that only jumps on is passed by. */
function skipEmpty(fn: IrFunction): boolean {
  let changed = false;
  for (const block of fn.blocks) {
    const { terminator } = block;
    if (block === fn.entry || block.values.length > 0 || terminator.kind !== 'jump') continue;
    const { to } = terminator;
    if (to === block || !canSkip(block, to)) continue;
    changed = true;
    dropNotes(block, to);
    const index = to.predecessors.indexOf(block);
    const before = block.predecessors;
    for (const previous of before) retarget(previous, block, to);
    for (const value of to.values) {
      if (value.op !== 'phi') break;
      const arg = value.args[index];
      value.args.splice(index, 1, ...before.map(() => arg ?? value));
    }
    to.predecessors.splice(index, 1, ...before);
    block.predecessors = [];
    block.terminator = { kind: 'unreachable' };
  }
  if (changed) removeUnreachable(fn);
  return changed;
}

/** No predecessor would lead to `to` twice; and a loop keeps a block of its own before it. */
function canSkip(block: Block, to: Block): boolean {
  if (block.predecessors.length === 0) return false;
  return block.predecessors.every((each) => !to.predecessors.includes(each));
}

function removePhis(fn: IrFunction): boolean {
  let changed = false;
  for (const block of fn.blocks) {
    const phis = block.values.filter(({ op }) => op === 'phi');
    for (const phi of phis) {
      phi.args = phi.args.map(resolve);
      if (removeTrivial(phi) !== phi) changed = true;
    }
  }
  return changed;
}

export function cleanUp(fn: IrFunction): void {
  for (let round = 0; round < 20; round++) {
    resolveAll(fn);
    const changes = [decideBranches(fn), removeUnreachable(fn), removePhis(fn), mergeLines(fn), skipEmpty(fn)];
    if (!changes.includes(true)) break;
  }
  resolveAll(fn);
}

/** How often each value is read. */
export function countUses(fn: IrFunction): Map<Value, number> {
  const uses = new Map<Value, number>();
  const add = (value: Value): void => void uses.set(value, (uses.get(value) ?? 0) + 1);
  for (const block of fn.blocks) {
    for (const value of block.values) for (const arg of value.args) add(arg);
    const { terminator } = block;
    if (terminator.kind === 'branch') add(terminator.condition);
    else if (terminator.kind === 'switch') add(terminator.value);
    else if (terminator.kind === 'return') for (const value of terminator.values) add(value);
  }
  return uses;
}
