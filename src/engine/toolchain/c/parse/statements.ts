/** Statements (C11 §6.8). One that cannot be read is reported and left out. */
import type { Span } from '../../diagnostics.ts';
import { didYouMean, nearest } from '../../suggest.ts';
import { asmStatement, startsAsm } from './asm.ts';
import { attributes } from './attributes.ts';
import { declaration, startsDeclaration } from './declarations.ts';
import { conditional, expression } from './expressions.ts';
import {
  accept,
  expect,
  expectName,
  inScope,
  isName,
  nested,
  next,
  peek,
  type Reader,
  sees,
  typeNames,
  Unreadable,
} from './reader.ts';
import { recover } from './recover.ts';
import type { Expression, Statement } from './syntax.ts';

export function compound(reader: Reader): Statement {
  const open = expect(reader, '{');
  const statements: Statement[] = [];
  return inScope(reader, () => {
    while (!sees(reader, '}')) {
      if (peek(reader).kind === 'end') {
        throw new Unreadable(open.at, 'this `{` has no `}`');
      }
      const found = recover(reader, () => blockItem(reader));
      if (found !== undefined) statements.push(found);
    }
    const end = next(reader);
    return { kind: 'compound', statements, at: open.at, end: end.at };
  });
}

function blockItem(reader: Reader): Statement {
  const { at } = peek(reader);
  if (sees(reader, '__label__')) return localLabels(reader);
  const isLabel = isName(peek(reader)) && peek(reader, 1).text === ':';
  if (!isLabel && startsDeclaration(reader)) return { kind: 'declare', declaration: declaration(reader), at };
  return statement(reader);
}

/** `__label__ a, b;`: labels are those of the whole function, declared or not. */
function localLabels(reader: Reader): Statement {
  const { at } = next(reader);
  do expectName(reader, 'a label');
  while (accept(reader, ','));
  expect(reader, ';');
  return { kind: 'empty', at };
}

function condition(reader: Reader): Expression {
  expect(reader, '(');
  const value = expression(reader);
  expect(reader, ')');
  return value;
}

type Rule = (reader: Reader) => Statement;

const rules: Readonly<Record<string, Rule>> = {
  '{': compound,
  ';'(reader) {
    return { kind: 'empty', at: next(reader).at };
  },
  if: ifChain,
  while(reader) {
    const { at } = next(reader);
    const test = condition(reader);
    return { kind: 'while', condition: test, body: statement(reader), at };
  },
  do(reader) {
    const { at } = next(reader);
    const body = statement(reader);
    expect(reader, 'while');
    const test = condition(reader);
    expect(reader, ';');
    return { kind: 'do', condition: test, body, at };
  },
  for: (reader) => inScope(reader, () => forStatement(reader)),
  switch(reader) {
    const { at } = next(reader);
    const value = condition(reader);
    return { kind: 'switch', value, body: statement(reader), at };
  },
  case(reader) {
    const { at } = next(reader);
    const value = conditional(reader);
    const last = accept(reader, '...') ? conditional(reader) : undefined;
    expect(reader, ':');
    return { kind: 'case', value, last, body: labelled(reader), at };
  },
  default(reader) {
    const { at } = next(reader);
    expect(reader, ':');
    return { kind: 'default', body: labelled(reader), at };
  },
  goto(reader) {
    const { at } = next(reader);
    if (accept(reader, '*')) {
      const value = expression(reader);
      expect(reader, ';');
      return { kind: 'gotoValue', value, at };
    }
    const name = expectName(reader, 'a label');
    expect(reader, ';');
    return { kind: 'goto', name: name.text, at: name.at };
  },
  break: jump('break'),
  continue: jump('continue'),
  return(reader) {
    const { at } = next(reader);
    const value = sees(reader, ';') ? undefined : expression(reader);
    expect(reader, ';');
    return { kind: 'return', value, at };
  },
  else(reader) {
    throw new Unreadable(next(reader).at, '`else` has no `if` before it', 'look for a `;` or a missing `{` above');
  },
};

/** `if … else if … else` is read in one go: such chains may be long. */
function ifChain(reader: Reader): Statement {
  const links: { readonly at: Span; readonly condition: Expression; readonly whenTrue: Statement }[] = [];
  let otherwise: Statement | undefined;
  for (;;) {
    const { at } = next(reader);
    links.push({ at, condition: condition(reader), whenTrue: statement(reader) });
    if (!accept(reader, 'else')) break;
    if (sees(reader, 'if')) continue;
    otherwise = statement(reader);
    break;
  }
  return (
    links.reduceRight<Statement | undefined>((rest, link) => ({ kind: 'if', ...link, otherwise: rest }), otherwise) ??
    nothingAt(reader)
  );
}

const nothingAt = (reader: Reader): Statement => ({ kind: 'empty', at: peek(reader).at });

function jump(kind: 'break' | 'continue'): Rule {
  return (reader) => {
    const { at } = next(reader);
    expect(reader, ';');
    return { kind, at };
  };
}

/** What a label stands before; before a `}` or a declaration, nothing. */
function labelled(reader: Reader): Statement {
  const { at } = peek(reader);
  if (sees(reader, '}')) return { kind: 'empty', at };
  return startsDeclaration(reader) ? nested(reader, () => blockItem(reader)) : statement(reader);
}

function forStatement(reader: Reader): Statement {
  const { at } = next(reader);
  expect(reader, '(');
  const first = accept(reader, ';') ? undefined : forStart(reader);
  const test = sees(reader, ';') ? undefined : expression(reader);
  expect(reader, ';');
  const step = sees(reader, ')') ? undefined : expression(reader);
  expect(reader, ')');
  return { kind: 'for', first, condition: test, step, body: statement(reader), at };
}

function forStart(reader: Reader): Statement {
  const { at } = peek(reader);
  return startsDeclaration(reader)
    ? { kind: 'declare', declaration: declaration(reader), at }
    : expressionStatement(reader);
}

/** A name with something after it that no expression has: a misspelt keyword or type. */
function reportWord(reader: Reader, name: string, at: Expression['at']): void {
  const keyword = nearest(name, Object.keys(rules));
  if (keyword !== undefined) throw new Unreadable(at, `\`${name}\` is no statement`, `did you mean \`${keyword}\`?`);
  if (!isName(peek(reader))) return;
  const hint = didYouMean(name, typeNames(reader));
  throw new Unreadable(at, `there is no type \`${name}\` here`, hint);
}

function expressionStatement(reader: Reader): Statement {
  const value = expression(reader);
  if (value.kind === 'name' && !sees(reader, ';')) reportWord(reader, value.name, value.at);
  expect(reader, ';');
  return { kind: 'expression', value, at: value.at };
}

export function statement(reader: Reader): Statement {
  return nested(reader, () => {
    const token = peek(reader);
    const literal = token.kind === 'string' || token.kind === 'character';
    const rule = !literal && Object.hasOwn(rules, token.text) ? rules[token.text] : undefined;
    if (rule !== undefined) return rule(reader);
    if (startsAsm(reader)) return asmStatement(reader);
    if (isName(token) && peek(reader, 1).text === ':') {
      next(reader);
      next(reader);
      attributes(reader);
      return { kind: 'label', name: token.text, body: labelled(reader), at: token.at };
    }
    if (token.text === '__attribute__' && peek(reader, 1).text === '(') {
      attributes(reader);
      return { kind: 'empty', at: expect(reader, ';').at };
    }
    if (startsDeclaration(reader)) {
      const hint = 'put it into `{ }`';
      throw new Unreadable(token.at, 'a declaration cannot be the only statement here', hint);
    }
    return expressionStatement(reader);
  });
}
