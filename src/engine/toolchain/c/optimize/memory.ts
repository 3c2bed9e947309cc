/** Loads of what is known: stored or loaded before, and not changed since. And stores that nobody reads. */
import { type Block, type IrFunction, type Slot, type Value, writesMemory } from '../ir/ir.ts';
import { type Aliases, findAliases, isSeenByCalls, mayAlias } from './alias.ts';
import { type Dominators, findDominators } from './dominators.ts';

interface Known {
  /** The load or store that told. */
  readonly access: Value;
  readonly value: Value;
}

const sameAccess = (a: Value, b: Value): boolean =>
  a.args[0] === b.args[0] && a.imm === b.imm && a.access?.size === b.access?.size;

/** What the load gives, if `known` is about the same place. */
function provided(load: Value, { access, value }: Known): Value | undefined {
  if (!sameAccess(load, access) || load.type !== value.type) return undefined;
  const size = load.access?.size ?? 8;
  if (access.op === 'load') return access.access?.signed === load.access?.signed ? value : undefined;
  const whole = load.type === 'x' ? size === 8 : load.type === 'w' ? size === 4 : true;
  return whole ? value : undefined;
}

/** A small number out of a register that may hold more than was stored. */
function extended(fn: IrFunction, load: Value, { access, value }: Known): Value | undefined {
  const size = load.access?.size;
  if (access.op !== 'store' || !sameAccess(load, access) || load.type !== 'w' || value.type !== 'w') return undefined;
  if (size !== 1 && size !== 2) return undefined;
  const op = size === 1 ? (load.access?.signed ? 'sext8' : 'zext8') : load.access?.signed ? 'sext16' : 'zext16';
  return { id: fn.nextId++, op, type: 'w', args: [value], imm: 0n, block: load.block, at: load.at };
}

function afterStore(aliases: Aliases, known: readonly Known[], store: Value): Known[] {
  const rest = known.filter(({ access }) => !mayAlias(aliases, access, store));
  const [, value] = store.args;
  return value === undefined ? rest : [...rest, { access: store, value }];
}

/** Longer lists are not worth what asking them costs. */
const mostKnown = 64;

function walkBlock(fn: IrFunction, aliases: Aliases, block: Block, before: readonly Known[]): Known[] {
  let known = [...before];
  const values: Value[] = [];
  for (const value of block.values) {
    value.args = value.args.map((arg) => arg.forward ?? arg);
    if (value.op === 'load' && value.access?.volatile === false) {
      const found = known.map((each) => provided(value, each)).find((each) => each !== undefined);
      const made =
        found === undefined
          ? known.map((each) => extended(fn, value, each)).find((each) => each !== undefined)
          : undefined;
      if (made !== undefined) values.push(made);
      const result = found ?? made;
      if (result !== undefined) {
        value.forward = result;
        continue;
      }
      known.push({ access: value, value });
    } else if (value.op === 'store' && value.access?.volatile === false) known = afterStore(aliases, known, value);
    else if (writesMemory(value))
      known =
        value.op === 'store'
          ? afterVolatile(aliases, known, value)
          : known.filter(({ access }) => !isSeenByCalls(aliases, access));
    if (known.length > mostKnown) known.splice(0, known.length - mostKnown);
    values.push(value);
  }
  block.values = values;
  return known;
}

const afterVolatile = (aliases: Aliases, known: readonly Known[], store: Value): Known[] =>
  known.filter(({ access }) => !mayAlias(aliases, access, store));

export function forwardMemory(fn: IrFunction, dominators: Dominators = findDominators(fn)): void {
  const aliases = findAliases(fn);
  const ends = new Map<Block, readonly Known[]>();
  for (const block of dominators.order) {
    const [only] = block.predecessors;
    // What is known holds on where only one way leads.
    const before = block.predecessors.length === 1 && only !== undefined ? (ends.get(only) ?? []) : [];
    ends.set(block, walkBlock(fn, aliases, block, before));
  }
}

/** Stores to variables that nothing loads from. */
export function removeDeadStores(fn: IrFunction): void {
  const aliases = findAliases(fn);
  const read = new Set<Slot>();
  let unknown = false;
  for (const block of fn.blocks) {
    for (const value of block.values) {
      const [address] = value.args;
      if (value.op !== 'load' || address === undefined) continue;
      const root = aliases.rootOf(address);
      if (root?.kind === 'slot') read.add(root.slot);
      else if (root === undefined) unknown = true;
    }
  }
  for (const block of fn.blocks) {
    block.values = block.values.filter((value) => {
      const [address] = value.args;
      if (value.op !== 'store' || address === undefined || value.access?.volatile !== false) return true;
      const root = aliases.rootOf(address);
      if (root?.kind !== 'slot' || read.has(root.slot)) return true;
      // What a debugger would find there is not worth a store; it is told so.
      const kept = aliases.escapes(root.slot) || (unknown && !isDirect(address));
      if (!kept) root.slot.split = true;
      return kept;
    });
  }
}

const isDirect = ({ op }: Value): boolean => op === 'slot';
