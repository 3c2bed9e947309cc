/** Expressions of C that name something: `p->next->pid`, `a[i].x`, `*p`, `&table[3]`. */
import { evaluateNumber, isTokenName, type Token, tokenize } from './expression-tokens.ts';
import { bytesOf } from './target.ts';
import { longType, plainType, type Type } from './types.ts';
import { dereferenced, elementOf, fieldNamed, integerValue, type Target, type Value } from './values.ts';

export type Evaluated = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly message: string };

export interface Names {
  /** A variable that is seen there, or a register (`$sp`). */
  lookUp(name: string): Value | undefined;
}

class Wrong extends Error {}

interface Parser {
  readonly tokens: readonly Token[];
  readonly names: Names;
  readonly target: Target;
  index: number;
  depth: number;
}

const peek = ({ tokens, index }: Parser): string => tokens[index]?.text ?? '';

function accept(parser: Parser, text: string): boolean {
  if (peek(parser) !== text) return false;
  parser.index++;
  return true;
}

function expect(parser: Parser, text: string): void {
  if (!accept(parser, text))
    throw new Wrong(`\`${text}\` is missing ${peek(parser) === '' ? 'at the end' : `before \`${peek(parser)}\``}`);
}

const numberValue = (value: bigint): Value => ({ type: longType, place: { kind: 'value', bytes: bytesOf(value, 8) } });

function primary(parser: Parser): Value {
  if (accept(parser, '(')) {
    const value = unary(parser);
    expect(parser, ')');
    return value;
  }
  const text = peek(parser);
  if (text === '') throw new Wrong('a name is missing at the end');
  parser.index++;
  const number = evaluateNumber(text);
  if (number !== undefined) return numberValue(number);
  if (!isTokenName(text)) throw new Wrong(`a name is needed where \`${text}\` stands`);
  const found = parser.names.lookUp(text);
  if (found === undefined) throw new Wrong(`there is no \`${text}\` here`);
  return found;
}

function memberOf(parser: Parser, value: Value): Value {
  const name = peek(parser);
  if (!isTokenName(name)) throw new Wrong('the name of a member is missing');
  parser.index++;
  const found = fieldNamed(value, name, parser.target);
  if (found === undefined) throw new Wrong(`there is no member \`${name}\``);
  return found;
}

function pointed(parser: Parser, value: Value): Value {
  const found = dereferenced(value, parser.target);
  if (found !== undefined) return found;
  const { kind } = plainType(value.type);
  if (kind !== 'pointer' && kind !== 'array') throw new Wrong('this is no pointer');
  throw new Wrong('the pointer is not known here');
}

function element(parser: Parser, value: Value): Value {
  const index = integerValue(unary(parser), parser.target);
  expect(parser, ']');
  if (index === undefined) throw new Wrong('the index is not known here');
  const found = elementOf(value, Number(BigInt.asIntN(53, index)), parser.target);
  if (found === undefined) throw new Wrong('this has no elements');
  return found;
}

function postfix(parser: Parser): Value {
  let value = primary(parser);
  for (;;) {
    if (accept(parser, '.')) value = memberOf(parser, value);
    else if (accept(parser, '->')) value = memberOf(parser, pointed(parser, value));
    else if (accept(parser, '[')) value = element(parser, value);
    else return value;
  }
}

function addressOf({ type, place }: Value): Value {
  if (place?.kind !== 'memory') throw new Wrong('this has no address: it is not in memory');
  const target: Type = type;
  const pointer: Type = { kind: 'pointer', target: () => target };
  return { type: pointer, place: { kind: 'value', bytes: bytesOf(place.address, 8) } };
}

/** Deeper than anybody writes. */
const deepest = 100;

function unary(parser: Parser): Value {
  if (++parser.depth > deepest) throw new Wrong('this is nested too deeply');
  if (accept(parser, '*')) return pointed(parser, unary(parser));
  if (accept(parser, '&')) return addressOf(unary(parser));
  if (accept(parser, '-')) {
    const value = integerValue(unary(parser), parser.target);
    if (value === undefined) throw new Wrong('only a number can be negated');
    return numberValue(-value);
  }
  return postfix(parser);
}

/** Throws nothing; what is wrong is said. */
export function evaluateText(text: string, names: Names, target: Target): Evaluated {
  try {
    const parser: Parser = { tokens: tokenize(text), names, target, index: 0, depth: 0 };
    const value = unary(parser);
    if (peek(parser) !== '') throw new Wrong(`\`${peek(parser)}\` is left over`);
    return { ok: true, value };
  } catch (thrown) {
    if (thrown instanceof Wrong) return { ok: false, message: thrown.message };
    throw thrown;
  }
}
