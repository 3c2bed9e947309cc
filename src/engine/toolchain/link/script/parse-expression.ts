/** Expressions of linker scripts. Operators bind as in C. */
import { Mistake } from '../../diagnostics.ts';
import { didYouMean } from '../../suggest.ts';
import type { Scanner } from './scanner.ts';
import type { BinaryOperator, Expression, PlainFunction, RegionFunction, SectionFunction } from './script.ts';

const levels: readonly (readonly BinaryOperator[])[] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<=', '>=', '<', '>'],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
];
const unaryOperators = ['-', '~', '!', '+'] as const;

/** Operators that the text here could also be the beginning of. */
const longer: Readonly<Record<string, readonly string[]>> = {
  '|': ['||', '|='],
  '&': ['&&', '&='],
  '<': ['<<', '<='],
  '>': ['>>', '>='],
  '<<': ['<<='],
  '>>': ['>>='],
  '+': ['+='],
  '-': ['-='],
  '*': ['*='],
  '/': ['/='],
};

const argumentCounts: Readonly<Record<PlainFunction, readonly [least: number, most: number]>> = {
  ALIGN: [1, 2],
  ABSOLUTE: [1, 1],
  MAX: [2, 2],
  MIN: [2, 2],
  LOG2CEIL: [1, 1],
  DATA_SEGMENT_ALIGN: [2, 2],
  DATA_SEGMENT_RELRO_END: [2, 2],
  DATA_SEGMENT_END: [1, 1],
};
const plainFunctions = Object.keys(argumentCounts) as PlainFunction[];
const sectionFunctions: readonly SectionFunction[] = ['ADDR', 'SIZEOF', 'LOADADDR', 'ALIGNOF'];
const regionFunctions: readonly RegionFunction[] = ['ORIGIN', 'LENGTH'];
const otherFunctions = ['DEFINED', 'CONSTANT', 'SEGMENT_START', 'BLOCK', 'NEXT', 'ASSERT', 'SIZEOF_HEADERS'];

/** MAXPAGESIZE and COMMONPAGESIZE as GNU ld has them for RISC-V. */
const constants: Readonly<Record<string, bigint>> = { MAXPAGESIZE: 0x1000n, COMMONPAGESIZE: 0x1000n };

const maxDepth = 100;

export function parseExpression(scanner: Scanner, depth = 0): Expression {
  if (depth > maxDepth) throw new Mistake('this expression is nested too deeply', scanner.at, scanner.at + 1);
  const test = parseLevel(scanner, 0, depth);
  if (!scanner.accept('?')) return test;
  const whenTrue = parseExpression(scanner, depth + 1);
  scanner.expect(':', 'of `condition ? a : b`');
  return { kind: 'conditional', test, whenTrue, whenFalse: parseExpression(scanner, depth + 1) };
}

const operatorAt = (scanner: Scanner, level: number): BinaryOperator | undefined =>
  levels[level]?.find((op) => scanner.sees(op) && !longer[op]?.some((other) => scanner.sees(other)));

/** A long chain of operators makes a tree as deep as it is long. */
const maxChain = 1000;

function parseLevel(scanner: Scanner, level: number, depth: number): Expression {
  if (level === levels.length) return parseUnary(scanner, depth);
  let left = parseLevel(scanner, level + 1, depth);
  for (let count = 0; ; count++) {
    const op = operatorAt(scanner, level);
    if (op === undefined) return left;
    if (count > maxChain) throw new Mistake('this expression is too long', scanner.at, scanner.at + 1);
    const start = scanner.at;
    scanner.accept(op);
    const at = scanner.span(start, start + op.length);
    left = { kind: 'binary', op, a: left, b: parseLevel(scanner, level + 1, depth), at };
  }
}

function parseUnary(scanner: Scanner, depth: number): Expression {
  if (depth > maxDepth) throw new Mistake('this expression is nested too deeply', scanner.at, scanner.at + 1);
  for (const op of unaryOperators) {
    if (scanner.accept(op)) return { kind: 'unary', op, a: parseUnary(scanner, depth + 1) };
  }
  if (scanner.accept('(')) {
    const inner = parseExpression(scanner, depth + 1);
    scanner.expect(')', 'to close the parenthesis');
    return inner;
  }
  return parseOperand(scanner, depth);
}

function parseOperand(scanner: Scanner, depth: number): Expression {
  scanner.skip();
  const start = scanner.at;
  const number = scanner.number();
  if (number !== undefined) return { kind: 'number', value: numberValue(scanner, number, start) };
  const quoted = scanner.sees('"');
  const name = scanner.symbol();
  const end = scanner.at;
  if (name === undefined) throw scanner.unexpected('a value');
  if (name === '.' && !quoted) return { kind: 'dot' };
  if (name === 'SIZEOF_HEADERS' || name === 'sizeof_headers') {
    scanner.usesHeaders = true;
    return { kind: 'headersSize' };
  }
  if (!quoted && scanner.sees('(')) return parseCall(scanner, name, start, depth);
  return { kind: 'symbol', name, at: scanner.span(start, end) };
}

const factors: Readonly<Record<string, bigint>> = { k: 1024n, m: 1024n * 1024n };

function numberValue(scanner: Scanner, written: string, start: number): bigint {
  const [, hexadecimal, decimal = '0', unit = ''] = /^(?:0x([\da-f]+)|(\d+))([km]?)$/.exec(written.toLowerCase()) ?? [];
  if (/[\w.]/.test(scanner.text[scanner.at] ?? ' ')) {
    const rest = /^[\w.]+/.exec(scanner.text.slice(start, start + 60))?.[0] ?? written;
    throw new Mistake(`\`${rest}\` is not a number`, start, start + rest.length, 'numbers are 64, 0x40 or 4K');
  }
  const plain = /^0[0-7]+$/.test(decimal) ? BigInt(`0o${decimal}`) : BigInt(decimal);
  const value = (hexadecimal === undefined ? plain : BigInt(`0x${hexadecimal}`)) * (factors[unit] ?? 1n);
  if (value >> 64n === 0n) return value;
  throw new Mistake(`\`${written}\` does not fit in 64 bits`, start, start + written.length);
}

function parseCall(scanner: Scanner, name: string, start: number, depth: number): Expression {
  scanner.expect('(', 'of the function');
  const at = scanner.span(start, start + name.length);
  const result = callOf(scanner, name, start, depth);
  if (result === undefined) {
    const known = [...plainFunctions, ...sectionFunctions, ...regionFunctions, ...otherFunctions];
    throw new Mistake(`there is no function \`${name}\``, start, start + name.length, didYouMean(name, known));
  }
  scanner.expect(')', `to close \`${name}(\``);
  return 'at' in result ? { ...result, at } : result;
}

function callOf(scanner: Scanner, name: string, start: number, depth: number): Expression | undefined {
  const at = scanner.span(start, start + name.length);
  const plain = plainFunctions.find((each) => each === name);
  if (plain !== undefined) return { kind: 'call', name: plain, args: parseArguments(scanner, plain, start, depth), at };
  const ofSection = sectionFunctions.find((each) => each === name);
  if (ofSection !== undefined) return { kind: 'section', name: ofSection, section: wordIn(scanner, 'a section'), at };
  const ofRegion = regionFunctions.find((each) => each === name);
  if (ofRegion !== undefined) return { kind: 'region', name: ofRegion, region: wordIn(scanner, 'a memory region'), at };
  switch (name) {
    case 'DEFINED':
      return { kind: 'defined', name: wordIn(scanner, 'a symbol') };
    case 'CONSTANT':
      return { kind: 'number', value: constantValue(scanner) };
    case 'SEGMENT_START':
      wordIn(scanner, 'the name of a segment');
      scanner.expect(',', 'between the arguments');
      return parseExpression(scanner, depth + 1);
    case 'BLOCK':
    case 'NEXT':
      return { kind: 'call', name: 'ALIGN', args: [parseExpression(scanner, depth + 1)], at };
    case 'ASSERT':
      return { kind: 'assert', ...parseAssertion(scanner, depth + 1), at };
    default:
      return undefined;
  }
}

function wordIn(scanner: Scanner, what: string): string {
  const word = scanner.wild();
  if (word === undefined) throw scanner.unexpected(`the name of ${what.replace(/^the name of /, '')}`);
  return word;
}

function constantValue(scanner: Scanner): bigint {
  scanner.skip();
  const start = scanner.at;
  const name = scanner.symbol() ?? '';
  const value = Object.hasOwn(constants, name) ? constants[name] : undefined;
  if (value !== undefined) return value;
  throw new Mistake(
    `\`${name}\` is not a constant`,
    start,
    start + Math.max(name.length, 1),
    'MAXPAGESIZE or COMMONPAGESIZE',
  );
}

function parseArguments(scanner: Scanner, name: PlainFunction, start: number, depth: number): Expression[] {
  const [least, most] = argumentCounts[name];
  const args = [parseExpression(scanner, depth + 1)];
  while (args.length < most && scanner.accept(',')) args.push(parseExpression(scanner, depth + 1));
  if (args.length < least) {
    throw new Mistake(`\`${name}\` takes ${least} arguments`, start, start + name.length);
  }
  return args;
}

/** Behind the opening parenthesis of ASSERT, up to the closing one. */
export function parseAssertion(scanner: Scanner, depth = 0): { readonly test: Expression; readonly message: string } {
  const test = parseExpression(scanner, depth);
  scanner.expect(',', 'before the message');
  const message = scanner.quoted();
  if (message === undefined) throw scanner.unexpected('the message in quotes');
  return { test, message };
}
