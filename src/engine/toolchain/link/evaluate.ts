/** Evaluates a script's expressions against a layout in progress. */
import type { Span } from '../diagnostics.ts';
import { didYouMean } from '../suggest.ts';
import type { BinaryOperator, Expression, UnaryOperator } from './script/script.ts';
import { absolute, alignUp, combine, combinedBase, plain, type Value } from './values.ts';

export interface OutputFacts {
  readonly address: bigint;
  readonly loadAddress: bigint;
  readonly size: bigint;
  readonly alignment: bigint;
}

/** What expressions can ask about. Undefined where there is no such thing. */
export interface Scope {
  /** The location counter. */
  readonly dot: Value;
  readonly headersSize: bigint;
  addressOf(base: number): bigint;
  symbol(name: string): Value | undefined;
  isDefined(name: string): boolean;
  section(name: string): { readonly index: number; readonly facts: OutputFacts } | undefined;
  region(name: string): { readonly origin: bigint; readonly length: bigint } | undefined;
  /** Names for "did you mean". */
  symbolNames(): Iterable<string>;
  sectionNames(): Iterable<string>;
  regionNames(): Iterable<string>;
  error(at: Span, message: string, hint?: string): void;
}

/** The whole address, whatever the value is relative to. */
export const addressIn = (scope: Scope, { value, base }: Value): bigint =>
  BigInt.asUintN(64, typeof base === 'number' ? value + scope.addressOf(base) : value);

export function evaluate(node: Expression, scope: Scope): Value {
  switch (node.kind) {
    case 'number':
      return plain(node.value);
    case 'dot':
      return scope.dot;
    case 'headersSize':
      return plain(scope.headersSize);
    case 'defined':
      return plain(scope.isDefined(node.name) ? 1n : 0n);
    case 'symbol':
      return symbolValue(node, scope);
    case 'unary':
      return unary(node.op, evaluate(node.a, scope), scope);
    case 'binary':
      return binary(node.op, evaluate(node.a, scope), evaluate(node.b, scope), node.at, scope);
    case 'conditional':
      return evaluate(addressIn(scope, evaluate(node.test, scope)) !== 0n ? node.whenTrue : node.whenFalse, scope);
    case 'call':
      return call(node, scope);
    case 'section':
      return sectionFact(node, scope);
    case 'region':
      return regionFact(node, scope);
    case 'assert': {
      const value = evaluate(node.test, scope);
      if (addressIn(scope, value) === 0n) scope.error(node.at, node.message);
      return value;
    }
  }
}

function symbolValue({ name, at }: Expression & { kind: 'symbol' }, scope: Scope): Value {
  const value = scope.symbol(name);
  if (value === undefined) scope.error(at, `\`${name}\` is not defined`, didYouMean(name, scope.symbolNames()));
  return value ?? plain(0n);
}

function unary(op: UnaryOperator, value: Value, scope: Scope): Value {
  if (op === '+') return value;
  const number = addressIn(scope, value);
  if (op === '!') return plain(number === 0n ? 1n : 0n);
  const result = op === '-' ? -number : ~number;
  return value.base === undefined ? plain(result) : absolute(result);
}

function binary(op: BinaryOperator, left: Value, right: Value, at: Span, scope: Scope): Value {
  const apart = left.base !== right.base && left.base !== undefined && right.base !== undefined;
  const a = apart ? absolute(addressIn(scope, left)) : left;
  const b = apart ? absolute(addressIn(scope, right)) : right;
  const value = combine(op, a.value, b.value);
  if (value === undefined) scope.error(at, 'division by zero');
  return { value: BigInt.asUintN(64, value ?? 0n), base: combinedBase(op, a, b) };
}

function call({ name, args, at }: Expression & { kind: 'call' }, scope: Scope): Value {
  const values = args.map((arg) => evaluate(arg, scope));
  const numbers = values.map((value) => addressIn(scope, value));
  const [a = 0n, b = 0n] = numbers;
  switch (name) {
    case 'ALIGN':
      checkAlignment(args.length === 1 ? a : b, at, scope);
      return absolute(args.length === 1 ? alignUp(addressIn(scope, scope.dot), a) : alignUp(a, b));
    case 'DATA_SEGMENT_ALIGN':
      return absolute(alignUp(addressIn(scope, scope.dot), a));
    case 'DATA_SEGMENT_RELRO_END':
      return absolute(b);
    case 'DATA_SEGMENT_END':
    case 'ABSOLUTE':
      return absolute(a);
    case 'MAX':
    case 'MIN':
      return extreme(name, values, scope);
    case 'LOG2CEIL':
      return plain(a <= 1n ? 0n : BigInt((a - 1n).toString(2).length));
  }
}

/** Of an offset in a section and a plain number the number counts as an offset too. */
function extreme(name: 'MAX' | 'MIN', [left = plain(0n), right = plain(0n)]: readonly Value[], scope: Scope): Value {
  const apart = left.base !== right.base && left.base !== undefined && right.base !== undefined;
  const a = apart ? absolute(addressIn(scope, left)) : left;
  const b = apart ? absolute(addressIn(scope, right)) : right;
  const takesLeft = name === 'MAX' ? a.value > b.value : a.value < b.value;
  return { value: takesLeft ? a.value : b.value, base: a.base ?? b.base };
}

function checkAlignment(alignment: bigint, at: Span, scope: Scope): void {
  if (alignment === 0n || (alignment & (alignment - 1n)) === 0n) return;
  scope.error(at, `the alignment is ${alignment}; it must be a power of two`);
}

function sectionFact({ name, section, at }: Expression & { kind: 'section' }, scope: Scope): Value {
  const found = scope.section(section);
  // GNU ld takes the size of what is not there for zero, and scripts rely on it.
  if (found === undefined && name === 'SIZEOF') return plain(0n);
  if (found === undefined) {
    scope.error(at, `there is no output section \`${section}\``, didYouMean(section, scope.sectionNames()));
    return plain(0n);
  }
  const { facts, index } = found;
  if (name === 'ADDR') return { value: 0n, base: index };
  if (name === 'LOADADDR') return absolute(facts.loadAddress);
  return plain(name === 'SIZEOF' ? facts.size : facts.alignment);
}

function regionFact({ name, region, at }: Expression & { kind: 'region' }, scope: Scope): Value {
  const found = scope.region(region);
  if (found === undefined) {
    scope.error(at, `there is no memory region \`${region}\``, didYouMean(region, scope.regionNames()));
    return plain(0n);
  }
  return plain(name === 'ORIGIN' ? found.origin : found.length);
}
