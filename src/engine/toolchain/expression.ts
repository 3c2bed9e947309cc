/**
 * Expressions of operands and directives, as GNU as reads them. Its precedence is not C's: `* / % << >>` bind tightest,
 * then `& | ^`, then `+ -`, then comparisons (true is −1), then `&&`, then `||`. All values have 64 bits.
 */
import { accept, type Cursor, mistakeAt, next, peek, sees, unexpected } from './cursor.ts';
import { Mistake } from './diagnostics.ts';
import type { AssemblySymbol } from './symbols.ts';
import { malformedNumber } from './tokens.ts';

export type UnaryOp = '-' | '~' | '!';

export type BinaryOp =
  | '*'
  | '/'
  | '%'
  | '<<'
  | '>>'
  | '&'
  | '|'
  | '^'
  | '+'
  | '-'
  | '=='
  | '!='
  | '<'
  | '>'
  | '<='
  | '>='
  | '&&'
  | '||';

/** `size` counts the nodes, so that no source can build a tree too deep or too wide to walk. */
export type Node =
  | { readonly kind: 'number'; readonly value: bigint; readonly size: number }
  | { readonly kind: 'symbol'; readonly symbol: AssemblySymbol; readonly size: number }
  | { readonly kind: 'unary'; readonly op: UnaryOp; readonly a: Node; readonly size: number }
  | { readonly kind: 'binary'; readonly op: BinaryOp; readonly a: Node; readonly b: Node; readonly size: number };

const maxSize = 2000;
const maxDepth = 100;

export const numberNode = (value: bigint): Node => ({ kind: 'number', value: BigInt.asIntN(64, value), size: 1 });
export const symbolNode = (symbol: AssemblySymbol): Node => ({ kind: 'symbol', symbol, size: 1 });

const truth = (value: boolean): bigint => (value ? -1n : 0n);

const shift = (value: bigint, by: bigint): bigint => (by < 0n || by > 63n ? 0n : value << by);

/** Undefined for a division by zero. Operands and result are signed 64-bit values. */
export function applyBinary(op: BinaryOp, a: bigint, b: bigint): bigint | undefined {
  const divides = op === '/' || op === '%';
  if (divides && b === 0n) return undefined;
  return BigInt.asIntN(64, rawBinary(op, a, b));
}

function rawBinary(op: BinaryOp, a: bigint, b: bigint): bigint {
  switch (op) {
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '%':
      return a % b;
    case '<<':
      return shift(a, b);
    case '>>':
      return b < 0n || b > 63n ? 0n : BigInt.asUintN(64, a) >> b;
    case '&':
      return a & b;
    case '|':
      return a | b;
    case '^':
      return a ^ b;
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '==':
      return truth(a === b);
    case '!=':
      return truth(a !== b);
    case '<':
      return truth(a < b);
    case '>':
      return truth(a > b);
    case '<=':
      return truth(a <= b);
    case '>=':
      return truth(a >= b);
    case '&&':
      return a !== 0n && b !== 0n ? 1n : 0n;
    case '||':
      return a !== 0n || b !== 0n ? 1n : 0n;
  }
}

export function applyUnary(op: UnaryOp, a: bigint): bigint {
  if (op === '-') return BigInt.asIntN(64, -a);
  return op === '~' ? ~a : a === 0n ? 1n : 0n;
}

const ranks: Readonly<Record<string, number>> = {
  '*': 6,
  '/': 6,
  '%': 6,
  '<<': 6,
  '>>': 6,
  '&': 5,
  '|': 5,
  '^': 5,
  '+': 4,
  '-': 4,
  '==': 3,
  '!=': 3,
  '<>': 3,
  '<': 3,
  '>': 3,
  '<=': 3,
  '>=': 3,
  '&&': 2,
  '||': 1,
};

/** C's ranks, only to warn where an expression would mean something else there. */
const ranksInC: Readonly<Record<string, number>> = {
  '*': 10,
  '/': 10,
  '%': 10,
  '+': 9,
  '-': 9,
  '<<': 8,
  '>>': 8,
  '<': 7,
  '>': 7,
  '<=': 7,
  '>=': 7,
  '==': 6,
  '!=': 6,
  '<>': 6,
  '&': 5,
  '^': 4,
  '|': 3,
  '&&': 2,
  '||': 1,
};

/** How names become nodes, and where doubts are told. */
export interface Names {
  /** A symbol, or its value if it is a variable that has one now. */
  symbol(name: string): Node;
  /** A numeric label's use, for example `1b`. Throws a `Mistake` without a place if there is none. */
  local(number: string, forward: boolean): Node | undefined;
  /** `.` */
  here(): Node;
  warn(start: number, end: number, message: string, hint: string): void;
}

export function parseExpression(cursor: Cursor, names: Names): Node {
  return parseBinary(cursor, names, 1, 0);
}

function parseBinary(cursor: Cursor, names: Names, least: number, depth: number): Node {
  const first = peek(cursor);
  if (depth > maxDepth) throw mistakeAt(first, 'this expression is nested too deeply');
  let left = parsePrefix(cursor, names, depth);
  let lastOp: string | undefined;
  for (;;) {
    const token = peek(cursor);
    const rank = token.kind === 'punctuation' ? (ranks[token.text] ?? 0) : 0;
    if (rank < least) return left;
    next(cursor);
    const rightAt = cursor.index;
    const right = parseBinary(cursor, names, rank + 1, depth + 1);
    const rightOp = topLevelOp(cursor, rightAt);
    const op = token.text === '<>' ? '!=' : (token.text as BinaryOp);
    if (differsFromC(op, lastOp, rightOp)) {
      const text = cursor.statement.text.slice(first.start, endOf(cursor));
      const explained = 'operators bind here as in GNU as: `* / % << >>` first, then `& | ^`, then `+ -`';
      names.warn(
        first.start,
        endOf(cursor),
        `\`${text}\` means something else in C: ${explained}`,
        'write parentheses',
      );
    }
    left = join(op, left, right, first.start, endOf(cursor));
    lastOp = token.text;
  }
}

const endOf = (cursor: Cursor): number => cursor.tokens[cursor.index - 1]?.end ?? 0;

/** The operator of lowest rank outside parentheses between `from` and the cursor. */
function topLevelOp(cursor: Cursor, from: number): string | undefined {
  if (cursor.index - from < 3) return undefined;
  let depth = 0;
  let lowest: string | undefined;
  for (let index = from; index < cursor.index; index++) {
    const token = cursor.tokens[index];
    if (token?.kind !== 'punctuation') continue;
    if (token.text === '(') depth++;
    else if (token.text === ')') depth--;
    else if (depth === 0 && index > from && (ranks[token.text] ?? 99) < (ranks[lowest ?? ''] ?? 99))
      lowest = token.text;
  }
  return lowest;
}

function differsFromC(op: string, leftOp: string | undefined, rightOp: string | undefined): boolean {
  const inC = ranksInC[op] ?? 0;
  const leftLooser = leftOp !== undefined && (ranksInC[leftOp] ?? 0) < inC;
  const rightLooser = rightOp !== undefined && (ranksInC[rightOp] ?? 0) <= inC;
  return leftLooser || rightLooser;
}

function join(op: BinaryOp, a: Node, b: Node, start: number, end: number): Node {
  if (a.kind === 'number' && b.kind === 'number') {
    const value = applyBinary(op, a.value, b.value);
    if (value === undefined) throw new Mistake('division by zero', start, end);
    return numberNode(value);
  }
  const size = a.size + b.size + 1;
  if (size > maxSize) throw new Mistake('this expression is too large', start, end);
  return { kind: 'binary', op, a, b, size };
}

function parsePrefix(cursor: Cursor, names: Names, depth: number): Node {
  const token = peek(cursor);
  if (depth > maxDepth) throw mistakeAt(token, 'this expression is nested too deeply');
  if (token.kind === 'punctuation') {
    if (token.text === '-' || token.text === '~' || token.text === '!') {
      next(cursor);
      const a = parsePrefix(cursor, names, depth + 1);
      if (a.kind === 'number') return numberNode(applyUnary(token.text, a.value));
      if (a.size >= maxSize) throw mistakeAt(token, 'this expression is too large');
      return { kind: 'unary', op: token.text, a, size: a.size + 1 };
    }
    if (token.text === '+') {
      next(cursor);
      return parsePrefix(cursor, names, depth + 1);
    }
    if (token.text === '(') {
      next(cursor);
      const inner = parseBinary(cursor, names, 1, depth + 1);
      if (!sees(cursor, ')')) throw unexpected(cursor, '`)`');
      accept(cursor, ')');
      return inner;
    }
  }
  return parsePrimary(cursor, names);
}

function parsePrimary(cursor: Cursor, names: Names): Node {
  const token = peek(cursor);
  if (token.kind === 'number') {
    next(cursor);
    return numberNode(token.value);
  }
  if (token.kind === 'local') {
    next(cursor);
    const number = token.text.slice(0, -1);
    const forward = token.text.endsWith('f');
    const node = names.local(number, forward);
    if (node === undefined) {
      throw mistakeAt(
        token,
        `no label \`${number}:\` stands before this`,
        `for one that follows, write \`${number}f\``,
      );
    }
    return node;
  }
  if (token.kind === 'name') {
    next(cursor);
    return token.text === '.' ? names.here() : names.symbol(token.text);
  }
  if (token.kind === 'malformed') throw malformedNumber(token);
  if (token.kind === 'modifier') {
    throw mistakeAt(
      token,
      `\`${token.text}\` can only be the whole of an operand, for example \`${token.text}(symbol)\``,
    );
  }
  throw unexpected(cursor, 'a number or symbol');
}
