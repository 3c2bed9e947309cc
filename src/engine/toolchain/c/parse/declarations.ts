/** Declarations and function definitions (C11 §6.7, §6.9). */
import { didYouMean } from '../../suggest.ts';
import { asmLabel, asmStatement, startsAsm, stringText } from './asm.ts';
import { attributes, isAttributeStatement } from './attributes.ts';
import { type DeclaratorSyntax, declarator } from './declarators.ts';
import { conditional } from './expressions.ts';
import { initializer } from './initializers.ts';
import {
  accept,
  declareName,
  expect,
  inScope,
  isName,
  next,
  peek,
  type Reader,
  sees,
  typeNames,
  Unreadable,
} from './reader.ts';
import { recover } from './recover.ts';
import { specifiers, startsType } from './specifiers.ts';
import { compound } from './statements.ts';
import type {
  Assertion,
  Declaration,
  DeclarationSpecifiers,
  Declarator,
  Expression,
  External,
  FunctionDefinition,
  TypeSyntax,
} from './syntax.ts';

export const startsDeclaration = (reader: Reader): boolean =>
  (startsType(reader) && !isAttributeStatement(reader)) || peek(reader).text === '_Static_assert';

export function staticAssert(reader: Reader): Assertion {
  const { at } = next(reader);
  expect(reader, '(');
  const condition = conditional(reader);
  const message = accept(reader, ',') ? stringText(reader) : undefined;
  expect(reader, ')');
  expect(reader, ';');
  return { kind: 'assert', condition, message, at };
}

/** `__auto_type` with the value that says what it is. */
function withValue(type: TypeSyntax, value: Expression): TypeSyntax {
  if (type.kind === 'qualified') return { ...type, type: withValue(type.type, value) };
  return type.kind === 'auto' ? { ...type, value } : type;
}

/** What follows a declarator that has been read. */
function finishDeclarator(reader: Reader, base: DeclarationSpecifiers, found: DeclaratorSyntax): Declarator {
  const { name = '', type, at } = found;
  const before = attributes(reader);
  const register = asmLabel(reader);
  const after = attributes(reader);
  declareName(reader, name, base.storage === 'typedef');
  const value = accept(reader, '=') ? initializer(reader) : undefined;
  const initial = value?.kind === 'value' ? value.value : undefined;
  return {
    name,
    type: initial === undefined ? type : withValue(type, initial),
    attributes: [...before, ...after],
    register,
    initializer: value,
    at,
  };
}

function declarators(reader: Reader, base: DeclarationSpecifiers, first: DeclaratorSyntax): Declarator[] {
  const list = [finishDeclarator(reader, base, first)];
  while (accept(reader, ',')) list.push(finishDeclarator(reader, base, declarator(reader, base.type, 'named')));
  return list;
}

export function declaration(reader: Reader): Declaration {
  if (sees(reader, '_Static_assert')) return staticAssert(reader);
  const base = specifiers(reader, true);
  const { at } = base;
  if (accept(reader, ';')) return { kind: 'declaration', specifiers: base, declarators: [], at };
  const list = declarators(reader, base, declarator(reader, base.type, 'named'));
  expect(reader, ';');
  return { kind: 'declaration', specifiers: base, declarators: list, at };
}

/** The types of parameters, where they stand between the names and the body. */
function withParameterTypes(reader: Reader, type: TypeSyntax): TypeSyntax {
  if (type.kind !== 'function' || !type.namesOnly) return type;
  const types = new Map<string, TypeSyntax>();
  while (!sees(reader, '{')) {
    const found = declaration(reader);
    if (found.kind !== 'declaration') continue;
    for (const each of found.declarators) types.set(each.name, each.type);
  }
  const parameters = type.parameters.map((each) => ({ ...each, type: types.get(each.name ?? '') ?? each.type }));
  return { ...type, parameters };
}

function functionDefinition(
  reader: Reader,
  base: DeclarationSpecifiers,
  found: DeclaratorSyntax,
  list: Declarator['attributes'],
): FunctionDefinition {
  const { name = '', at } = found;
  const type = withParameterTypes(reader, found.type);
  declareName(reader, name, false);
  return inScope(reader, () => {
    if (type.kind === 'function') for (const each of type.parameters) declareName(reader, each.name ?? '', false);
    const body = compound(reader);
    const end = body.kind === 'compound' ? body.end : at;
    const head: Declarator = { name, type, attributes: list, register: undefined, initializer: undefined, at };
    return { kind: 'function', specifiers: base, declarator: head, body, at, end };
  });
}

/** Two names in a row: the first was meant to be a type. */
function reportType(reader: Reader): void {
  const [word, after] = [peek(reader), peek(reader, 1)];
  if (startsType(reader) || !isName(word) || (!isName(after) && after.text !== '*')) return;
  throw new Unreadable(word.at, `there is no type \`${word.text}\` here`, didYouMean(word.text, typeNames(reader)));
}

function external(reader: Reader): External | undefined {
  if (accept(reader, ';')) return undefined;
  if (startsAsm(reader)) return asmStatement(reader);
  if (sees(reader, '_Static_assert')) return staticAssert(reader);
  const stray = peek(reader);
  if (stray.text === '}') {
    next(reader);
    throw new Unreadable(stray.at, 'this `}` has no `{`');
  }
  reportType(reader);
  const base = specifiers(reader, true);
  const { at } = base;
  if (accept(reader, ';')) return { kind: 'declaration', specifiers: base, declarators: [], at };
  const first = declarator(reader, base.type, 'named');
  const list = sees(reader, '__attribute__') ? attributes(reader) : [];
  const old = first.type.kind === 'function' && first.type.namesOnly && startsType(reader);
  if (first.type.kind === 'function' && (sees(reader, '{') || old))
    return functionDefinition(reader, base, first, list);
  const [head, ...rest] = declarators(reader, base, first);
  const all = head === undefined ? rest : [{ ...head, attributes: [...list, ...head.attributes] }, ...rest];
  expect(reader, ';');
  return { kind: 'declaration', specifiers: base, declarators: all, at };
}

/** A translation unit: what could not be read is reported and left out. */
export function translationUnit(reader: Reader): External[] {
  const unit: External[] = [];
  const { reporter } = reader;
  while (peek(reader).kind !== 'end' && !(reporter.failed && reporter.exhausted)) {
    const before = reader.index;
    const found = recover(reader, () => external(reader));
    if (found !== undefined) unit.push(found);
    if (reader.index === before) next(reader);
  }
  return unit;
}
