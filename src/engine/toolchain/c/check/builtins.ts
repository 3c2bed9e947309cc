/** Functions that the compiler itself provides, as GCC names them. */
import type { Expression } from '../parse/syntax.ts';
import {
  type CType,
  doubleType,
  type FloatingType,
  floatType,
  intType,
  isInteger,
  isPointer,
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
import { evaluate } from './constant.ts';
import { assignTo, convertTo, promoted } from './convert.ts';
import { check } from './expressions.ts';
import { listOperand } from './special.ts';
import type { Typed } from './tree.ts';
import { rvalue } from './values.ts';

type CallNode = Expression & { readonly kind: 'call' };
export type Rule = (checker: Checker, node: CallNode) => Typed;

const missing: Expression = { kind: 'broken', at: { file: '', line: 1, column: 1, endColumn: 2 } };
const argumentOf = (node: CallNode, index: number): Expression => node.args[index] ?? missing;

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

function constantP(checker: Checker, node: CallNode): Typed {
  const value = evaluate(rvalue(checker, argumentOf(node, 0)));
  return { kind: 'constant', value: value === undefined ? 0n : 1n, type: intType, at: node.at };
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

/** `__builtin_add_overflow(a, b, &result)`: the exact result into `result`, and whether it did not fit. */
const overflow = (op: string): Rule =>
  counted(3, (checker, node) => {
    const [left, right] = [0, 1].map((index) => promoted(rvalue(checker, argumentOf(node, index))));
    const result = rvalue(checker, argumentOf(node, 2));
    if (left === undefined || right === undefined || !isPointer(result.type) || !isInteger(result.type.to)) {
      return fail(checker, node.at, 'the third argument must point to an integer');
    }
    const { to } = result.type;
    const args = [convertTo(left, to), convertTo(right, to), result];
    return builtinNode(`overflow${op}`, args, intType, node);
  });

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
  [
    'alloca',
    (checker, node) => fail(checker, node.at, '`alloca` is not available', 'use an array of the greatest size'),
  ],
  ...['clz', 'ctz', 'popcount', 'ffs', 'parity'].flatMap(bitFunction),
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
  ['add_overflow', overflow('+')],
  ['sub_overflow', overflow('-')],
  ['mul_overflow', overflow('*')],
];

let table: ReadonlyMap<string, Rule> | undefined;

/** Made at the first use: the modules that rules come from import one another. */
function rules(): ReadonlyMap<string, Rule> {
  table ??= new Map([
    ...gccBuiltins.map(([name, rule]): [string, Rule] => [`__builtin_${name}`, rule]),
    ...atomicBuiltins(),
  ]);
  return table;
}

export const isBuiltin = (name: string): boolean => name.startsWith('__') && rules().has(name);
export const builtinNames = (): Iterable<string> => rules().keys();

export function checkBuiltin(checker: Checker, node: CallNode, name: string): Typed {
  const rule = rules().get(name);
  return rule === undefined ? fail(checker, node.at, `there is no \`${name}\``) : rule(checker, node);
}
