/** Whether two accesses may touch the same memory. */
import type { IrFunction, Slot, Value } from '../ir/ir.ts';

/** The variable that an address leads into, if that is known. */
export type Root =
  | { readonly kind: 'slot'; readonly slot: Slot }
  | { readonly kind: 'symbol'; readonly symbol: string }
  | undefined;

export interface Aliases {
  /** The slot's address is seen by something else than loads and stores. */
  escapes(slot: Slot): boolean;
  rootOf(address: Value): Root;
}

function findRoot(address: Value, depth: number, seen: Set<Value>): Root | 'any' {
  if (depth > 12) return undefined;
  if (address.op === 'slot' && address.slot !== undefined) return { kind: 'slot', slot: address.slot };
  if (address.op === 'symbol') return { kind: 'symbol', symbol: address.symbol ?? '' };
  if (address.op === 'add') {
    for (const arg of address.args) {
      const found = findRoot(arg, depth + 1, seen);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (address.op !== 'phi') return undefined;
  if (seen.has(address)) return 'any';
  seen.add(address);
  let all: Root | 'any' = 'any';
  for (const arg of address.args) {
    const found = findRoot(arg, depth + 1, seen);
    if (found === 'any') continue;
    if (found === undefined) return undefined;
    if (all === 'any') all = found;
    else if (all === undefined || !sameRoot(all, found)) return undefined;
  }
  return all;
}

const sameRoot = (a: NonNullable<Root>, b: NonNullable<Root>): boolean =>
  a.kind === 'slot' ? b.kind === 'slot' && a.slot === b.slot : b.kind === 'symbol' && a.symbol === b.symbol;

/** Slots whose address goes anywhere but into an access of its own. */
function escapingSlots(fn: IrFunction): Set<Slot> {
  const escaping = new Set<Slot>();
  const derived = new Map<Value, Slot>();
  const note = (value: Value | undefined): void => {
    const slot = value === undefined ? undefined : (value.slot ?? derived.get(value));
    if (slot !== undefined) escaping.add(slot);
  };
  for (const block of fn.blocks) {
    for (const value of block.values) {
      if (value.op === 'load') continue;
      if (value.op === 'store') note(value.args[1]);
      else if (value.op === 'add' && value.args.some((arg) => arg.slot !== undefined || derived.has(arg))) {
        const slot = value.args.map((arg) => arg.slot ?? derived.get(arg)).find((each) => each !== undefined);
        if (slot !== undefined) derived.set(value, slot);
      } else for (const arg of value.args) note(arg);
    }
    const { terminator } = block;
    if (terminator.kind === 'return') for (const value of terminator.values) note(value);
    else if (terminator.kind === 'branch') note(terminator.condition);
  }
  return escaping;
}

export function findAliases(fn: IrFunction): Aliases {
  const escaping = escapingSlots(fn);
  const roots = new Map<Value, Root>();
  return {
    escapes: (slot) => escaping.has(slot),
    rootOf(address) {
      if (roots.has(address)) return roots.get(address);
      const found = findRoot(address, 0, new Set());
      const root = found === 'any' ? undefined : found;
      roots.set(address, root);
      return root;
    },
  };
}

const overlap = (a: Value, b: Value): boolean =>
  a.imm < b.imm + BigInt(b.access?.size ?? 8) && b.imm < a.imm + BigInt(a.access?.size ?? 8);

/** `a` and `b` are loads or stores. */
export function mayAlias(aliases: Aliases, a: Value, b: Value): boolean {
  const [one] = a.args;
  const [other] = b.args;
  if (one === undefined || other === undefined) return true;
  if (one === other) return overlap(a, b);
  const left = aliases.rootOf(one);
  const right = aliases.rootOf(other);
  if (left !== undefined && right !== undefined) {
    if (!sameRoot(left, right)) return false;
    const plain = (value: Value): boolean => value.op === 'slot' || value.op === 'symbol';
    if (plain(one) && plain(other)) return overlap({ ...a, imm: a.imm + one.imm }, { ...b, imm: b.imm + other.imm });
    return true;
  }
  const known = left ?? right;
  return known?.kind === 'slot' ? aliases.escapes(known.slot) : true;
}

/** Whether a call, or assembly that says so, may change what the access reads. */
export function isSeenByCalls(aliases: Aliases, access: Value): boolean {
  const [address] = access.args;
  const root = address === undefined ? undefined : aliases.rootOf(address);
  return root?.kind === 'slot' ? aliases.escapes(root.slot) : true;
}
