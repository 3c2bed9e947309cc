/** struct, union and enum: their tags and bodies (C11 §6.7.2). */
import type { Span } from '../../diagnostics.ts';
import type { MemberSyntax, TypeSyntax } from '../parse/syntax.ts';
import { layOut, type MemberWish, sizeOf } from '../types/layout.ts';
import { quoteType } from '../types/show.ts';
import {
  type CType,
  intType,
  isInteger,
  longType,
  type RecordDefinition,
  type RecordType,
  unsignedLongType,
  unsignedType,
} from '../types/types.ts';
import { alignmentOf, hasAttribute } from './attributes.ts';
import { type Checker, describePlace, innermost, lookUpTag, type Tag } from './checker.ts';
import { integerConstant } from './constant.ts';
import { checkStaticAssert } from './declarations.ts';
import { declareConstant } from './names.ts';
import { resolveType } from './resolve-type.ts';
import { rvalue } from './values.ts';

type RecordSyntax = TypeSyntax & { kind: 'record' };
type EnumSyntax = TypeSyntax & { kind: 'enum' };

function findTag(checker: Checker, tag: string | undefined, defines: boolean): Tag | undefined {
  if (tag === undefined) return undefined;
  return defines ? innermost(checker).tags.get(tag) : lookUpTag(checker, tag);
}

function reportOtherKind(checker: Checker, tag: string, at: Span, old: Span): void {
  checker.reporter.error(at, `\`${tag}\` is another kind of tag at ${describePlace(old)}`, 'use another name');
}

function definitionOf(checker: Checker, syntax: RecordSyntax): RecordDefinition {
  const { tag, union, at } = syntax;
  const found = findTag(checker, tag, syntax.members !== undefined);
  if (found?.kind === 'record' && found.definition.union === union) return found.definition;
  if (found !== undefined && tag !== undefined) {
    reportOtherKind(checker, tag, at, found.kind === 'record' ? found.definition.at : found.at);
  }
  const definition: RecordDefinition = { union, tag, at, layout: undefined };
  if (tag !== undefined) innermost(checker).tags.set(tag, { kind: 'record', definition });
  return definition;
}

export function resolveRecord(checker: Checker, syntax: RecordSyntax): CType {
  const definition = definitionOf(checker, syntax);
  const type: RecordType = { kind: 'record', definition };
  if (syntax.members === undefined) return type;
  if (definition.layout !== undefined) {
    checker.reporter.error(syntax.at, `${quoteType(type)} is already defined at ${describePlace(definition.at)}`);
    return type;
  }
  const packed = hasAttribute(syntax.attributes, 'packed');
  const names = new Map<string, Span>();
  const wishes = syntax.members.flatMap((member, index) => {
    const last = index === (syntax.members?.length ?? 0) - 1;
    const wish = memberWish(checker, member, packed, last && index > 0);
    if (wish?.name !== undefined) reportTwice(checker, names, wish.name, member.at);
    return wish === undefined ? [] : [wish];
  });
  for (const each of syntax.assertions) checkStaticAssert(checker, each);
  definition.layout = layOut(wishes, definition.union, alignmentOf(checker, syntax.attributes, []));
  return type;
}

function reportTwice(checker: Checker, names: Map<string, Span>, name: string, at: Span): void {
  const before = names.get(name);
  if (before !== undefined)
    checker.reporter.error(at, `the member \`${name}\` is already there, at line ${before.line}`);
  names.set(name, at);
}

/** Undefined if the member is reported and left out. */
function memberWish(checker: Checker, member: MemberSyntax, packed: boolean, last: boolean): MemberWish | undefined {
  const type = resolveType(checker, member.type);
  if (type.kind === 'broken') return undefined;
  const anonymous = member.name === undefined && member.bits === undefined;
  if (anonymous && (type.kind !== 'record' || type.definition.layout === undefined)) {
    checker.reporter.warn(member.at, 'this member has no name, and declares nothing');
    return undefined;
  }
  const flexible = type.kind === 'array' && type.length === undefined && last;
  if (sizeOf(type) === undefined && !flexible) {
    checker.reporter.error(member.at, incompleteMessage(type, member.name ?? ''), incompleteHint(type));
    return undefined;
  }
  const bits = member.bits === undefined ? undefined : bitWidth(checker, member, type);
  const alignment = alignmentOf(checker, member.attributes, member.alignas);
  return { name: member.name, type, bits, alignment, packed: packed || hasAttribute(member.attributes, 'packed') };
}

const incompleteMessage = (type: CType, name: string): string =>
  type.kind === 'function'
    ? `the member \`${name}\` is a function`
    : `the type of the member \`${name}\`, ${quoteType(type)}, is not complete`;

const incompleteHint = (type: CType): string | undefined =>
  type.kind === 'function'
    ? 'a pointer to a function is written `int (*name)(int)`'
    : type.kind === 'record'
      ? 'a pointer to it may stand here'
      : undefined;

function bitWidth(checker: Checker, member: MemberSyntax, type: CType): number | undefined {
  if (member.bits === undefined) return undefined;
  const width = integerConstant(rvalue(checker, member.bits));
  if (!isInteger(type)) {
    checker.reporter.error(member.at, `a bit-field must be an integer, not ${quoteType(type)}`);
    return undefined;
  }
  const most = type.rank === 0 ? 1 : type.size * 8;
  if (width === undefined || width < 0n || width > BigInt(most)) {
    checker.reporter.error(
      member.bits.at,
      `the width of a bit-field of ${quoteType(type)} is a constant from 0 to ${most}`,
    );
    return undefined;
  }
  return Number(width);
}

export function resolveEnum(checker: Checker, syntax: EnumSyntax): CType {
  const { tag, at, items } = syntax;
  const found = findTag(checker, tag, items !== undefined);
  if (items === undefined) {
    if (found?.kind === 'enum') return found.type;
    if (found !== undefined && tag !== undefined) reportOtherKind(checker, tag, at, found.definition.at);
    return { ...unsignedType, enumeration: tag ?? '' };
  }
  if (found?.kind === 'enum' && found.complete) {
    checker.reporter.error(at, `\`enum ${tag}\` is already defined at ${describePlace(found.at)}`);
  }
  const names = enumValues(checker, syntax);
  const base = enumBase([...names.values()], hasAttribute(syntax.attributes, 'packed'));
  const type: CType = { ...base, enumeration: tag ?? '', names };
  if (tag !== undefined) innermost(checker).tags.set(tag, { kind: 'enum', type, complete: true, at });
  return type;
}

function enumValues(checker: Checker, { items = [] }: EnumSyntax): Map<string, bigint> {
  const values = new Map<string, bigint>();
  let next = 0n;
  for (const { name, value, at } of items) {
    if (value !== undefined) {
      const node = rvalue(checker, value);
      const known = integerConstant(node);
      if (known !== undefined) next = known;
      else if (node.type.kind !== 'broken')
        checker.reporter.error(value.at, `the value of \`${name}\` must be a constant`);
    }
    const fits = next >= -(1n << 31n) && next < 1n << 31n;
    declareConstant(checker, name, next, fits ? intType : next < 1n << 63n ? longType : unsignedLongType, at);
    values.set(name, next);
    next++;
  }
  return values;
}

/** As GCC chooses: unsigned, unless a value is negative; wider only if needed. */
function enumBase(values: readonly bigint[], packed: boolean): typeof intType {
  const least = values.reduce((a, b) => (b < a ? b : a), 0n);
  const most = values.reduce((a, b) => (b > a ? b : a), 0n);
  if (packed && least >= 0n && most < 256n) return { ...unsignedType, size: 1, rank: 1 };
  if (least < 0n) return least >= -(1n << 31n) && most < 1n << 31n ? intType : longType;
  return most < 1n << 32n ? unsignedType : unsignedLongType;
}
