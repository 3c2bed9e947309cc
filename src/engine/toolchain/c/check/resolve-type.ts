/** Type syntax → types. */
import type { Span } from '../../diagnostics.ts';
import { didYouMean } from '../../suggest.ts';
import type { Expression, ParameterSyntax, TypeSyntax } from '../parse/syntax.ts';
import { sizeOf } from '../types/layout.ts';
import { quoteType } from '../types/show.ts';
import {
  arrayOf,
  boolType,
  brokenType,
  type CType,
  charType,
  doubleType,
  floatType,
  intType,
  longDoubleType,
  longLongType,
  longType,
  pointerTo,
  qualify,
  shortType,
  signedCharType,
  unqualified,
  unsignedCharType,
  unsignedLongLongType,
  unsignedLongType,
  unsignedShortType,
  unsignedType,
  voidType,
} from '../types/types.ts';
import { type Checker, lookUp, visibleNames } from './checker.ts';
import { integerConstant } from './constant.ts';
import { valueType } from './convert.ts';
import { expressionType } from './expressions.ts';
import { resolveEnum, resolveRecord } from './tags.ts';
import { rvalue } from './values.ts';

const basicTypes: ReadonlyMap<string, CType> = new Map<string, CType>(
  (
    [
      ['void', voidType],
      ['_Bool', boolType],
      ['char', charType],
      ['char signed', signedCharType],
      ['char unsigned', unsignedCharType],
      ['short', shortType],
      ['short signed', shortType],
      ['short unsigned', unsignedShortType],
      ['int', intType],
      ['signed', intType],
      ['unsigned', unsignedType],
      ['long', longType],
      ['long signed', longType],
      ['long unsigned', unsignedLongType],
      ['long long', longLongType],
      ['long long signed', longLongType],
      ['long long unsigned', unsignedLongLongType],
      ['float', floatType],
      ['double', doubleType],
      ['double long', longDoubleType],
    ] as const
  ).map(([words, type]): [string, CType] => [words, type]),
);

function basicType(checker: Checker, words: readonly string[], at: Span): CType {
  const plain = words.map((word) => word.replace(/^__signed(?:__)?$/, 'signed'));
  const sorted = [...plain].sort();
  const key = sorted.join(' ');
  const shorter = sorted.length > 1 ? sorted.filter((word) => word !== 'int').join(' ') : key;
  const found = basicTypes.get(shorter) ?? basicTypes.get(key);
  if (found !== undefined) return found;
  const refused = /_Complex|__int128/.exec(key);
  const message = refused === null ? `\`${words.join(' ')}\` is no type` : `\`${refused[0]}\` is not available here`;
  checker.reporter.error(at, message);
  return brokenType;
}

function namedType(checker: Checker, name: string, at: Span): CType {
  const entity = lookUp(checker, name);
  if (entity?.kind === 'typedef') return named(entity.type, name);
  if (entity === undefined && name === '__builtin_va_list') return pointerTo(voidType);
  const hint = didYouMean(name, visibleNames(checker));
  checker.reporter.error(at, `there is no type \`${name}\` here`, hint);
  return brokenType;
}

/** Types that are compared by identity have no name of their own. */
const named = (type: CType, alias: string): CType => (type.kind === 'broken' ? type : { ...type, alias });

const most = 2 ** 31;

function arrayLength(checker: Checker, length: Expression, element: CType): number | undefined {
  const value = rvalue(checker, length);
  if (value.type.kind === 'broken') return 1;
  const known = integerConstant(value);
  if (known === undefined) {
    const hint = 'only the first length of a local variable may be another';
    checker.reporter.error(length.at, 'the length of an array must be a constant', hint);
    return 1;
  }
  if (known < 0n) {
    checker.reporter.error(length.at, `the length of an array cannot be ${known}`);
    return 1;
  }
  if (known * BigInt(sizeOf(element) ?? 1) > BigInt(most)) {
    checker.reporter.error(length.at, 'this array is larger than any memory here');
    return 1;
  }
  return Number(known);
}

function arrayType(checker: Checker, syntax: TypeSyntax & { kind: 'array' }): CType {
  const element = resolveType(checker, syntax.of);
  if (element.kind === 'broken') return element;
  if (sizeOf(element) === undefined) {
    const what = element.kind === 'function' ? 'functions' : `${quoteType(element)}, which is not complete`;
    checker.reporter.error(syntax.at, `there are no arrays of ${what}`);
    return brokenType;
  }
  return arrayOf(element, syntax.length === undefined ? undefined : arrayLength(checker, syntax.length, element));
}

/** Arrays and functions become pointers (§6.7.6.3). */
export function parameterType(checker: Checker, { type: syntax }: ParameterSyntax): CType {
  if (syntax.kind === 'array') {
    if (syntax.length !== undefined) rvalue(checker, syntax.length);
    return pointerTo(resolveType(checker, syntax.of));
  }
  const type = resolveType(checker, syntax);
  if (type.kind === 'array') return pointerTo(type.of);
  return type.kind === 'function' ? pointerTo(type) : type;
}

function autoType(checker: Checker, { value, at }: TypeSyntax & { kind: 'auto' }): CType {
  if (value !== undefined) return valueType(rvalue(checker, value));
  checker.reporter.error(at, '`__auto_type` needs a value that the variable begins with');
  return brokenType;
}

function functionType(checker: Checker, syntax: TypeSyntax & { kind: 'function' }): CType {
  const returns = unqualified(resolveType(checker, syntax.returns));
  if (returns.kind === 'array' || returns.kind === 'function') {
    checker.reporter.error(
      syntax.at,
      `a function cannot return ${returns.kind === 'array' ? 'an array' : 'a function'}`,
    );
    return brokenType;
  }
  const parameters = syntax.parameters.map((parameter) => {
    const type = unqualified(parameterType(checker, parameter));
    if (type.kind !== 'void') return type;
    checker.reporter.error(parameter.at, 'a parameter cannot be `void`');
    return brokenType;
  });
  return { kind: 'function', returns, parameters, variadic: syntax.variadic, unknown: syntax.unknown };
}

function build(checker: Checker, syntax: TypeSyntax): CType {
  switch (syntax.kind) {
    case 'basic':
      return basicType(checker, syntax.words, syntax.at);
    case 'named':
      return namedType(checker, syntax.name, syntax.at);
    case 'record':
      return resolveRecord(checker, syntax);
    case 'enum':
      return resolveEnum(checker, syntax);
    case 'typeof':
      return syntax.isType
        ? resolveType(checker, syntax.of as TypeSyntax)
        : expressionType(checker, syntax.of as Expression);
    case 'auto':
      return autoType(checker, syntax);
    case 'pointer':
      return qualify(pointerTo(resolveType(checker, syntax.to)), syntax.qualifiers);
    case 'array':
      return arrayType(checker, syntax);
    case 'function':
      return functionType(checker, syntax);
    case 'qualified':
      return qualify(resolveType(checker, syntax.type), syntax.qualifiers);
  }
}

/** Each piece of syntax is resolved once: a struct's body defines one struct, however many variables follow it. */
export function resolveType(checker: Checker, syntax: TypeSyntax): CType {
  const known = checker.types.get(syntax);
  if (known !== undefined) return known;
  const type = build(checker, syntax);
  checker.types.set(syntax, type);
  return type;
}
