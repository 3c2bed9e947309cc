/** Functions that the compiler itself provides, as GCC names them. */
import type { Expression } from '../parse/syntax.ts';
import {
  type CType,
  doubleType,
  type FloatingType,
  floatType,
  intType,
  longLongType,
  longType,
  pointerTo,
  qualify,
  unsignedLongType,
  unsignedShortType,
  unsignedType,
  voidType,
} from '../types/types.ts';
import { atomicBuiltins } from './atomics.ts';
import { libraryCall } from './calls.ts';
import { type Checker, fail } from './checker.ts';
import { evaluate, integerConstant } from './constant.ts';
import { assignTo, convertTo } from './convert.ts';
import { check } from './expressions.ts';
import { overflowBuiltins } from './overflow.ts';
import { listOperand } from './special.ts';
import type { Typed } from './tree.ts';
import { rvalue } from './values.ts';

export type CallNode = Expression & { readonly kind: 'call' };
export type Rule = (checker: Checker, node: CallNode) => Typed;

const missing: Expression = { kind: 'broken', at: { file: '', line: 1, column: 1, endColumn: 2 } };
export const argumentOf = (node: CallNode, index: number): Expression => node.args[index] ?? missing;

export const builtinNode = (name: string, args: readonly Typed[], type: CType, node: CallNode): Typed =>
  args.some((each) => each.type.kind === 'broken')
    ? { kind: 'broken', type: { kind: 'broken' }, at: node.at }
    : { kind: 'builtin', name, args, type, at: node.at };

/** Reports a call with another number of arguments. */
export function counted(count: number, rule: Rule): Rule {
  return (checker, node) => {
    if (node.args.length === count) return rule(checker, node);
    const name = node.callee.kind === 'name' ? node.callee.name : '';
    const plural = count === 1 ? '' : 's';
    return fail(
      checker,
      node.at,
      `\`${name}\` takes ${count} argument${plural}, and this call has ${node.args.length}`,
    );
  };
}

/** A function of plain values. */
const plain = (name: string, parameters: readonly CType[], returns: CType): Rule =>
  counted(parameters.length, (checker, node) => {
    const args = parameters.map((type, index) => {
      const each = argumentOf(node, index);
      return assignTo(checker, rvalue(checker, each), type, { what: `argument ${index + 1}`, at: each.at });
    });
    return builtinNode(name, args, returns, node);
  });

const bytes = pointerTo(voidType);
const constBytes = pointerTo(qualify(voidType, { const: true }));
const text = pointerTo(qualify({ ...unsignedType, name: 'char', size: 1, rank: 1 }, { const: true }));

/** One that the library has under its plain name. */
function library(name: string, parameters: readonly CType[], returns: CType): Rule {
  const signature = { kind: 'function', returns, parameters, variadic: false, unknown: false } as const;
  return counted(parameters.length, (checker, node) => {
    const args = parameters.map((type, index) => {
      const each = argumentOf(node, index);
      return assignTo(checker, rvalue(checker, each), type, { what: `argument ${index + 1}`, at: each.at });
    });
    return libraryCall(checker, name, signature, args, node.at);
  });
}

function vaStart(checker: Checker, node: CallNode): Typed {
  const { current } = checker;
  const list = listOperand(checker, argumentOf(node, 0));
  if (node.args[1] !== undefined) check(checker, node.args[1]);
  if (current !== undefined && !current.type.variadic) {
    return fail(checker, node.at, '`va_start` needs a function with `...`', `\`${current.global.name}\` has none`);
  }
  return builtinNode('va_start', [list], voidType, node);
}

function vaCopy(checker: Checker, node: CallNode): Typed {
  const to = listOperand(checker, argumentOf(node, 0));
  const from = listOperand(checker, argumentOf(node, 1));
  if (to.type.kind === 'broken' || from.type.kind === 'broken') return builtinNode('', [to, from], voidType, node);
  return { kind: 'assign', target: to, value: from, type: to.type, at: node.at };
}

/** Of addresses, only those of strings are constants. */
function constantP(checker: Checker, node: CallNode): Typed {
  const value = evaluate(rvalue(checker, argumentOf(node, 0)));
  const known = value !== undefined && (value.kind !== 'address' || value.base.kind === 'string');
  return intConstant(node, known ? 1n : 0n);
}

const number =
  (value: number, type: FloatingType): Rule =>
  (_checker, node) => ({
    kind: 'float',
    value,
    type,
    at: node.at,
  });

function chooseExpression(checker: Checker, node: CallNode): Typed {
  const condition = evaluate(rvalue(checker, argumentOf(node, 0)));
  const chosen = condition?.kind === 'integer' && condition.value === 0n ? 2 : 1;
  return check(checker, argumentOf(node, chosen));
}

const intConstant = (node: CallNode, value: bigint): Typed => ({ kind: 'constant', value, type: intType, at: node.at });

function stringNode(checker: Checker, node: CallNode, value: string): Typed {
  const elements = [...new TextEncoder().encode(value)];
  return rvalue(checker, { kind: 'string', elements, prefix: '', at: node.at });
}

/** There is no cache to be filled; the address may have effects. */
function prefetch(checker: Checker, node: CallNode): Typed {
  const operand = rvalue(checker, argumentOf(node, 0));
  return operand.type.kind === 'broken' ? operand : { kind: 'convert', operand, type: voidType, at: node.at };
}

/** What GCC says where it does not know: all of memory, or nothing. */
function objectSize(checker: Checker, node: CallNode): Typed {
  const kind = integerConstant(rvalue(checker, argumentOf(node, 1))) ?? 0n;
  rvalue(checker, argumentOf(node, 0));
  return { kind: 'constant', value: kind < 2n ? (1n << 64n) - 1n : 0n, type: unsignedLongType, at: node.at };
}

/** `builtin` and its forms for `long` and `long long`. */
function bitFunction(name: string): [string, Rule][] {
  return [
    [name, plain(`${name}32`, [unsignedType], intType)],
    [`${name}l`, plain(`${name}64`, [unsignedLongType], intType)],
    [`${name}ll`, plain(`${name}64`, [unsignedLongType], intType)],
  ];
}

const gccBuiltins: readonly (readonly [string, Rule])[] = [
  ['va_start', vaStart],
  [
    'va_end',
    counted(1, (checker, node) => builtinNode('va_end', [listOperand(checker, argumentOf(node, 0))], voidType, node)),
  ],
  ['va_copy', counted(2, vaCopy)],
  ['expect', counted(2, (checker, node) => rvalue(checker, argumentOf(node, 0)))],
  ['constant_p', counted(1, constantP)],
  ['choose_expr', counted(3, chooseExpression)],
  ['unreachable', plain('unreachable', [], voidType)],
  ['trap', plain('trap', [], voidType)],
  ['return_address', counted(1, (_checker, node) => builtinNode('return_address', [], bytes, node))],
  ['frame_address', counted(1, (_checker, node) => builtinNode('frame_address', [], bytes, node))],
  ['alloca', plain('alloca', [unsignedLongType], bytes)],
  ...['clz', 'ctz', 'popcount', 'ffs', 'parity', 'clrsb'].flatMap(bitFunction),
  ['bswap16', plain('bswap16', [unsignedShortType], unsignedShortType)],
  ['bswap32', plain('bswap32', [unsignedType], unsignedType)],
  ['bswap64', plain('bswap64', [unsignedLongType], unsignedLongType)],
  ['memcpy', library('memcpy', [bytes, constBytes, unsignedLongType], bytes)],
  ['memmove', library('memmove', [bytes, constBytes, unsignedLongType], bytes)],
  ['memset', library('memset', [bytes, intType, unsignedLongType], bytes)],
  ['memcmp', library('memcmp', [constBytes, constBytes, unsignedLongType], intType)],
  ['strlen', library('strlen', [text], unsignedLongType)],
  ['strcmp', library('strcmp', [text, text], intType)],
  ['abort', library('abort', [], voidType)],
  ['fabs', plain('fabs', [doubleType], doubleType)],
  ['fabsf', plain('fabs', [floatType], floatType)],
  ['sqrt', plain('sqrt', [doubleType], doubleType)],
  ['sqrtf', plain('sqrt', [floatType], floatType)],
  ['inf', number(Infinity, doubleType)],
  ['inff', number(Infinity, floatType)],
  ['huge_val', number(Infinity, doubleType)],
  ['nan', number(Number.NaN, doubleType)],
  ['nanf', number(Number.NaN, floatType)],
  ['isnan', plain('isnan', [doubleType], intType)],
  ['isinf', plain('isinf', [doubleType], intType)],
  ['isinf_sign', plain('isinf', [doubleType], intType)],
  ['isfinite', plain('isfinite', [doubleType], intType)],
  ['signbit', plain('signbit', [doubleType], intType)],
  ['copysign', plain('copysign', [doubleType, doubleType], doubleType)],
  ['abs', plain('abs', [intType], intType)],
  ['labs', plain('abs', [longType], longType)],
  ['llabs', plain('abs', [longLongType], longLongType)],
  ['expect_with_probability', counted(3, (checker, node) => rvalue(checker, argumentOf(node, 0)))],
  ['assume_aligned', (checker, node) => convertTo(rvalue(checker, argumentOf(node, 0)), bytes)],
  ['prefetch', prefetch],
  ['object_size', counted(2, objectSize)],
  ['LINE', counted(0, (_checker, node) => intConstant(node, BigInt(node.at.line)))],
  ['FILE', counted(0, (checker, node) => stringNode(checker, node, node.at.file))],
  ['FUNCTION', counted(0, (checker, node) => stringNode(checker, node, checker.current?.global.name ?? ''))],
];

let table: ReadonlyMap<string, Rule> | undefined;

/** Made at the first use: the modules that rules come from import one another. */
function rules(): ReadonlyMap<string, Rule> {
  table ??= new Map([
    ...[...gccBuiltins, ...overflowBuiltins()].map(([name, rule]): [string, Rule] => [`__builtin_${name}`, rule]),
    ...atomicBuiltins(),
  ]);
  return table;
}

/** `__builtin_strcpy` and the like are the functions of these names, where the file declares them. */
export function libraryName(name: string): string | undefined {
  const plainName = name.startsWith('__builtin_') ? name.slice('__builtin_'.length) : undefined;
  return plainName === undefined || rules().has(name) ? undefined : plainName;
}

export const isBuiltin = (name: string): boolean => name.startsWith('__') && rules().has(name);
/** Those that take types are read by the parser. */
const withTypes = new Set(['__builtin_va_arg', '__builtin_offsetof', '__builtin_types_compatible_p']);
export const hasBuiltin = (name: string): boolean => isBuiltin(name) || withTypes.has(name);
export const builtinNames = (): Iterable<string> => rules().keys();

export function checkBuiltin(checker: Checker, node: CallNode, name: string): Typed {
  const rule = rules().get(name);
  return rule === undefined ? fail(checker, node.at, `there is no \`${name}\``) : rule(checker, node);
}
