/** Declaration specifiers, attributes, struct and enum bodies (C11 §6.7). */
import type { Span } from '../../diagnostics.ts';
import { attributes, attributeWords } from './attributes.ts';
import { staticAssert } from './declarations.ts';
import { declarator, typeName } from './declarators.ts';
import { conditional, expression } from './expressions.ts';
import {
  accept,
  declareName,
  expect,
  expectName,
  isName,
  isTypeName,
  next,
  peek,
  type Reader,
  sees,
  unexpected,
} from './reader.ts';
import type {
  Assertion,
  Attribute,
  DeclarationSpecifiers,
  EnumItem,
  Expression,
  MemberSyntax,
  Qualifiers,
  StorageClass,
  TypeSyntax,
} from './syntax.ts';

const basicWords = new Set(
  'void char short int long float double signed unsigned _Bool _Complex __signed__ __signed __int128'.split(' '),
);
const storageWords = new Set('typedef extern static auto register'.split(' '));
const qualifierWords: Readonly<Record<string, keyof Qualifiers | ''>> = {
  const: 'const',
  __const: 'const',
  __const__: 'const',
  volatile: 'volatile',
  __volatile: 'volatile',
  __volatile__: 'volatile',
  restrict: '',
  __restrict: '',
  __restrict__: '',
  _Atomic: 'atomic',
};
const functionWords = new Set('inline __inline __inline__ _Noreturn _Thread_local __thread'.split(' '));
const typeWords = new Set('struct union enum typeof __typeof__ __typeof __auto_type _Alignas'.split(' '));

const isQualifier = (text: string): boolean => Object.hasOwn(qualifierWords, text);

/** Whether a declaration or the name of a type begins here. */
export function startsType(reader: Reader, ahead = 0): boolean {
  const { kind, text } = peek(reader, ahead);
  if (kind !== 'name') return false;
  if (basicWords.has(text) || isQualifier(text) || typeWords.has(text)) return true;
  if (storageWords.has(text) || functionWords.has(text) || attributeWords.has(text)) return true;
  return text === '__extension__' ? startsType(reader, ahead + 1) : isTypeName(reader, text);
}

export function qualifiers(reader: Reader): Qualifiers {
  const found: Partial<Record<keyof Qualifiers, true>> = {};
  while (isQualifier(peek(reader).text)) {
    const word = qualifierWords[next(reader).text];
    if (word) found[word] = true;
  }
  return found;
}

function recordType(reader: Reader): TypeSyntax {
  const word = next(reader);
  const before = attributes(reader);
  const name = isName(peek(reader)) ? next(reader) : undefined;
  const at = name?.at ?? word.at;
  const assertions: Assertion[] = [];
  const members = accept(reader, '{') ? memberList(reader, assertions) : undefined;
  if (name === undefined && members === undefined) throw unexpected(reader, `a name or \`{\` after \`${word.text}\``);
  const after = members === undefined ? [] : attributes(reader);
  return {
    kind: 'record',
    union: word.text === 'union',
    tag: name?.text,
    members,
    assertions,
    attributes: [...before, ...after],
    at,
  };
}

function memberList(reader: Reader, assertions: Assertion[]): MemberSyntax[] {
  const members: MemberSyntax[] = [];
  while (!sees(reader, '}')) {
    if (accept(reader, ';')) continue;
    if (peek(reader).kind === 'end') expect(reader, '}');
    if (sees(reader, '_Static_assert')) {
      assertions.push(staticAssert(reader));
      continue;
    }
    const base = specifiers(reader, false);
    if (sees(reader, ';')) {
      const { type, at, attributes: list, alignas } = base;
      members.push({ name: undefined, type, bits: undefined, attributes: list, alignas, at });
    } else {
      do members.push(member(reader, base));
      while (accept(reader, ','));
    }
    expect(reader, ';');
  }
  next(reader);
  return members;
}

function member(reader: Reader, base: DeclarationSpecifiers): MemberSyntax {
  const nameless = sees(reader, ':');
  const found = nameless ? undefined : declarator(reader, base.type, 'named');
  const bits = accept(reader, ':') ? conditional(reader) : undefined;
  const after = attributes(reader);
  return {
    name: found?.name,
    type: found?.type ?? base.type,
    bits,
    attributes: [...base.attributes, ...after],
    alignas: base.alignas,
    at: found?.at ?? base.at,
  };
}

function enumType(reader: Reader): TypeSyntax {
  const word = next(reader);
  const before = attributes(reader);
  const name = isName(peek(reader)) ? next(reader) : undefined;
  const at = name?.at ?? word.at;
  if (!accept(reader, '{')) {
    if (name === undefined) throw unexpected(reader, 'a name or `{` after `enum`');
    return { kind: 'enum', tag: name.text, items: undefined, attributes: before, at };
  }
  const items: EnumItem[] = [];
  while (!sees(reader, '}')) {
    const item = expectName(reader, 'a name of the enumeration');
    declareName(reader, item.text, false);
    attributes(reader);
    const value = accept(reader, '=') ? conditional(reader) : undefined;
    items.push({ name: item.text, value, at: item.at });
    if (!accept(reader, ',')) break;
  }
  expect(reader, '}');
  return { kind: 'enum', tag: name?.text, items, attributes: [...before, ...attributes(reader)], at };
}

function typeofType(reader: Reader): TypeSyntax {
  const { at } = next(reader);
  expect(reader, '(');
  const isType = startsType(reader);
  const of = isType ? typeName(reader) : expression(reader);
  expect(reader, ')');
  return { kind: 'typeof', of, isType, at };
}

interface Gathered {
  readonly words: string[];
  other: TypeSyntax | undefined;
  readonly qualifiers: Partial<Record<keyof Qualifiers, true>>;
  storage: StorageClass | undefined;
  inline: boolean;
  noreturn: boolean;
  threadLocal: boolean;
  readonly attributes: Attribute[];
  readonly alignas: (TypeSyntax | Expression)[];
}

/** Takes one specifier; false if none is here. */
function gather(reader: Reader, found: Gathered): boolean {
  const token = peek(reader);
  const { text } = token;
  if (token.kind !== 'name') return false;
  const untyped = found.other === undefined && found.words.length === 0;
  if (basicWords.has(text)) found.words.push(next(reader).text);
  else if (text === '_Atomic' && peek(reader, 1).text === '(') {
    next(reader);
    next(reader);
    found.other = typeName(reader);
    found.qualifiers.atomic = true;
    expect(reader, ')');
  } else if (isQualifier(text)) Object.assign(found.qualifiers, qualifiers(reader));
  else if (storageWords.has(text)) storageClass(reader, found);
  else if (functionWords.has(text)) functionWord(found, next(reader).text);
  else if (attributeWords.has(text)) found.attributes.push(...attributes(reader));
  else if (text === '_Alignas') alignas(reader, found);
  else if (text === '__extension__') next(reader);
  else if (text === 'struct' || text === 'union') found.other = recordType(reader);
  else if (text === '__auto_type') found.other = { kind: 'auto', value: undefined, at: next(reader).at };
  else if (text === 'enum') found.other = enumType(reader);
  else if (/^(?:typeof|__typeof(?:__)?)$/.test(text)) found.other = typeofType(reader);
  else if (untyped && isName(token) && isTypeName(reader, text)) {
    next(reader);
    found.other = { kind: 'named', name: text, at: token.at };
  } else return false;
  return true;
}

function functionWord(found: Gathered, text: string): void {
  if (text === '_Noreturn') found.noreturn = true;
  else if (text.endsWith('inline') || text.endsWith('inline__')) found.inline = true;
  else found.threadLocal = true;
}

function storageClass(reader: Reader, found: Gathered): void {
  const token = next(reader);
  if (found.storage !== undefined) {
    reader.reporter.error(token.at, `\`${token.text}\` cannot stand beside \`${found.storage}\``);
  }
  found.storage = token.text as StorageClass;
}

function alignas(reader: Reader, found: Gathered): void {
  next(reader);
  expect(reader, '(');
  found.alignas.push(startsType(reader) ? typeName(reader) : conditional(reader));
  expect(reader, ')');
}

const hasQualifiers = (found: Qualifiers): boolean => Object.keys(found).length > 0;

const warnImplicitInt = (reader: Reader, at: Span): void =>
  reader.reporter.warn(at, 'a type is missing here: it is taken to be `int`', 'write `int` if that is meant');

/** `main() {`: before C99 a function without a type returned `int`. */
const startsOldFunction = (reader: Reader): boolean =>
  reader.scopes.length === 1 && isName(peek(reader)) && peek(reader, 1).text === '(';

function typeOf(reader: Reader, found: Gathered, at: Span): TypeSyntax {
  const { words, other } = found;
  if (other !== undefined && words.length > 0) {
    reader.reporter.error(at, `\`${words.join(' ')}\` does not go with another type here`);
  }
  const nothing = found.storage === undefined && !found.inline && !hasQualifiers(found.qualifiers);
  if (other === undefined && words.length === 0 && nothing && !startsOldFunction(reader)) {
    throw unexpected(reader, 'a type');
  }
  if (other === undefined && words.length === 0) {
    warnImplicitInt(reader, at);
    words.push('int');
  }
  const type: TypeSyntax = other ?? { kind: 'basic', words, at };
  return hasQualifiers(found.qualifiers) ? { kind: 'qualified', type, qualifiers: found.qualifiers, at } : type;
}

/** `storage`: whether `static` and its kin may stand here. */
export function specifiers(reader: Reader, storage: boolean): DeclarationSpecifiers {
  const { at } = peek(reader);
  const found: Gathered = {
    words: [],
    other: undefined,
    qualifiers: {},
    storage: undefined,
    inline: false,
    noreturn: false,
    threadLocal: false,
    attributes: [],
    alignas: [],
  };
  while (gather(reader, found));
  if (!storage && found.storage !== undefined) {
    reader.reporter.error(at, `\`${found.storage}\` cannot stand here`);
    found.storage = undefined;
  }
  const { inline, noreturn, threadLocal, attributes: list, alignas: alignments } = found;
  const type = typeOf(reader, found, at);
  return { type, storage: found.storage, inline, noreturn, threadLocal, attributes: list, alignas: alignments, at };
}
