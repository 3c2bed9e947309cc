/** `__atomic_*` and `__sync_*` → values. */
import type { Typed } from '../check/tree.ts';
import { type CType, isPointer, longType, unqualified } from '../types/types.ts';
import { lowerArithmetic } from './arithmetic.ts';
import { compareAndSwap, fitted, hasAmo, testAndSet, updateAtomically } from './atomics.ts';
import { type Builder, constant, emit } from './builder.ts';
import type { Lower } from './builtins.ts';
import type { Value } from './ir.ts';
import { load, loadScalar, memoryAt, storeScalar } from './places.ts';
import { accessOf, valueTypeOf } from './value-types.ts';

type Builtin = Typed & { readonly kind: 'builtin' };

const nothing = (builder: Builder): Value => constant(builder, 'x', 0n);

const pointedTo = (node: Builtin): CType => {
  const type = node.args[0]?.type;
  return type !== undefined && isPointer(type) ? type.to : { kind: 'void' };
};

const volatileAccess = (type: CType) => ({ ...accessOf(type), volatile: true });

const fenced = (builder: Builder): void => void emit(builder, 'fence', 'v', []);

function current(builder: Builder, address: Value, type: CType): Value {
  return loadScalar(builder, memoryAt(address, type), volatileAccess(type), valueTypeOf(type));
}

function atomicLoad(builder: Builder, node: Builtin, [address = nothing(builder)]: readonly Value[]): Value {
  fenced(builder);
  const value = current(builder, address, pointedTo(node));
  fenced(builder);
  return value;
}

function atomicStore(builder: Builder, node: Builtin, args: readonly Value[]): Value {
  const type = pointedTo(node);
  const kind = valueTypeOf(type) === 'w' ? 'w' : 'x';
  const [address = nothing(builder), value = constant(builder, kind, 0n)] = args;
  fenced(builder);
  storeScalar(builder, memoryAt(address, type), volatileAccess(type), value);
  if (args.length > 1) fenced(builder);
  return value;
}

type Operation = '+' | '-' | '&' | '|' | '^' | 'nand' | 'swap';

const amoNames: Partial<Record<Operation, string>> = {
  '+': 'amoadd',
  '-': 'amoadd',
  '&': 'amoand',
  '|': 'amoor',
  '^': 'amoxor',
  swap: 'amoswap',
};

/** Pointers count in bytes here, as GCC's do. */
function combined(builder: Builder, op: Operation, type: CType, old: Value, given: Value): Value {
  if (op === 'swap') return given;
  const kind = old.type === 'w' ? 'w' : 'x';
  if (op === 'nand') {
    const both = emit(builder, 'and', kind, [old, given]);
    return fitted(builder, emit(builder, 'xor', kind, [both, constant(builder, kind, -1n)]), type);
  }
  const computed: CType = isPointer(type) ? longType : type;
  return fitted(builder, lowerArithmetic(builder, op, computed, old, given), type);
}

/** Gives the old value or, if `after`, the new one. */
const fetch =
  (op: Operation, after = false): Lower =>
  (builder, node, [address = nothing(builder), given = nothing(builder)]) => {
    const type = pointedTo(node);
    const amo = hasAmo(type) ? amoNames[op] : undefined;
    if (amo === undefined) {
      const first = current(builder, address, type);
      const { old, now } = updateAtomically(builder, type, address, first, (value) =>
        combined(builder, op, type, value, given),
      );
      return after ? now : old;
    }
    const kind = valueTypeOf(type) === 'w' ? 'w' : 'x';
    const by = op === '-' ? emit(builder, 'sub', kind, [constant(builder, kind, 0n), given]) : given;
    const old = emit(builder, 'amo', kind, [address, by], { name: amo });
    return after ? combined(builder, op, type, old, given) : old;
  };

const equal = (builder: Builder, a: Value, b: Value): Value => emit(builder, 'eq', 'w', [a, b]);

const operations: readonly Operation[] = ['+', '-', '&', '|', '^', 'nand'];

export const atomicRules: Readonly<Record<string, Lower>> = {
  fence: (builder) => emit(builder, 'fence', 'v', []),
  barrier: (builder) => emit(builder, 'fence', 'v', [], { name: 'none' }),
  atomic_load: atomicLoad,
  atomic_store: atomicStore,
  atomic_clear: atomicStore,
  atomic_swap: fetch('swap'),
  ...Object.fromEntries(operations.map((op) => [`atomic_fetch${op}`, fetch(op)])),
  ...Object.fromEntries(operations.map((op) => [`atomic_then${op}`, fetch(op, true)])),
  atomic_test_and_set: (builder, _node, [address = nothing(builder)]) => testAndSet(builder, address),
  atomic_cas_value(builder, node, [address = nothing(builder), old = address, desired = address]) {
    return compareAndSwap(builder, pointedTo(node), address, old, desired);
  },
  atomic_cas_success(builder, node, [address = nothing(builder), old = address, desired = address]) {
    return equal(builder, compareAndSwap(builder, pointedTo(node), address, old, desired), old);
  },
  atomic_cas(builder, node, [address = nothing(builder), pointer = address, desired = address]) {
    const type = pointedTo(node);
    const place = memoryAt(pointer, type);
    const expected = load(builder, place, unqualified(type));
    const found = compareAndSwap(builder, type, address, expected, desired);
    storeScalar(builder, place, accessOf(type), found);
    return equal(builder, found, expected);
  },
};
