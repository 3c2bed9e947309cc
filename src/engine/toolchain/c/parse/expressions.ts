/** Expressions (C11 §6.5), by precedence. */
import type { Span } from '../../diagnostics.ts';
import { typeName } from './declarators.ts';
import { initializer } from './initializers.ts';
import { primary } from './primary.ts';
import { accept, expect, expectName, nested, next, peek, type Reader, sees } from './reader.ts';
import { startsType } from './specifiers.ts';
import { compound } from './statements.ts';
import { type AssignOp, across, type BinaryOp, type Expression, type TypeSyntax, type UnaryOp } from './syntax.ts';

const precedence: ReadonlyMap<string, number> = new Map([
  ['||', 1],
  ['&&', 2],
  ['|', 3],
  ['^', 4],
  ['&', 5],
  ['==', 6],
  ['!=', 6],
  ['<', 7],
  ['>', 7],
  ['<=', 7],
  ['>=', 7],
  ['<<', 8],
  ['>>', 8],
  ['+', 9],
  ['-', 9],
  ['*', 10],
  ['/', 10],
  ['%', 10],
]);
const assignments = new Set(['=', '+=', '-=', '*=', '/=', '%=', '<<=', '>>=', '&=', '|=', '^=']);
const prefixes = new Set(['-', '+', '!', '~', '*', '&', '++', '--']);

export function expression(reader: Reader): Expression {
  let left = assignment(reader);
  for (let comma = accept(reader, ','); comma !== undefined; comma = accept(reader, ',')) {
    const right = assignment(reader);
    left = { kind: 'binary', op: ',', left, right, opAt: comma.at, at: across(left.at, right.at) };
  }
  return left;
}

export function assignment(reader: Reader): Expression {
  return nested(reader, () => {
    const target = conditional(reader);
    const op = peek(reader);
    if (op.kind !== 'punctuation' || !assignments.has(op.text)) return target;
    next(reader);
    const value = assignment(reader);
    return { kind: 'assign', op: op.text as AssignOp, target, value, opAt: op.at, at: across(target.at, value.at) };
  });
}

export function conditional(reader: Reader): Expression {
  const condition = binary(reader, 1);
  if (!accept(reader, '?')) return condition;
  const whenTrue = sees(reader, ':') ? undefined : expression(reader);
  expect(reader, ':');
  const otherwise = nested(reader, () => conditional(reader));
  return { kind: 'conditional', condition, whenTrue, otherwise, at: across(condition.at, otherwise.at) };
}

function binary(reader: Reader, least: number): Expression {
  let left = unary(reader);
  for (;;) {
    const op = peek(reader);
    const rank = op.kind === 'punctuation' ? precedence.get(op.text) : undefined;
    if (rank === undefined || rank < least) return left;
    next(reader);
    const right = binary(reader, rank + 1);
    left = { kind: 'binary', op: op.text as BinaryOp, left, right, opAt: op.at, at: across(left.at, right.at) };
  }
}

function unary(reader: Reader): Expression {
  const token = peek(reader);
  if (token.kind === 'punctuation') {
    if (prefixes.has(token.text)) return prefix(reader);
    if (token.text === '(' && startsType(reader, 1)) return nested(reader, () => cast(reader));
  }
  if (token.kind === 'name') {
    if (token.text === 'sizeof') return measure(reader, 'sizeof');
    if (/^(?:_Alignof|__alignof(?:__)?)$/.test(token.text)) return measure(reader, 'alignof');
    if (token.text === '__extension__') {
      next(reader);
      return nested(reader, () => unary(reader));
    }
  }
  return postfix(reader, primary(reader));
}

function prefix(reader: Reader): Expression {
  const op = next(reader);
  const operand = nested(reader, () => unary(reader));
  return { kind: 'unary', op: op.text as UnaryOp, operand, at: across(op.at, operand.at) };
}

function cast(reader: Reader): Expression {
  const open = next(reader);
  if (sees(reader, '{')) return statementExpression(reader, open.at);
  const type = typeName(reader);
  expect(reader, ')');
  if (sees(reader, '{')) return postfix(reader, compoundLiteral(reader, type, open.at));
  const operand = unary(reader);
  return { kind: 'cast', type, operand, at: across(open.at, operand.at) };
}

function compoundLiteral(reader: Reader, type: TypeSyntax, at: Span): Expression {
  return { kind: 'compound', type, initializer: initializer(reader), at };
}

/** `({ … })`; the `(` has been read. */
export function statementExpression(reader: Reader, at: Span): Expression {
  const body = compound(reader);
  expect(reader, ')');
  return { kind: 'block', body, at };
}

function measure(reader: Reader, kind: 'sizeof' | 'alignof'): Expression {
  const word = next(reader);
  if (sees(reader, '(') && startsType(reader, 1)) {
    const open = next(reader);
    const of = typeName(reader);
    const close = expect(reader, ')');
    if (sees(reader, '{')) {
      const literal = postfix(reader, compoundLiteral(reader, of, open.at));
      return { kind, of: literal, isType: false, at: across(word.at, literal.at) };
    }
    return { kind, of, isType: true, at: across(word.at, close.at) };
  }
  const of = nested(reader, () => unary(reader));
  return { kind, of, isType: false, at: across(word.at, of.at) };
}

function callArguments(reader: Reader): Expression[] {
  const args: Expression[] = [];
  if (sees(reader, ')')) return args;
  do args.push(assignment(reader));
  while (accept(reader, ','));
  return args;
}

export function postfix(reader: Reader, first: Expression): Expression {
  let left = first;
  for (;;) {
    const token = peek(reader);
    if (token.kind !== 'punctuation') return left;
    if (token.text === '[') {
      next(reader);
      const index = expression(reader);
      const close = expect(reader, ']');
      left = { kind: 'index', base: left, index, at: across(left.at, close.at) };
    } else if (token.text === '(') {
      next(reader);
      const args = callArguments(reader);
      const close = expect(reader, ')');
      left = { kind: 'call', callee: left, args, at: across(left.at, close.at) };
    } else if (token.text === '.' || token.text === '->') {
      next(reader);
      const name = expectName(reader, 'the name of a member');
      const at = across(left.at, name.at);
      left = { kind: 'member', object: left, name: name.text, arrow: token.text === '->', nameAt: name.at, at };
    } else if (token.text === '++' || token.text === '--') {
      next(reader);
      left = { kind: 'postfix', op: token.text, operand: left, at: across(left.at, token.at) };
    } else return left;
  }
}
