/** Slips that compile, and do something else than was meant. */
import type { Expression } from '../parse/syntax.ts';
import { isInteger } from '../types/types.ts';
import type { Checker } from './checker.ts';
import { integerConstant } from './constant.ts';
import { promoted } from './convert.ts';
import { isNonNegative } from './signs.ts';
import type { Local, Typed } from './tree.ts';

type Binary = Expression & { readonly kind: 'binary' };

const comparisons = new Set(['==', '!=', '<', '>', '<=', '>=']);
const bitwise = new Set(['&', '|', '^']);

const isPlain = (node: Expression, ops: ReadonlySet<string>): boolean =>
  node.kind === 'binary' && node.wrapped === undefined && ops.has(node.op);

/** `a & b == c`, `a << b + c`, `a < b < c`: the order is not the one that is read. */
function warnOrder(checker: Checker, node: Binary): void {
  const { op, left, right, at } = node;
  const mixed = bitwise.has(op) && (isPlain(left, comparisons) || isPlain(right, comparisons));
  if (mixed) {
    const inner = isPlain(right, comparisons) ? right : left;
    const word = inner.kind === 'binary' ? inner.op : '';
    checker.reporter.warn(at, `\`${word}\` is computed before \`${op}\``, `write parentheses around the \`${op}\``);
  }
  const shift = op === '<<' || op === '>>';
  const sums = new Set(['+', '-']);
  if (shift && (isPlain(left, sums) || isPlain(right, sums))) {
    checker.reporter.warn(
      at,
      `\`+\` and \`-\` are computed before \`${op}\``,
      'write parentheses to show what is meant',
    );
  }
  const ordered = new Set(['<', '>', '<=', '>=']);
  if (ordered.has(op) && isPlain(left, ordered)) {
    checker.reporter.warn(at, 'this compares the result of a comparison, 0 or 1', 'write `a < b && b < c`');
  }
}

const equalities = new Set(['==', '!=']);

/** Only an order is decided by what a negative number counts as; an equality, where the number is known to be one. */
function warnSigns(checker: Checker, node: Binary, left: Typed, right: Typed): void {
  if (!comparisons.has(node.op)) return;
  const a = promoted(left);
  const b = promoted(right);
  if (!isInteger(a.type) || !isInteger(b.type) || a.type.signed === b.type.signed) return;
  const [signed, unsigned] = a.type.signed ? [a, b] : [b, a];
  if (signed.type.kind !== 'integer' || unsigned.type.kind !== 'integer' || signed.type.size > unsigned.type.size)
    return;
  const known = integerConstant(signed);
  if (known === undefined && equalities.has(node.op)) return;
  // A register or a flag is often compared with -1 or ~0, and that is meant.
  if (known !== undefined && equalities.has(node.op) && signed.type.size === unsigned.type.size) return;
  const what =
    known === undefined ? 'a negative number counts as a very large one' : `${known} counts as a very large number`;
  const warn = (): void =>
    checker.reporter.warn(node.at, `numbers of different signs are compared: ${what} here`, 'convert one of them');
  const locals = new Set<Local>();
  if (!isNonNegative(signed, locals)) warn();
  else if (locals.size > 0) checker.current?.signChecks.push({ locals, warn });
}

function warnDivision(checker: Checker, node: Binary, left: Typed, right: Typed): void {
  if ((node.op !== '/' && node.op !== '%') || !isInteger(left.type) || !isInteger(right.type)) return;
  if (integerConstant(right) === 0n) checker.reporter.warn(node.at, 'this divides by zero');
}

function warnShift(checker: Checker, node: Binary, left: Typed, right: Typed): void {
  if (node.op !== '<<' && node.op !== '>>') return;
  const { type } = promoted(left);
  const by = integerConstant(right);
  if (by === undefined || type.kind !== 'integer') return;
  if (by >= 0n && by < BigInt(type.size * 8)) return;
  const hint = by >= 32n && by < 64n ? 'a number of 64 bits is written `1UL`' : undefined;
  checker.reporter.warn(node.at, `a number of ${type.size * 8} bits cannot be shifted by ${by}`, hint);
}

/** A string compared by its address. */
function warnStrings(checker: Checker, node: Binary, left: Typed, right: Typed): void {
  if (node.op !== '==' && node.op !== '!=') return;
  const isString = (value: Typed): boolean => value.kind === 'address' && value.operand.kind === 'string';
  if (!isString(left) && !isString(right)) return;
  checker.reporter.warn(node.at, 'this compares addresses, not texts', 'use `strcmp`');
}

/** Operands are given where they are checked by now. */
export function warnBinary(checker: Checker, node: Binary, left?: Typed, right?: Typed): void {
  warnOrder(checker, node);
  if (left === undefined || right === undefined) return;
  if (checker.skipped > 0) return;
  warnSigns(checker, node, left, right);
  warnDivision(checker, node, left, right);
  warnShift(checker, node, left, right);
  warnStrings(checker, node, left, right);
}

/** `if (a = b)`. */
export function warnCondition(checker: Checker, node: Expression): void {
  if (node.kind !== 'assign' || node.op !== '=' || node.wrapped !== undefined) return;
  const hint = 'write `==` to compare, or a second pair of parentheses if it is meant';
  checker.reporter.warn(node.opAt, 'this `=` assigns: the condition is the new value', hint);
}

function warnUnusedResult({ reporter }: Checker, value: Typed): void {
  if (value.kind !== 'call' || value.callee.kind !== 'address' || value.callee.operand.kind !== 'global') return;
  const { mustUse, name } = value.callee.operand.global;
  const hint = 'look at it, or write `(void)` before the call';
  if (mustUse)
    reporter.warn(value.at, `what \`${name}\` returns says whether it went well, and is not looked at`, hint);
}

/** A statement that computes something and does nothing with it. */
export function warnUnusedValue(checker: Checker, node: Expression, value: Typed): void {
  warnUnusedResult(checker, value);
  const pure =
    node.kind === 'binary'
      ? node.op !== ',' && node.op !== '&&' && node.op !== '||'
      : /^(?:name|integer|floating|index|member|string)$/.test(node.kind);
  if (!pure || node.wrapped !== undefined || value.type.kind === 'broken' || value.type.kind === 'void') return;
  if (value.type.volatile !== undefined) return;
  const compare = node.kind === 'binary' && node.op === '==';
  const called = value.type.kind === 'function' ? 'write `()` after the name to call the function' : undefined;
  checker.reporter.warn(node.at, 'this value is computed and not used', compare ? 'write `=` to assign' : called);
}
