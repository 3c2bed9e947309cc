/** The expression of `#if`: integers of 64 bits (C11 §6.10.1). */
import type { Reporter, Span } from '../../diagnostics.ts';
import { characterValue, integerLiteral } from '../parse/literals.ts';
import type { Token } from './tokens.ts';

interface Number64 {
  readonly value: bigint;
  readonly unsigned: boolean;
}

interface Reader {
  readonly tokens: readonly Token[];
  readonly at: Span;
  index: number;
  depth: number;
  /** What is read is not evaluated: it may divide by zero. */
  skipped: number;
}

/** Thrown and caught in this file alone. */
class Unreadable {
  readonly message: string;
  readonly at: Span;
  constructor(message: string, at: Span) {
    this.message = message;
    this.at = at;
  }
}

const signed = (value: bigint): Number64 => ({ value: BigInt.asIntN(64, value), unsigned: false });
const truth = (value: boolean): Number64 => signed(value ? 1n : 0n);
const wrap = (value: bigint, unsigned: boolean): Number64 =>
  unsigned ? { value: BigInt.asUintN(64, value), unsigned } : signed(value);

const precedence: Readonly<Record<string, number>> = {
  '||': 1,
  '&&': 2,
  '|': 3,
  '^': 4,
  '&': 5,
  '==': 6,
  '!=': 6,
  '<': 7,
  '>': 7,
  '<=': 7,
  '>=': 7,
  '<<': 8,
  '>>': 8,
  '+': 9,
  '-': 9,
  '*': 10,
  '/': 10,
  '%': 10,
};

function apply(reader: Reader, op: string, left: Number64, right: Number64, at: Span): Number64 {
  const unsigned = left.unsigned || right.unsigned;
  const a = wrap(left.value, unsigned).value;
  const b = wrap(right.value, unsigned).value;
  if ((op === '/' || op === '%') && b === 0n) {
    if (reader.skipped > 0) return truth(false);
    throw new Unreadable('division by zero in `#if`', at);
  }
  const table: Readonly<Record<string, () => Number64>> = {
    '||': () => truth(a !== 0n || b !== 0n),
    '&&': () => truth(a !== 0n && b !== 0n),
    '|': () => wrap(a | b, unsigned),
    '^': () => wrap(a ^ b, unsigned),
    '&': () => wrap(a & b, unsigned),
    '==': () => truth(a === b),
    '!=': () => truth(a !== b),
    '<': () => truth(a < b),
    '>': () => truth(a > b),
    '<=': () => truth(a <= b),
    '>=': () => truth(a >= b),
    '<<': () => wrap(left.value << (right.value & 63n), left.unsigned),
    '>>': () => wrap(left.value >> (right.value & 63n), left.unsigned),
    '+': () => wrap(a + b, unsigned),
    '-': () => wrap(a - b, unsigned),
    '*': () => wrap(a * b, unsigned),
    '/': () => wrap(a / b, unsigned),
    '%': () => wrap(a % b, unsigned),
  };
  return (table[op] ?? (() => truth(false)))();
}

function primary(reader: Reader): Number64 {
  const token = reader.tokens[reader.index++];
  if (token === undefined) throw new Unreadable('the condition ends too early', reader.at);
  if (++reader.depth > 200) throw new Unreadable('the condition is nested too deeply', token.at);
  try {
    if (token.text === '(') {
      const value = ternary(reader);
      if (reader.tokens[reader.index++]?.text !== ')') throw new Unreadable('a `)` is missing', token.at);
      return value;
    }
    if (token.text === '!') return truth(primary(reader).value === 0n);
    if (token.text === '+') return primary(reader);
    if (token.text === '-' || token.text === '~') {
      const { value, unsigned } = primary(reader);
      return wrap(token.text === '-' ? -value : ~value, unsigned);
    }
    if (token.kind === 'name') return truth(false);
    if (token.kind === 'character') return signed(BigInt(characterValue(token.text)?.value ?? 0));
    const literal = token.kind === 'number' ? integerLiteral(token.text) : undefined;
    if (literal !== undefined) return wrap(literal.value, literal.unsigned || literal.value >= 1n << 63n);
    throw new Unreadable(`\`${token.text}\` cannot stand in a condition of the preprocessor`, token.at);
  } finally {
    reader.depth--;
  }
}

function binary(reader: Reader, least: number): Number64 {
  let left = primary(reader);
  for (;;) {
    const token = reader.tokens[reader.index];
    const rank = token === undefined ? undefined : precedence[token.text];
    if (token === undefined || rank === undefined || rank < least) return left;
    reader.index++;
    const decided = token.text === '&&' ? left.value === 0n : token.text === '||' && left.value !== 0n;
    const right = skippedIf(reader, decided, () => binary(reader, rank + 1));
    left = apply(reader, token.text, left, right, token.at);
  }
}

function skippedIf(reader: Reader, skipped: boolean, read: () => Number64): Number64 {
  if (skipped) reader.skipped++;
  const value = read();
  if (skipped) reader.skipped--;
  return value;
}

function ternary(reader: Reader): Number64 {
  const condition = binary(reader, 1);
  if (reader.tokens[reader.index]?.text !== '?') return condition;
  reader.index++;
  const whenTrue = skippedIf(reader, condition.value === 0n, () => ternary(reader));
  if (reader.tokens[reader.index++]?.text !== ':') throw new Unreadable('a `:` is missing', reader.at);
  const otherwise = skippedIf(reader, condition.value !== 0n, () => ternary(reader));
  return condition.value !== 0n ? whenTrue : otherwise;
}

/** Whether the condition holds; a mistake is reported and counts as no. */
export function evaluateCondition(tokens: readonly Token[], at: Span, reporter: Reporter): boolean {
  const reader: Reader = { tokens, at, index: 0, depth: 0, skipped: 0 };
  try {
    const { value } = ternary(reader);
    const rest = tokens[reader.index];
    if (rest !== undefined) throw new Unreadable(`\`${rest.text}\` is not expected here`, rest.at);
    return value !== 0n;
  } catch (thrown) {
    if (!(thrown instanceof Unreadable)) throw thrown;
    reporter.error(thrown.at, thrown.message);
    return false;
  }
}
