/** Computes before a loop what is the same in every round of it. */
import { type Block, type IrFunction, isPure, type Value, writesMemory } from '../ir/ir.ts';
import { type Aliases, findAliases, isSeenByCalls, mayAlias } from './alias.ts';
import { type Dominators, findDominators } from './dominators.ts';
import { findLoops, type Loop, makePreheaders, preheaderOf } from './loops.ts';

interface LoopMemory {
  readonly stores: readonly Value[];
  readonly calls: boolean;
}

function memoryOf({ blocks }: Loop): LoopMemory {
  const writers = [...blocks].flatMap(({ values }) => values.filter(writesMemory));
  return { stores: writers.filter(({ op }) => op === 'store'), calls: writers.some(({ op }) => op !== 'store') };
}

/** The load reads the same in every round. */
function isStable(aliases: Aliases, load: Value, { stores, calls }: LoopMemory): boolean {
  if (load.access?.volatile !== false || (calls && isSeenByCalls(aliases, load))) return false;
  return !stores.some((store) => mayAlias(aliases, load, store));
}

/** A load may be done early where it is done in any case, or can do no harm. */
function isSafe(dominators: Dominators, { header, ends }: Loop, load: Value): boolean {
  const [address] = load.args;
  if (address?.op === 'slot' || address?.op === 'symbol') return true;
  return (
    load.block === header ||
    ends.every((end) => dominators.dominates(load.block, end) && dominators.dominates(load.block, header))
  );
}

function hoist(fn: IrFunction, aliases: Aliases, dominators: Dominators, loop: Loop): void {
  const before = preheaderOf(fn, loop);
  const memory = memoryOf(loop);
  const outside = (value: Value): boolean => !loop.blocks.has(value.block);
  for (const block of dominators.order) {
    if (!loop.blocks.has(block)) continue;
    const kept: Value[] = [];
    for (const value of block.values) {
      const load = value.op === 'load' && isSafe(dominators, loop, value) && isStable(aliases, value, memory);
      if ((isPure(value) || load) && value.args.every(outside)) move(value, before);
      else kept.push(value);
    }
    block.values = kept;
  }
}

function move(value: Value, to: Block): void {
  value.block = to;
  to.values.push(value);
}

export function hoistInvariants(fn: IrFunction): void {
  makePreheaders(fn);
  const dominators = findDominators(fn);
  const loops = findLoops(fn, dominators);
  if (loops.length === 0) return;
  const aliases = findAliases(fn);
  for (const loop of loops) hoist(fn, aliases, dominators, loop);
}
