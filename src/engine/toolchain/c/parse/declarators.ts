/** Declarators: the part of a declaration around the name (C11 §6.7.6). */
import type { Span } from '../../diagnostics.ts';
import { attributes } from './attributes.ts';
import { assignment } from './expressions.ts';
import {
  accept,
  declareName,
  expect,
  inScope,
  isName,
  isTypeName,
  nested,
  next,
  peek,
  type Reader,
  sees,
  unexpected,
} from './reader.ts';
import { qualifiers, specifiers, startsType } from './specifiers.ts';
import type { ParameterSyntax, TypeSyntax } from './syntax.ts';

export interface DeclaratorSyntax {
  readonly name: string | undefined;
  readonly type: TypeSyntax;
  readonly at: Span;
}

/** Whether a name must, may or must not stand in it. */
type Naming = 'named' | 'optional' | 'abstract';

function pointers(reader: Reader, base: TypeSyntax): TypeSyntax {
  let type = base;
  for (;;) {
    attributes(reader);
    const star = accept(reader, '*');
    if (star === undefined) return type;
    type = { kind: 'pointer', to: type, qualifiers: qualifiers(reader), at: star.at };
  }
}

/** A `(` opens a nested declarator, or the parameters of a function without a name. */
function opensDeclarator(reader: Reader, naming: Naming): boolean {
  if (!sees(reader, '(')) return false;
  if (naming === 'named') return true;
  const inside = peek(reader, 1);
  if (inside.text === ')' || startsType(reader, 1)) return inside.text.startsWith('__attribute');
  return true;
}

/** Applies what surrounds a nested declarator to the type inside it. */
type Wrap = (type: TypeSyntax) => TypeSyntax;

interface Core {
  readonly name: string | undefined;
  readonly at: Span;
  readonly wrap: Wrap;
}

const keep: Wrap = (type) => type;

function core(reader: Reader, naming: Naming): Core {
  const token = peek(reader);
  if (opensDeclarator(reader, naming)) {
    next(reader);
    return nested(reader, () => {
      const outer = pointerWrap(reader);
      const inner = core(reader, naming);
      const suffix = suffixes(reader);
      expect(reader, ')');
      return { name: inner.name, at: inner.at, wrap: (type) => inner.wrap(suffix(outer(type))) };
    });
  }
  if (naming !== 'abstract' && isName(token)) {
    next(reader);
    return { name: token.text, at: token.at, wrap: keep };
  }
  if (naming === 'named') throw unexpected(reader, 'a name', nameHint(reader));
  return { name: undefined, at: token.at, wrap: keep };
}

function nameHint(reader: Reader): string | undefined {
  const { text, kind } = peek(reader);
  if (kind === 'name') return `\`${text}\` is a keyword of C, and cannot be a name`;
  return isTypeName(reader, text) ? `\`${text}\` is a type` : undefined;
}

function pointerWrap(reader: Reader): Wrap {
  const marks: { readonly at: Span; readonly qualifiers: ReturnType<typeof qualifiers> }[] = [];
  attributes(reader);
  for (let star = accept(reader, '*'); star !== undefined; star = accept(reader, '*')) {
    marks.push({ at: star.at, qualifiers: qualifiers(reader) });
    attributes(reader);
  }
  return (type) => marks.reduce<TypeSyntax>((to, mark) => ({ kind: 'pointer', to, ...mark }), type);
}

/** `[n]` and `(parameters)` after the name; the first is the outermost. */
function suffixes(reader: Reader): Wrap {
  const open = peek(reader);
  if (accept(reader, '[')) {
    qualifiers(reader);
    if (accept(reader, 'static')) qualifiers(reader);
    // `[*]`, in a declaration of a function, says nothing either.
    const star = sees(reader, '*') && peek(reader, 1).text === ']' ? next(reader) : undefined;
    const length = star !== undefined || sees(reader, ']') ? undefined : assignment(reader);
    expect(reader, ']');
    const rest = suffixes(reader);
    return (type) => ({ kind: 'array', of: rest(type), length, at: open.at });
  }
  if (accept(reader, '(')) {
    const list = inScope(reader, () => parameterList(reader));
    const rest = suffixes(reader);
    return (type) => ({ kind: 'function', returns: rest(type), ...list, at: open.at });
  }
  return keep;
}

interface Parameters {
  readonly parameters: readonly ParameterSyntax[];
  readonly variadic: boolean;
  readonly unknown: boolean;
  readonly namesOnly: boolean;
}

const prototype = (parameters: readonly ParameterSyntax[], variadic: boolean): Parameters => ({
  parameters,
  variadic,
  unknown: false,
  namesOnly: false,
});

/** Before their types are read, all are `int`. */
function nameList(reader: Reader): Parameters {
  const parameters: ParameterSyntax[] = [];
  do {
    const { text, at } = next(reader);
    parameters.push({ name: text, type: { kind: 'basic', words: ['int'], at }, at });
  } while (accept(reader, ','));
  expect(reader, ')');
  return { parameters, variadic: false, unknown: true, namesOnly: true };
}

function parameterList(reader: Reader): Parameters {
  if (accept(reader, ')')) return { parameters: [], variadic: false, unknown: true, namesOnly: false };
  if (sees(reader, 'void') && peek(reader, 1).text === ')') {
    next(reader);
    next(reader);
    return prototype([], false);
  }
  const name = isName(peek(reader)) && !startsType(reader);
  if (name && /^[,)]$/.test(peek(reader, 1).text)) return nameList(reader);
  const parameters: ParameterSyntax[] = [];
  do {
    if (accept(reader, '...')) {
      expect(reader, ')');
      return prototype(parameters, true);
    }
    parameters.push(parameter(reader));
  } while (accept(reader, ','));
  expect(reader, ')');
  return prototype(parameters, false);
}

function parameter(reader: Reader): ParameterSyntax {
  if (!startsType(reader)) {
    const { text } = peek(reader);
    throw unexpected(reader, 'the type of a parameter', isName(peek(reader)) ? `is \`${text}\` a type?` : undefined);
  }
  const base = specifiers(reader, true);
  const { name, type, at } = declarator(reader, base.type, 'optional');
  attributes(reader);
  if (name !== undefined) declareName(reader, name, false);
  return { name, type, at };
}

export function declarator(reader: Reader, base: TypeSyntax, naming: Naming): DeclaratorSyntax {
  return nested(reader, () => {
    const type = pointers(reader, base);
    const { name, at, wrap } = core(reader, naming);
    return { name, at, type: wrap(suffixes(reader)(type)) };
  });
}

/** A type as casts and `sizeof` name it. */
export function typeName(reader: Reader): TypeSyntax {
  const base = specifiers(reader, false);
  return declarator(reader, base.type, 'abstract').type;
}
