/** Functions that the compiler itself provides → values. */
import type { Typed } from '../check/tree.ts';
import { atomicRules } from './atomic-builtins.ts';
import { bitRules } from './bits.ts';
import { type Builder, constant, emit } from './builder.ts';
import { lowerValue } from './expressions.ts';
import type { AsmData, Value } from './ir.ts';
import { overflowRules } from './overflow.ts';
import { placeOf, store } from './places.ts';
import { valueTypeOf } from './value-types.ts';

type Builtin = Typed & { readonly kind: 'builtin' };
export type Lower = (builder: Builder, node: Builtin, args: readonly Value[]) => Value;

const nothing = (builder: Builder): Value => constant(builder, 'x', 0n);
const first = (builder: Builder, args: readonly Value[], index = 0): Value => args[index] ?? nothing(builder);

function leave(builder: Builder): Value {
  const value = nothing(builder);
  builder.current = undefined;
  return value;
}

/** The bits of a `double` as a number. */
const bitsOf = (builder: Builder, value: Value): Value => emit(builder, 'resize', 'x', [value], { name: 'bits' });

const signOf = (builder: Builder, value: Value): Value =>
  emit(builder, 'narrow', 'w', [emit(builder, 'shr', 'x', [bitsOf(builder, value), constant(builder, 'x', 63n)])]);

/** Compares the magnitude of a `double` with infinity. */
function againstInfinity(builder: Builder, op: 'feq' | 'flt', value: Value): Value {
  const infinity = emit(builder, 'float', 'd', [], { number: Infinity });
  return emit(builder, op, 'w', [emit(builder, 'fabs', 'd', [value]), infinity]);
}

function copySign(builder: Builder, magnitude: Value, sign: Value): Value {
  const top = constant(builder, 'x', -1n << 63n);
  const plus = bitsOf(builder, emit(builder, 'fabs', 'd', [magnitude]));
  const signed = emit(builder, 'and', 'x', [bitsOf(builder, sign), top]);
  return emit(builder, 'resize', 'd', [emit(builder, 'or', 'x', [plus, signed])], { name: 'bits' });
}

/** Of a signed number. */
function absolute(builder: Builder, value: Value): Value {
  const kind = value.type === 'x' ? 'x' : 'w';
  const signs = emit(builder, 'sar', kind, [value, constant(builder, kind, kind === 'x' ? 63n : 31n)]);
  return emit(builder, 'sub', kind, [emit(builder, 'xor', kind, [value, signs]), signs]);
}

function vaStart(builder: Builder, node: Builtin): Value {
  const [list] = node.args;
  if (list !== undefined) store(builder, placeOf(builder, list), list.type, emit(builder, 'varargs', 'x', []));
  return nothing(builder);
}

const plainAsm = {
  extended: true,
  volatile: true,
  outputs: [],
  inputs: [],
  references: [],
  names: [],
  clobbers: [],
  memory: false,
} as const;

function registerRead(builder: Builder, register: string): Value {
  const asm: AsmData = {
    ...plainAsm,
    template: `mv %0, ${register}`,
    outputs: [{ type: 'x', fixed: undefined, early: false }],
    references: [{ kind: 'output', index: 0 }],
  };
  const whole = emit(builder, 'asm', 'v', [], { asm });
  return emit(builder, 'result', 'x', [whole], { imm: 0n });
}

/** A register that is kept for the whole file. */
function readRegister(builder: Builder, node: Builtin): Value {
  const value = registerRead(builder, node.name.slice('register '.length));
  return valueTypeOf(node.type) === 'w' ? emit(builder, 'narrow', 'w', [value]) : value;
}

const rules: Readonly<Record<string, Lower>> = {
  unreachable: leave,
  trap(builder) {
    emit(builder, 'trap', 'v', []);
    return leave(builder);
  },
  stack_save: (builder) => registerRead(builder, 'sp'),
  stack_restore(builder, _node, args) {
    const asm: AsmData = {
      ...plainAsm,
      template: 'mv sp, %0',
      inputs: [{ kind: 'register', index: 0, fixed: undefined, tied: undefined }],
      references: [{ kind: 'input', index: 0 }],
      memory: true,
    };
    return emit(builder, 'asm', 'v', args, { asm });
  },
  alloca: (builder, _node, args) => emit(builder, 'alloca', 'x', [first(builder, args)]),
  return_address: (builder) => emit(builder, 'returnAddress', 'x', []),
  frame_address: (builder) => emit(builder, 'frameAddress', 'x', []),
  fabs: (builder, node, args) => emit(builder, 'fabs', valueTypeOf(node.type), [first(builder, args)]),
  sqrt: (builder, node, args) => emit(builder, 'fsqrt', valueTypeOf(node.type), [first(builder, args)]),
  ...atomicRules,
  isnan(builder, _node, args) {
    const value = first(builder, args);
    return emit(builder, 'xor', 'w', [emit(builder, 'feq', 'w', [value, value]), constant(builder, 'w', 1n)]);
  },
  isinf: (builder, _node, args) => againstInfinity(builder, 'feq', first(builder, args)),
  isfinite: (builder, _node, args) => againstInfinity(builder, 'flt', first(builder, args)),
  signbit: (builder, _node, args) => signOf(builder, first(builder, args)),
  copysign: (builder, _node, args) => copySign(builder, first(builder, args), first(builder, args, 1)),
  abs: (builder, _node, args) => absolute(builder, first(builder, args)),
  ...overflowRules,
  ...bitRules,
};

export function lowerBuiltin(builder: Builder, node: Builtin): Value {
  if (node.name === 'va_start') return vaStart(builder, node);
  if (node.name === 'va_end') return nothing(builder);
  if (node.name.startsWith('register ')) return readRegister(builder, node);
  const rule = Object.hasOwn(rules, node.name) ? rules[node.name] : undefined;
  const args = node.args.map((each) => lowerValue(builder, each));
  return rule === undefined ? nothing(builder) : rule(builder, node, args);
}
