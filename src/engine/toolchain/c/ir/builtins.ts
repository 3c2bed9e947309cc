/** Functions that the compiler itself provides → values. */
import type { Typed } from '../check/tree.ts';
import { type CType, isInteger } from '../types/types.ts';
import { lowerArithmetic, lowerConversion } from './arithmetic.ts';
import { atomicRules } from './atomic-builtins.ts';
import { bitRules } from './bits.ts';
import { type Builder, constant, emit } from './builder.ts';
import { lowerValue } from './expressions.ts';
import type { Value } from './ir.ts';
import { memoryAt, placeOf, store, storeScalar } from './places.ts';
import { accessOf, valueTypeOf } from './value-types.ts';

type Builtin = Typed & { readonly kind: 'builtin' };
export type Lower = (builder: Builder, node: Builtin, args: readonly Value[]) => Value;

const nothing = (builder: Builder): Value => constant(builder, 'x', 0n);
const first = (builder: Builder, args: readonly Value[], index = 0): Value => args[index] ?? nothing(builder);

function leave(builder: Builder): Value {
  const value = nothing(builder);
  builder.current = undefined;
  return value;
}

/** The result, and whether the exact one did not fit. */
function overflow(op: '+' | '-' | '*'): Lower {
  return (builder, node, args) => {
    const [a = nothing(builder), b = nothing(builder), pointer = nothing(builder)] = args;
    const type = node.args[0]?.type ?? { kind: 'void' };
    const size = isInteger(type) ? type.size : 8;
    const signed = isInteger(type) && type.signed;
    const result = lowerArithmetic(builder, op, type, a, b);
    const fitted =
      size < 4
        ? lowerConversion(builder, result, { kind: 'integer', name: 'int', size: 4, signed: true, rank: 3 }, type)
        : result;
    storeScalar(builder, memoryAt(pointer, type), accessOf(type), fitted);
    if (size < 8) return narrowOverflow(builder, op, type, [a, b, fitted]);
    return op === '*'
      ? productOverflow(builder, signed, a, b, fitted)
      : sumOverflow(builder, op, signed, [a, b, fitted]);
  };
}

/** Computed in 64 bits, and compared with what is left. */
function narrowOverflow(
  builder: Builder,
  op: '+' | '-' | '*',
  type: CType,
  [a, b, result]: readonly [Value, Value, Value],
): Value {
  const unsigned = isInteger(type) && !type.signed && type.size === 4;
  const widen = (value: Value): Value => emit(builder, unsigned ? 'zext32' : 'widen', 'x', [value]);
  const exact = emit(builder, op === '+' ? 'add' : op === '-' ? 'sub' : 'mul', 'x', [widen(a), widen(b)]);
  return emit(builder, 'ne', 'w', [exact, widen(result)]);
}

function sumOverflow(
  builder: Builder,
  op: '+' | '-',
  signed: boolean,
  [a, b, result]: readonly [Value, Value, Value],
): Value {
  if (!signed) return emit(builder, 'ltu', 'w', op === '+' ? [result, a] : [a, b]);
  // Signs tell: of a sum, the result's differs from both; of a difference, from the first where they differ.
  const one = emit(builder, 'xor', 'x', op === '+' ? [result, a] : [a, b]);
  const other = emit(builder, 'xor', 'x', op === '+' ? [result, b] : [a, result]);
  const both = emit(builder, 'and', 'x', [one, other]);
  return emit(builder, 'lt', 'w', [both, constant(builder, 'x', 0n)]);
}

function productOverflow(builder: Builder, signed: boolean, a: Value, b: Value, result: Value): Value {
  const high = emit(builder, signed ? 'mulh' : 'mulhu', 'x', [a, b]);
  const expected = signed
    ? emit(builder, 'sar', 'x', [result, constant(builder, 'x', 63n)])
    : constant(builder, 'x', 0n);
  return emit(builder, 'ne', 'w', [high, expected]);
}

function vaStart(builder: Builder, node: Builtin): Value {
  const [list] = node.args;
  if (list !== undefined) store(builder, placeOf(builder, list), list.type, emit(builder, 'varargs', 'x', []));
  return nothing(builder);
}

const rules: Readonly<Record<string, Lower>> = {
  unreachable: leave,
  trap(builder) {
    emit(builder, 'trap', 'v', []);
    return leave(builder);
  },
  return_address: (builder) => emit(builder, 'returnAddress', 'x', []),
  frame_address: (builder) => emit(builder, 'frameAddress', 'x', []),
  fabs: (builder, node, args) => emit(builder, 'fabs', valueTypeOf(node.type), [first(builder, args)]),
  sqrt: (builder, node, args) => emit(builder, 'fsqrt', valueTypeOf(node.type), [first(builder, args)]),
  ...atomicRules,
  'overflow+': overflow('+'),
  'overflow-': overflow('-'),
  'overflow*': overflow('*'),
  ...bitRules,
};

export function lowerBuiltin(builder: Builder, node: Builtin): Value {
  if (node.name === 'va_start') return vaStart(builder, node);
  if (node.name === 'va_end') return nothing(builder);
  const rule = Object.hasOwn(rules, node.name) ? rules[node.name] : undefined;
  const args = node.args.map((each) => lowerValue(builder, each));
  return rule === undefined ? nothing(builder) : rule(builder, node, args);
}
