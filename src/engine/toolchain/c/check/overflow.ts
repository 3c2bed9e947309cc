/** `__builtin_add_overflow` and its kin (GCC manual, "Built-in Functions to Perform Arithmetic with Overflow Checking"). */
import {
  boolType,
  type CType,
  type IntegerType,
  intType,
  isInteger,
  isPointer,
  longLongType,
  longType,
  pointerTo,
  precisionOf,
  unsignedLongLongType,
  unsignedLongType,
  unsignedType,
} from '../types/types.ts';
import { argumentOf, builtinNode, type CallNode, counted, type Rule } from './builtins.ts';
import { broken, type Checker, fail, isBroken } from './checker.ts';
import { integerConstant, wrapInteger } from './constant.ts';
import { assignTo, convertTo, promoted } from './convert.ts';
import { newLocal } from './names.ts';
import type { Typed } from './tree.ts';
import { rvalue } from './values.ts';

type Op = '+' | '-' | '*';

/** Every value that the operand may have is one of the type's. */
function isCovered(operand: Typed, type: IntegerType): boolean {
  const known = integerConstant(operand);
  if (known !== undefined) return wrapInteger(known, type) === known;
  if (!isInteger(operand.type)) return false;
  const [from, to] = [precisionOf(operand.type), precisionOf(type)];
  return operand.type.signed === type.signed ? from <= to : type.signed && from < to;
}

/** Operands of other types than the result's are computed exactly, in 128 bits. */
function checked(node: CallNode, op: Op, [left, right]: readonly [Typed, Typed], pointer: Typed): Typed {
  const to = isPointer(pointer.type) && isInteger(pointer.type.to) ? pointer.type.to : intType;
  const simple = isCovered(left, to) && isCovered(right, to);
  const args = simple ? [convertTo(left, to), convertTo(right, to), pointer] : [left, right, pointer];
  return builtinNode(`${simple ? 'overflow' : 'exact'}${op}`, args, boolType, node);
}

function integers(checker: Checker, node: CallNode): readonly [Typed, Typed] | undefined {
  const left = promoted(rvalue(checker, argumentOf(node, 0)));
  const right = promoted(rvalue(checker, argumentOf(node, 1)));
  if (isBroken(left, right)) return undefined;
  if (isInteger(left.type) && isInteger(right.type)) return [left, right];
  fail(checker, node.at, 'the first two arguments must be integers');
  return undefined;
}

/** `(a, b, &result)`: the result wrapped to its type into `result`, and whether it did not fit. */
const generic = (op: Op): Rule =>
  counted(3, (checker, node) => {
    const operands = integers(checker, node);
    const pointer = rvalue(checker, argumentOf(node, 2));
    if (operands === undefined || isBroken(pointer)) return broken(node.at);
    if (!isPointer(pointer.type) || !isInteger(pointer.type.to))
      return fail(checker, node.at, 'the third argument must point to an integer');
    return checked(node, op, operands, pointer);
  });

/** The third argument only says the type. */
const predicate = (op: Op): Rule =>
  counted(3, (checker, node) => {
    const operands = integers(checker, node);
    const { type } = rvalue(checker, argumentOf(node, 2));
    if (operands === undefined || type.kind === 'broken') return broken(node.at);
    if (!isInteger(type)) return fail(checker, node.at, 'the third argument must be an integer');
    const { at } = node;
    const local = newLocal(checker, { name: '', type, at, hidden: true });
    local.addressed = true;
    const operand: Typed = { kind: 'local', local, type, at };
    return checked(node, op, operands, { kind: 'address', operand, type: pointerTo(type), at });
  });

/** The older names say the type of all three. */
const typed = (op: Op, type: CType): Rule =>
  counted(3, (checker, node) => {
    const [left, right, pointer] = [type, type, pointerTo(type)].map((wanted, index) => {
      const each = argumentOf(node, index);
      return assignTo(checker, rvalue(checker, each), wanted, { what: `argument ${index + 1}`, at: each.at });
    });
    if (left === undefined || right === undefined || pointer === undefined) return broken(node.at);
    return isBroken(left, right, pointer) ? broken(node.at) : checked(node, op, [left, right], pointer);
  });

const operations = [
  ['add', '+'],
  ['sub', '-'],
  ['mul', '*'],
] as const;

const widths = [
  ['', intType, unsignedType],
  ['l', longType, unsignedLongType],
  ['ll', longLongType, unsignedLongLongType],
] as const;

export const overflowBuiltins = (): [string, Rule][] =>
  operations.flatMap(([name, op]): [string, Rule][] => [
    [`${name}_overflow`, generic(op)],
    [`${name}_overflow_p`, predicate(op)],
    ...widths.flatMap(([letters, signed, unsigned]): [string, Rule][] => [
      [`s${name}${letters}_overflow`, typed(op, signed)],
      [`u${name}${letters}_overflow`, typed(op, unsigned)],
    ]),
  ]);
