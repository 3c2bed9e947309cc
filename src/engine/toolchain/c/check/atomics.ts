/** `__atomic_*` and `__sync_*` (GCC manual, "Built-in Functions for Memory Model Aware Atomic Operations"). */
import type { Expression } from '../parse/syntax.ts';
import { sizeOf } from '../types/layout.ts';
import { quoteType } from '../types/show.ts';
import { boolType, type CType, intType, isInteger, isPointer, unqualified, voidType } from '../types/types.ts';
import { builtinNode, type Rule } from './builtins.ts';
import { type Checker, fail } from './checker.ts';
import { integerConstant } from './constant.ts';
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
function targetOf(checker: Checker, node: CallNode): Target | Typed {
  const [first] = node.args;
  if (first === undefined) return fail(checker, node.at, 'the address of the object is missing');
  const pointer = rvalue(checker, first);
  if (pointer.type.kind === 'broken') return pointer;
  const type = isPointer(pointer.type) ? unqualified(pointer.type.to) : voidType;
  if (isInteger(type) || isPointer(type)) return { pointer, type };
  const message = `an atomic operation needs a pointer to an integer or pointer, not ${quoteType(pointer.type)}`;
  return fail(checker, first.at, message);
}

const isTyped = (found: Target | Typed): found is Typed => 'kind' in found;

function operand(checker: Checker, node: CallNode, index: number, type: CType): Typed {
  const given = node.args[index];
  if (given === undefined) return fail(checker, node.at, 'an argument is missing');
  const value = rvalue(checker, given);
  if (isPointer(type) && isInteger(value.type)) return convertTo(value, type);
  return assignTo(checker, value, type, { what: `argument ${index + 1}`, at: given.at });
}

/** The object that an argument points to; it has the type of the one that is worked on. */
function pointedObject(checker: Checker, node: CallNode, index: number, type: CType): Typed {
  const pointer = operand(checker, node, index, { kind: 'pointer', to: type });
  if (pointer.type.kind === 'broken') return pointer;
  return { kind: 'deref', pointer, type, at: pointer.at };
}

/** What is done to the object at the first argument, and what comes of it. */
interface Plan {
  readonly name: string;
  /** Of the arguments after the first: values, or pointers to them. */
  readonly operands: readonly ('value' | 'pointer' | 'behind')[];
  readonly returns: 'object' | CType;
  /** Index of the argument that points to where the result goes. */
  readonly into?: number;
}

const following =
  ({ name, operands, returns, into }: Plan): Rule =>
  (checker, node) => {
    const target = targetOf(checker, node);
    if (isTyped(target)) return target;
    const { pointer, type } = target;
    const args = operands.map((kind, index) => {
      if (kind === 'value') return operand(checker, node, index + 1, type);
      if (kind === 'pointer') return operand(checker, node, index + 1, { kind: 'pointer', to: type });
      return pointedObject(checker, node, index + 1, type);
    });
    // What is left says an order or whether it may fail: the strongest is always right.
    for (const rest of node.args.slice(Math.max(operands.length, into ?? 0) + 1)) rvalue(checker, rest);
    const result = builtinNode(name, [pointer, ...args], returns === 'object' ? type : returns, node);
    return into === undefined ? result : storedInto(checker, node, result, into, type);
  };

function storedInto(checker: Checker, node: CallNode, value: Typed, index: number, type: CType): Typed {
  const target = pointedObject(checker, node, index, type);
  if (target.type.kind === 'broken' || value.type.kind === 'broken') return value;
  const assigned: Typed = { kind: 'assign', target, value, type, at: node.at };
  return { kind: 'convert', operand: assigned, type: voidType, at: node.at };
}

const fence: Rule = (_checker, node) => builtinNode('fence', [], voidType, node);
const barrier: Rule = (_checker, node) => builtinNode('barrier', [], voidType, node);

/** Whether the processor has instructions for objects of so many bytes. */
const lockFree: Rule = (checker, node) => {
  const [size] = node.args;
  const bytes = size === undefined ? undefined : integerConstant(rvalue(checker, size));
  const free = bytes === 1n || bytes === 2n || bytes === 4n || bytes === 8n;
  return { kind: 'constant', value: free ? 1n : 0n, type: intType, at: node.at };
};

const plans: Readonly<Record<string, Plan>> = {
  __atomic_load_n: { name: 'atomic_load', operands: [], returns: 'object' },
  __atomic_load: { name: 'atomic_load', operands: [], returns: 'object', into: 1 },
  __atomic_store_n: { name: 'atomic_store', operands: ['value'], returns: voidType },
  __atomic_store: { name: 'atomic_store', operands: ['behind'], returns: voidType },
  __atomic_exchange_n: { name: 'atomic_swap', operands: ['value'], returns: 'object' },
  __atomic_exchange: { name: 'atomic_swap', operands: ['behind'], returns: 'object', into: 2 },
  __atomic_compare_exchange_n: { name: 'atomic_cas', operands: ['pointer', 'value'], returns: boolType },
  __atomic_compare_exchange: { name: 'atomic_cas', operands: ['pointer', 'behind'], returns: boolType },
  __sync_lock_test_and_set: { name: 'atomic_swap', operands: ['value'], returns: 'object' },
  __sync_val_compare_and_swap: { name: 'atomic_cas_value', operands: ['value', 'value'], returns: 'object' },
  __sync_bool_compare_and_swap: { name: 'atomic_cas_success', operands: ['value', 'value'], returns: boolType },
};

/** `void *` and flags of any kind: what is set is a byte. */
const onByte =
  (name: string, returns: CType): Rule =>
  (checker, node) => {
    const [first] = node.args;
    if (first === undefined) return fail(checker, node.at, 'the address of the object is missing');
    const pointer = rvalue(checker, first);
    if (pointer.type.kind === 'broken') return pointer;
    if (!isPointer(pointer.type))
      return fail(checker, first.at, `a pointer is expected here, not ${quoteType(pointer.type)}`);
    return builtinNode(name, [convertTo(pointer, { kind: 'pointer', to: boolType })], returns, node);
  };

const release: Rule = (checker, node) => {
  const target = targetOf(checker, node);
  if (isTyped(target)) return target;
  // A scalar of any size is cleared as a whole.
  return sizeOf(target.type) === undefined
    ? target.pointer
    : builtinNode('atomic_clear', [target.pointer], voidType, node);
};

const operations = [
  ['add', '+'],
  ['sub', '-'],
  ['and', '&'],
  ['or', '|'],
  ['xor', '^'],
  ['nand', 'nand'],
] as const;

export function atomicBuiltins(): [string, Rule][] {
  const rows: [string, Rule][] = [
    ...Object.entries(plans).map(([name, plan]): [string, Rule] => [name, following(plan)]),
    ['__atomic_test_and_set', onByte('atomic_test_and_set', boolType)],
    ['__atomic_clear', onByte('atomic_clear', voidType)],
    ['__sync_lock_release', release],
    ['__atomic_thread_fence', fence],
    ['__atomic_signal_fence', barrier],
    ['__sync_synchronize', fence],
    ['__atomic_always_lock_free', lockFree],
    ['__atomic_is_lock_free', lockFree],
  ];
  for (const [name, op] of operations) {
    const before = following({ name: `atomic_fetch${op}`, operands: ['value'], returns: 'object' });
    const after = following({ name: `atomic_then${op}`, operands: ['value'], returns: 'object' });
    rows.push([`__atomic_fetch_${name}`, before], [`__sync_fetch_and_${name}`, before]);
    rows.push([`__atomic_${name}_fetch`, after], [`__sync_${name}_and_fetch`, after]);
  }
  return rows;
}
