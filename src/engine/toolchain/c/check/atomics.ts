/** `__atomic_*` and `__sync_*` (GCC manual, "Built-in Functions for Memory Model Aware Atomic Operations"). */
import type { Expression } from '../parse/syntax.ts';
import { sizeOf } from '../types/layout.ts';
import { quoteType } from '../types/show.ts';
import { boolType, type CType, isInteger, isPointer, unqualified, voidType } from '../types/types.ts';
import { builtinNode, type Rule } from './builtins.ts';
import { type Checker, fail } from './checker.ts';
import { assignTo, convertTo } from './convert.ts';
import type { Typed } from './tree.ts';
import { rvalue } from './values.ts';

type CallNode = Expression & { readonly kind: 'call' };

interface Target {
  readonly pointer: Typed;
  /** Of the object. */
  readonly type: CType;
}

/** The pointer that is the first argument; a broken node after a report. */
function targetOf(checker: Checker, node: CallNode, bytesToo: boolean): Target | Typed {
  const [first] = node.args;
  if (first === undefined) return fail(checker, node.at, 'the address of the object is missing');
  const pointer = rvalue(checker, first);
  if (pointer.type.kind === 'broken') return pointer;
  const type = isPointer(pointer.type) ? unqualified(pointer.type.to) : voidType;
  if (!isInteger(type) && !isPointer(type)) {
    return fail(
      checker,
      first.at,
      `an atomic operation needs a pointer to an integer or pointer, not ${quoteType(pointer.type)}`,
    );
  }
  const size = sizeOf(type) ?? 0;
  if (size >= 4 || bytesToo) return { pointer, type };
  const hint = 'use an object of 4 or 8 bytes';
  return fail(
    checker,
    first.at,
    `the processor has no such atomic operation on ${size} byte${size === 1 ? '' : 's'}`,
    hint,
  );
}

const isTyped = (found: Target | Typed): found is Typed => 'kind' in found;

function operand(checker: Checker, node: CallNode, index: number, type: CType): Typed {
  const given = node.args[index];
  if (given === undefined) return fail(checker, node.at, 'an argument is missing');
  const value = rvalue(checker, given);
  if (isPointer(type) && isInteger(value.type)) return convertTo(value, type);
  return assignTo(checker, value, type, { what: `argument ${index + 1}`, at: given.at });
}

const load: Rule = (checker, node) => {
  const target = targetOf(checker, node, true);
  return isTyped(target) ? target : builtinNode('atomic_load', [target.pointer], target.type, node);
};

const store: Rule = (checker, node) => {
  const target = targetOf(checker, node, true);
  if (isTyped(target)) return target;
  return builtinNode('atomic_store', [target.pointer, operand(checker, node, 1, target.type)], voidType, node);
};

/** An AMO that gives the old value. */
const fetch =
  (name: string): Rule =>
  (checker, node) => {
    const target = targetOf(checker, node, false);
    if (isTyped(target)) return target;
    return builtinNode(name, [target.pointer, operand(checker, node, 1, target.type)], target.type, node);
  };

/** The same, giving the new value. */
const update =
  (name: string, op: string): Rule =>
  (checker, node) =>
    fetchThen(checker, node, name, op);

function fetchThen(checker: Checker, node: CallNode, name: string, op: string): Typed {
  const found = fetch(name)(checker, node);
  return found.kind === 'builtin' ? { ...found, name: `${name}_then${op}` } : found;
}

const exchange: Rule = (checker, node) => fetch('atomic_swap')(checker, node);

/** `(object, &expected, desired, …)`: whether it was exchanged; `expected` gets the value that was there. */
const compareExchange: Rule = (checker, node) => {
  const target = targetOf(checker, node, false);
  if (isTyped(target)) return target;
  const expected = operand(checker, node, 1, { kind: 'pointer', to: target.type });
  return builtinNode('atomic_cas', [target.pointer, expected, operand(checker, node, 2, target.type)], boolType, node);
};

/** `(object, old, new)`: the value that was there, or whether it was exchanged. */
const compareSwap =
  (name: string, returns?: CType): Rule =>
  (checker, node) => {
    const target = targetOf(checker, node, false);
    if (isTyped(target)) return target;
    const args = [target.pointer, operand(checker, node, 1, target.type), operand(checker, node, 2, target.type)];
    return builtinNode(name, args, returns ?? target.type, node);
  };

const release: Rule = (checker, node) => {
  const target = targetOf(checker, node, true);
  return isTyped(target) ? target : builtinNode('atomic_clear', [target.pointer], voidType, node);
};

const testAndSet: Rule = (checker, node) => {
  const target = targetOf(checker, node, true);
  return isTyped(target) ? target : builtinNode('atomic_test_and_set', [target.pointer], boolType, node);
};

const fence: Rule = (_checker, node) => builtinNode('fence', [], voidType, node);
const barrier: Rule = (_checker, node) => builtinNode('barrier', [], voidType, node);

const operations = [
  ['add', '+'],
  ['sub', '-'],
  ['and', '&'],
  ['or', '|'],
  ['xor', '^'],
] as const;

export function atomicBuiltins(): [string, Rule][] {
  const rows: [string, Rule][] = [
    ['__atomic_load_n', load],
    ['__atomic_store_n', store],
    ['__atomic_exchange_n', exchange],
    ['__atomic_compare_exchange_n', compareExchange],
    ['__atomic_test_and_set', testAndSet],
    ['__atomic_clear', release],
    ['__atomic_thread_fence', fence],
    ['__atomic_signal_fence', barrier],
    ['__sync_synchronize', fence],
    ['__sync_lock_test_and_set', exchange],
    ['__sync_lock_release', release],
    ['__sync_val_compare_and_swap', compareSwap('atomic_cas_value')],
    ['__sync_bool_compare_and_swap', compareSwap('atomic_cas_success', boolType)],
  ];
  for (const [name, op] of operations) {
    rows.push(
      [`__atomic_fetch_${name}`, fetch(`atomic_${name}`)],
      [`__sync_fetch_and_${name}`, fetch(`atomic_${name}`)],
    );
    rows.push(
      [`__atomic_${name}_fetch`, update(`atomic_${name}`, op)],
      [`__sync_${name}_and_fetch`, update(`atomic_${name}`, op)],
    );
  }
  return rows;
}
