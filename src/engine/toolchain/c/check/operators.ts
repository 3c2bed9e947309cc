/** Unary, binary and conditional operators (C11 §6.5.3 to §6.5.15). */
import type { Span } from '../../diagnostics.ts';
import type { BinaryOp, Expression } from '../parse/syntax.ts';
import { compatible } from '../types/conversions.ts';
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
  type PointerType,
  pointerTo,
  qualify,
  unqualified,
  voidType,
} from '../types/types.ts';
import { broken, type Checker, checkIf, fail, isBroken } from './checker.ts';
import { evaluate, integerConstant } from './constant.ts';
import { balanced, convertTo, decay, isNull, promoted, truthOf, valueType } from './convert.ts';
import { check } from './expressions.ts';
import type { ArithmeticOp, CompareOp, Typed } from './tree.ts';
import { rvalue } from './values.ts';
import { warnBinary } from './warnings.ts';

type Of<K extends Expression['kind']> = Expression & { readonly kind: K };

/** A constant where the value is known; otherwise the node. */
export function folded(node: Typed): Typed {
  const value = isArithmetic(node.type) ? evaluate(node) : undefined;
  if (value?.kind === 'integer') return { kind: 'constant', value: value.value, type: node.type, at: node.at };
  if (value?.kind === 'float') return { kind: 'float', value: value.value, type: node.type, at: node.at };
  return node;
}

export function checkUnaryArithmetic(checker: Checker, node: Of<'unary'>): Typed {
  const { op, at } = node;
  const operand = promoted(rvalue(checker, node.operand));
  const { type } = operand;
  if (isBroken(operand)) return operand;
  const fits = op === '~' ? isInteger(type) : isArithmetic(type);
  if (!fits)
    return fail(
      checker,
      at,
      `\`${op}\` needs a number${op === '~' ? ' without fraction' : ''}, not ${quoteType(type)}`,
    );
  if (op === '+') return operand;
  return folded({ kind: op === '-' ? 'negate' : 'complement', operand, type, at });
}

export const operandsMessage = (op: string, left: CType, right: CType): string =>
  `\`${op}\` does not go with ${quoteType(left)} and ${quoteType(right)}`;

/** Size of what a pointer points to; reports a pointer that cannot count. */
export function stepOf(checker: Checker, type: PointerType, at: Span): number {
  const { to } = type;
  if (to.kind === 'void' || to.kind === 'function') return 1;
  const size = sizeOf(to);
  if (size !== undefined) return size;
  checker.reporter.error(at, `the size of ${quoteType(to)} is not known, so a pointer to it cannot be moved`);
  return 1;
}

export function pointerOffset(
  checker: Checker,
  pointer: Typed & { type: PointerType },
  index: Typed,
  negative: boolean,
  at: Span,
): Typed {
  const size = stepOf(checker, pointer.type, at);
  const wide = convertTo(promoted(index), longType);
  const signed: Typed = negative ? folded({ kind: 'negate', operand: wide, type: longType, at }) : wide;
  return { kind: 'offset', pointer, index: signed, size, type: unqualified(pointer.type), at };
}

const hasPointer = (node: Typed): node is Typed & { type: PointerType } => isPointer(node.type);

/** Arithmetic on checked operands. */
export function arithmetic(checker: Checker, op: ArithmeticOp, left: Typed, right: Typed, at: Span): Typed {
  if (isBroken(left, right)) return broken(at);
  const wrong = (): Typed => fail(checker, at, operandsMessage(op, left.type, right.type), operandHint(left, right));
  if (op === '+' || op === '-') {
    if (hasPointer(left) && isInteger(right.type)) return pointerOffset(checker, left, right, op === '-', at);
    if (op === '+' && hasPointer(right) && isInteger(left.type)) return pointerOffset(checker, right, left, false, at);
    if (op === '-' && hasPointer(left) && hasPointer(right)) return difference(checker, left, right, at);
  }
  const whole = op !== '+' && op !== '-' && op !== '*' && op !== '/';
  const fits = whole ? isInteger : isArithmetic;
  if (!fits(left.type) || !fits(right.type)) return wrong();
  if (op === '<<' || op === '>>') {
    const value = promoted(left);
    return folded({ kind: 'arithmetic', op, left: value, right: promoted(right), type: value.type, at });
  }
  const both = balanced(left, right);
  return folded({ kind: 'arithmetic', op, left: both.left, right: both.right, type: both.type, at });
}

const operandHint = (left: Typed, right: Typed): string | undefined =>
  isPointer(left.type) && isPointer(right.type) ? 'addresses can be subtracted and compared, but not added' : undefined;

function difference(checker: Checker, left: Typed & { type: PointerType }, right: Typed, at: Span): Typed {
  const a = unqualified(left.type.to);
  const b = isPointer(right.type) ? unqualified(right.type.to) : a;
  if (!compatible(a, b)) return fail(checker, at, operandsMessage('-', left.type, right.type));
  return { kind: 'difference', left, right, size: stepOf(checker, left.type, at), type: longType, at };
}

export function comparison(checker: Checker, op: CompareOp, left: Typed, right: Typed, at: Span): Typed {
  if (isBroken(left, right)) return broken(at);
  if (isArithmetic(left.type) && isArithmetic(right.type)) {
    const both = balanced(left, right);
    return folded({ kind: 'compare', op, left: both.left, right: both.right, type: intType, at });
  }
  if (!isScalar(left.type) || !isScalar(right.type))
    return fail(checker, at, operandsMessage(op, left.type, right.type), recordHint(left));
  const pointer = isPointer(left.type) ? left.type : right.type;
  warnPointers(checker, op, left, right, at);
  return { kind: 'compare', op, left: convertTo(left, pointer), right: convertTo(right, pointer), type: intType, at };
}

const recordHint = (node: Typed): string | undefined =>
  node.type.kind === 'record' ? 'compare the members one by one' : undefined;

function warnPointers(checker: Checker, op: CompareOp, left: Typed, right: Typed, at: Span): void {
  const { reporter } = checker;
  if (isPointer(left.type) && isPointer(right.type)) {
    const a = unqualified(left.type.to);
    const b = unqualified(right.type.to);
    if (a.kind === 'void' || b.kind === 'void' || compatible(a, b) || isNull(left) || isNull(right)) return;
    reporter.warn(at, `pointers of different types are compared: ${quoteType(left.type)} and ${quoteType(right.type)}`);
  } else if (!isNull(left) && !isNull(right)) {
    const floating = left.type.kind === 'floating' || right.type.kind === 'floating';
    if (floating) reporter.error(at, operandsMessage(op, left.type, right.type));
    else reporter.warn(at, 'a pointer is compared with a number', 'convert one of them');
  }
}

function checkLogical(checker: Checker, node: Of<'binary'>, op: '&&' | '||'): Typed {
  const left = truthOf(checker, check(checker, node.left));
  const known = isBroken(left) ? undefined : integerConstant(left);
  const decided = known !== undefined && (known !== 0n) === (op === '||');
  const right = truthOf(
    checker,
    checkIf(checker, !decided, () => check(checker, node.right)),
  );
  if (isBroken(left, right)) return broken(node.at);
  return folded({ kind: 'logical', op, left, right, type: intType, at: node.at });
}

const compareOps = new Set<BinaryOp>(['==', '!=', '<', '>', '<=', '>=']);

export function checkBinary(checker: Checker, node: Of<'binary'>): Typed {
  const { op, at } = node;
  if (op === '&&' || op === '||') {
    warnBinary(checker, node);
    return checkLogical(checker, node, op);
  }
  const left = op === ',' ? check(checker, node.left) : rvalue(checker, node.left);
  const right = rvalue(checker, node.right);
  if (op === ',') return { kind: 'comma', left, right, type: valueType(right), at };
  warnBinary(checker, node, left, right);
  if (compareOps.has(op)) return comparison(checker, op as CompareOp, left, right, at);
  return arithmetic(checker, op as ArithmeticOp, left, right, at);
}

/** The type that both branches of `?:` are converted to; undefined if there is none. */
function branchType(whenTrue: Typed, otherwise: Typed): CType | undefined {
  const a = valueType(whenTrue);
  const b = valueType(otherwise);
  if (a.kind === 'void' || b.kind === 'void') return voidType;
  if (isArithmetic(a) && isArithmetic(b)) return balanced(whenTrue, otherwise).type;
  if (isPointer(a) && (isNull(otherwise) || !isPointer(b))) return isPointer(b) || isInteger(b) ? a : undefined;
  if (isPointer(b) && (isNull(whenTrue) || !isPointer(a))) return isPointer(a) || isInteger(a) ? b : undefined;
  if (isPointer(a) && isPointer(b)) return mergedPointer(a, b);
  return compatible(a, b) ? a : undefined;
}

function mergedPointer(a: PointerType, b: PointerType): CType {
  const qualifiers = {
    ...((a.to.const ?? b.to.const) ? { const: true as const } : {}),
    ...((a.to.volatile ?? b.to.volatile) ? { volatile: true as const } : {}),
  };
  const to = a.to.kind === 'void' ? a.to : b.to.kind === 'void' ? b.to : a.to;
  return pointerTo(qualify(unqualified(to), qualifiers));
}

export function checkConditional(checker: Checker, node: Of<'conditional'>): Typed {
  const condition = truthOf(checker, check(checker, node.condition));
  const known = isBroken(condition) ? undefined : integerConstant(condition);
  const part = (each: Expression, computed: boolean): Typed =>
    decay(checkIf(checker, computed, () => check(checker, each)));
  const whenTrue = node.whenTrue === undefined ? undefined : part(node.whenTrue, known !== 0n);
  const otherwise = part(node.otherwise, known === undefined || known === 0n);
  if (isBroken(condition, otherwise) || (whenTrue !== undefined && isBroken(whenTrue))) return broken(node.at);
  const first = whenTrue ?? condition;
  const type = branchType(first, otherwise);
  if (type === undefined) {
    return fail(
      checker,
      node.at,
      `the two results of \`?:\` do not go together: ${quoteType(first.type)} and ${quoteType(otherwise.type)}`,
    );
  }
  return conditionalNode({ condition, whenTrue, otherwise, type, at: node.at });
}

interface Parts {
  readonly condition: Typed;
  readonly whenTrue: Typed | undefined;
  readonly otherwise: Typed;
  readonly type: CType;
  readonly at: Span;
}

function conditionalNode(parts: Parts): Typed {
  const { condition, whenTrue, otherwise, type, at } = parts;
  const to = (value: Typed): Typed => (type.kind === 'void' ? value : convertTo(value, type));
  const known = integerConstant(condition);
  if (known !== undefined && type.kind !== 'record') {
    const chosen = known !== 0n ? (whenTrue ?? condition) : otherwise;
    return { ...to(chosen), type };
  }
  const elvis = whenTrue === undefined ? undefined : to(whenTrue);
  return { kind: 'conditional', condition, whenTrue: elvis, otherwise: to(otherwise), type, at };
}
