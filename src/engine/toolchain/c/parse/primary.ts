/** Primary expressions (C11 §6.5.1) and the builtins that take types. */

import type { Token } from '../preprocess/tokens.ts';
import { typeName } from './declarators.ts';
import { assignment, conditional, expression, statementExpression } from './expressions.ts';
import { designators } from './initializers.ts';
import { characterValue, floatingLiteral, integerLiteral, stringLiteral, stringPrefix, widthOf } from './literals.ts';
import { accept, expect, expectName, isKeyword, nested, next, peek, type Reader, sees, unexpected } from './reader.ts';
import { across, type Expression, type GenericChoice } from './syntax.ts';

export function primary(reader: Reader): Expression {
  const token = peek(reader);
  switch (token.kind) {
    case 'number':
      return number(reader);
    case 'character':
      return character(reader);
    case 'string':
      return strings(reader);
    case 'name':
      return named(reader);
    default:
      if (sees(reader, '(')) return nested(reader, () => parenthesized(reader));
      if (sees(reader, '&&') && peek(reader, 1).kind === 'name') return labelAddress(reader);
      throw unexpected(reader, 'an expression');
  }
}

function parenthesized(reader: Reader): Expression {
  const open = next(reader);
  if (sees(reader, '{')) return statementExpression(reader, open.at);
  const inner = expression(reader);
  const close = expect(reader, ')');
  const at = across(open.at, close.at);
  return { ...inner, wrapped: true, at };
}

function labelAddress(reader: Reader): Expression {
  const { at } = next(reader);
  const name = next(reader);
  return { kind: 'labelAddress', name: name.text, at: across(at, name.at) };
}

function number(reader: Reader): Expression {
  const { text, at } = next(reader);
  const integer = integerLiteral(text);
  if (integer !== undefined) return { kind: 'integer', literal: integer, at };
  const floating = floatingLiteral(text);
  if (floating !== undefined) return { kind: 'floating', literal: floating, at };
  const octal = /^0\d+$/.test(text);
  const hint = octal ? 'a number that begins with 0 is octal: its digits go from 0 to 7' : undefined;
  reader.reporter.error(at, `\`${text}\` is not a number`, hint);
  return { kind: 'broken', at };
}

function warnEscape(reader: Reader, at: Expression['at'], found: string | undefined): void {
  if (found === undefined) return;
  reader.reporter.warn(at, `\`\\${found}\` means nothing`, 'write `\\\\` for a backslash');
}

function character(reader: Reader): Expression {
  const { text, at } = next(reader);
  const found = characterValue(text);
  if (found === undefined) {
    reader.reporter.error(at, 'a character is missing between these quotes');
    return { kind: 'broken', at };
  }
  warnEscape(reader, at, found.unknownEscape);
  if (found.count > 1) reader.reporter.warn(at, 'these are several characters in one', 'a string has double quotes');
  return { kind: 'character', value: found.value, prefix: text.slice(0, text.indexOf("'")), at };
}

function strings(reader: Reader): Expression {
  const first = peek(reader);
  const parts: Token[] = [];
  while (peek(reader).kind === 'string') parts.push(next(reader));
  const prefix = parts.map(({ text }) => stringPrefix(text)).find((each) => each !== '') ?? '';
  const width = widthOf(prefix);
  const elements = parts.flatMap(({ text, at }) => {
    const part = stringLiteral(text, width);
    warnEscape(reader, at, part.unknownEscape);
    return part.elements;
  });
  return { kind: 'string', elements, prefix, at: across(first.at, parts.at(-1)?.at ?? first.at) };
}

function named(reader: Reader): Expression {
  const { text, at } = peek(reader);
  const rule = Object.hasOwn(special, text) ? special[text] : undefined;
  if (rule !== undefined) {
    next(reader);
    expect(reader, '(');
    const found = rule(reader, at);
    const close = expect(reader, ')');
    return { ...found, at: across(at, close.at) };
  }
  if (isKeyword(text)) throw unexpected(reader, 'an expression');
  next(reader);
  return { kind: 'name', name: text, at };
}

type Rule = (reader: Reader, at: Expression['at']) => Expression;

const special: Readonly<Record<string, Rule>> = {
  _Generic: generic,
  __builtin_va_arg(reader, at) {
    const list = assignment(reader);
    expect(reader, ',');
    return { kind: 'vaArg', list, type: typeName(reader), at };
  },
  __builtin_offsetof(reader, at) {
    const type = typeName(reader);
    expect(reader, ',');
    const name = expectName(reader, 'the name of a member');
    const rest = designators(reader);
    return { kind: 'offsetof', type, path: [{ kind: 'member', name: name.text, at: name.at }, ...rest], at };
  },
  __builtin_types_compatible_p(reader, at) {
    const left = typeName(reader);
    expect(reader, ',');
    return { kind: 'typesCompatible', left, right: typeName(reader), at };
  },
};

function generic(reader: Reader, at: Expression['at']): Expression {
  const control = assignment(reader);
  const choices: GenericChoice[] = [];
  while (accept(reader, ',')) {
    const type = accept(reader, 'default') ? undefined : typeName(reader);
    expect(reader, ':');
    choices.push({ type, value: conditional(reader) });
  }
  return { kind: 'generic', control, choices, at };
}
