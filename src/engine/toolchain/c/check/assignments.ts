/** `=`, `op=`, `++` and `--` (C11 §6.5.16, §6.5.2.4, §6.5.3.1). */
import type { Span } from '../../diagnostics.ts';
import type { Expression } from '../parse/syntax.ts';
import { promote } from '../types/conversions.ts';
import { sizeOf } from '../types/layout.ts';
import { quoteType } from '../types/show.ts';
import {
  type CType,
  intType,
  isArithmetic,
  isInteger,
  isPointer,
  isScalar,
  longType,
  unqualified,
} from '../types/types.ts';
import { broken, type Checker, fail, isBroken } from './checker.ts';
import { assignTo, balanced, convertTo, decay, promoted, valueType } from './convert.ts';
import { check, isObject } from './expressions.ts';
import { operandsMessage, stepOf } from './operators.ts';
import { noteAssigned } from './signs.ts';
import type { ArithmeticOp, Typed } from './tree.ts';
import { rvalue } from './values.ts';

type Of<K extends Expression['kind']> = Expression & { readonly kind: K };

/** Reports what cannot be assigned to; says in the same message why. */
export function isAssignable(checker: Checker, target: Typed, at: Span): boolean {
  const { type } = target;
  if (type.kind === 'broken') return false;
  if (!isObject(target) || type.kind === 'function') {
    const register = target.kind === 'builtin' && target.name.startsWith('register ');
    const registerHint = register
      ? 'a register is written by assembly: `asm volatile("mv tp, %0" : : "r"(value))`'
      : undefined;
    const hint = target.kind === 'compare' ? 'write `==` to compare' : registerHint;
    checker.reporter.error(at, 'nothing can be assigned to this: it is a value, not a variable', hint);
    return false;
  }
  if (type.kind === 'array') {
    checker.reporter.error(at, 'an array cannot be assigned to', 'copy its elements, for example with `memcpy`');
    return false;
  }
  if (type.const !== undefined || (target.kind === 'field' && isConst(target.object))) {
    checker.reporter.error(at, `this is \`const\` and cannot be changed (its type is ${quoteType(type)})`);
    return false;
  }
  if (sizeOf(type) !== undefined) return true;
  checker.reporter.error(at, `${quoteType(type)} is not complete, and cannot be assigned to`);
  return false;
}

const isConst = (node: Typed): boolean =>
  node.type.const !== undefined || (node.kind === 'field' && isConst(node.object));

export function checkAssign(checker: Checker, node: Of<'assign'>): Typed {
  const target = check(checker, node.target);
  const value = rvalue(checker, node.value);
  const { at, op } = node;
  if (isBroken(target, value) || !isAssignable(checker, target, node.target.at)) return broken(at);
  if (op !== '=') return update(checker, target, op.slice(0, -1) as ArithmeticOp, value, false, at);
  const use = { what: 'the value', at: node.value.at };
  const converted = assignTo(checker, value, target.type, use);
  if (isBroken(converted)) return converted;
  noteAssigned(target, converted);
  return { kind: 'assign', target, value: converted, type: unqualified(target.type), at };
}

function update(checker: Checker, target: Typed, op: ArithmeticOp, value: Typed, post: boolean, at: Span): Typed {
  const type = valueType(target);
  const wrong = (): Typed => fail(checker, at, operandsMessage(`${op}=`, type, value.type));
  if (isPointer(type)) {
    if ((op !== '+' && op !== '-') || !isInteger(value.type)) return wrong();
    const size = stepOf(checker, type, at);
    const wide = convertTo(promoted(value), longType);
    return { kind: 'update', target, op, value: wide, compute: type, size, post, type, at };
  }
  if (!isArithmetic(type) || !isArithmetic(value.type)) return wrong();
  const whole = op !== '+' && op !== '-' && op !== '*' && op !== '/';
  if (whole && (!isInteger(type) || !isInteger(value.type))) return wrong();
  noteAssigned(
    target,
    op === '+' || op === '*' || op === '/' || op === '%' || op === '>>' || op === '&' ? value : undefined,
  );
  const { compute, operand } = computeType(target, op, value);
  return { kind: 'update', target, op, value: operand, compute, size: 1, post, type, at };
}

/** A shift is computed in the promoted type of its left operand, all else in the common type. */
function computeType(
  target: Typed,
  op: ArithmeticOp,
  value: Typed,
): { readonly compute: CType; readonly operand: Typed } {
  const type = valueType(target);
  if (op === '<<' || op === '>>') {
    return { compute: isInteger(type) ? promote(type) : type, operand: promoted(value) };
  }
  const both = balanced({ ...target, type }, value);
  return { compute: both.type, operand: both.right };
}

export function checkStep(checker: Checker, node: Of<'unary'> | Of<'postfix'>, op: '++' | '--', post: boolean): Typed {
  const target = check(checker, node.operand);
  const { at } = node;
  if (isBroken(target) || !isAssignable(checker, target, node.operand.at)) return broken(at);
  if (!isScalar(target.type))
    return fail(checker, at, `\`${op}\` needs a number or a pointer, not ${quoteType(target.type)}`);
  const one: Typed = { kind: 'constant', value: 1n, type: intType, at };
  return update(checker, target, op === '++' ? '+' : '-', decay(one), post, at);
}
