/** Initializers → what stands at which offset (C11 §6.7.9). */
import type { Span } from '../../diagnostics.ts';
import { didYouMean } from '../../suggest.ts';
import type { Designator, Initializer, InitializerItem } from '../parse/syntax.ts';
import { memberNames, sizeOf } from '../types/layout.ts';
import { quoteType } from '../types/show.ts';
import {
  type ArrayType,
  arrayOf,
  type BitRange,
  type CType,
  isInteger,
  isRecord,
  type Member,
  type RecordType,
  unqualified,
} from '../types/types.ts';
import type { Checker } from './checker.ts';
import { integerConstant } from './constant.ts';
import { assignTo, decay } from './convert.ts';
import { check } from './expressions.ts';
import type { Init, InitItem, Typed } from './tree.ts';
import { rvalue } from './values.ts';

/** The object being initialized. */
interface Target {
  readonly type: CType;
  readonly offset: number;
  readonly bits: BitRange | undefined;
}

/** Items of a braced list, taken one by one. */
interface Items {
  readonly list: readonly InitializerItem[];
  next: number;
  /** The first item was checked before it was known where it goes. */
  readonly checked: Map<Initializer, Typed>;
}

interface Filler {
  readonly checker: Checker;
  readonly items: InitItem[];
  /** Elements of an array without length, so far. */
  length: number;
}

const placeOf = (target: Target, member: Member): Target => ({
  type: member.type,
  offset: target.offset + member.offset,
  bits: member.bits,
});

const elementOf = (target: Target, type: ArrayType, index: number): Target => ({
  type: type.of,
  offset: target.offset + index * (sizeOf(type.of) ?? 1),
  bits: undefined,
});

const isCharArray = (type: CType): type is ArrayType => type.kind === 'array' && isInteger(type.of);

function stringFor(filler: Filler, target: Target, value: Typed): boolean {
  const { type } = target;
  if (value.kind !== 'string' || !isCharArray(type) || sizeOf(type.of) !== value.width) return false;
  const { elements } = value;
  if (type.length !== undefined && elements.length > type.length) {
    filler.checker.reporter.warn(value.at, `the string has ${elements.length} bytes, and the array ${type.length}`);
  }
  const length = type.length ?? elements.length + 1;
  const kept = [...elements.slice(0, length)];
  const text: Typed = { ...value, elements: kept, type: arrayOf(type.of, length) };
  filler.items.push({ offset: target.offset, type: arrayOf(type.of, length), bits: undefined, value: text });
  return true;
}

function checkedValue(filler: Filler, items: Items, value: Initializer & { kind: 'value' }): Typed {
  const known = items.checked.get(value);
  if (known !== undefined) return known;
  const typed = check(filler.checker, value.value);
  items.checked.set(value, typed);
  return typed;
}

function scalar(filler: Filler, target: Target, value: Typed): void {
  const converted = assignTo(filler.checker, decay(value), target.type, { what: 'the value', at: value.at });
  if (converted.type.kind === 'broken') return;
  filler.items.push({ offset: target.offset, type: unqualified(target.type), bits: target.bits, value: converted });
}

/** One item for the object: a value for all of it, or the first of those that its members take. */
function fillFrom(filler: Filler, target: Target, items: Items): void {
  const item = items.list[items.next];
  if (item === undefined) return;
  if (item.value.kind === 'list') {
    items.next++;
    fillBraced(filler, target, item.value);
    return;
  }
  const { type } = target;
  const value = checkedValue(filler, items, item.value);
  if (stringFor(filler, target, value)) items.next++;
  else if (isRecord(type) && !(isRecord(value.type) && value.type.definition === type.definition)) {
    fillRecord(filler, target, type, items, 'flat');
  } else if (type.kind === 'array') fillArray(filler, target, type, items, 'flat');
  else {
    items.next++;
    scalar(filler, target, value);
  }
}

const designated = (items: Items): boolean => (items.list[items.next]?.designators.length ?? 0) > 0;

/** What `.a[1].b` leads to from `target`, step by step. */
function follow(filler: Filler, target: Target, path: readonly Designator[]): Target | undefined {
  let place = target;
  for (const step of path) {
    const found = step.kind === 'member' ? followMember(filler, place, step) : followIndex(filler, place, step);
    if (found === undefined) return undefined;
    place = found;
  }
  return place;
}

function findPath(type: RecordType, name: string): Member | undefined {
  for (const member of type.definition.layout?.members ?? []) {
    if (member.name === name) return member;
    const inner = member.name === undefined && isRecord(member.type) ? findPath(member.type, name) : undefined;
    if (inner !== undefined) return { ...inner, offset: inner.offset + member.offset };
  }
  return undefined;
}

function followMember({ checker }: Filler, place: Target, step: Designator & { kind: 'member' }): Target | undefined {
  const found = isRecord(place.type) ? findPath(place.type, step.name) : undefined;
  if (found !== undefined) return placeOf(place, found);
  const layout = isRecord(place.type) ? place.type.definition.layout : undefined;
  const hint = layout === undefined ? undefined : didYouMean(step.name, memberNames(layout));
  checker.reporter.error(step.at, `${quoteType(place.type)} has no member \`${step.name}\``, hint);
  return undefined;
}

function indexOf(
  { checker }: Filler,
  type: ArrayType,
  step: Designator & { kind: 'index' },
  last: boolean,
): number | undefined {
  const written = last ? step.last : step.index;
  if (written === undefined) return undefined;
  const value = integerConstant(rvalue(checker, written));
  const length = type.length ?? 2 ** 31;
  if (value !== undefined && value >= 0n && value < BigInt(length)) return Number(value);
  const what = value === undefined ? 'an index here must be a constant' : `the array has no element ${value}`;
  checker.reporter.error(written.at, what);
  return undefined;
}

function followIndex(filler: Filler, place: Target, step: Designator & { kind: 'index' }): Target | undefined {
  if (place.type.kind !== 'array') {
    filler.checker.reporter.error(step.at, `${quoteType(place.type)} is no array`);
    return undefined;
  }
  const index = indexOf(filler, place.type, step, false);
  return index === undefined ? undefined : elementOf(place, place.type, index);
}

/**
 * Whose the designators of the items are: those of a braced list name parts of its object; without braces they belong to
 * the list around it, but for the rest of one that has led here.
 */
type Mode = 'braced' | 'flat' | 'designated';

/** Whether the next item names a part of this object; undefined if it names one of an object around it. */
function namesPart(items: Items, mode: Mode, first: boolean): boolean | undefined {
  if (!designated(items)) return false;
  return mode === 'braced' || (mode === 'designated' && first) ? true : undefined;
}

function fillRecord(filler: Filler, target: Target, type: RecordType, items: Items, mode: Mode): void {
  const { definition } = type;
  const members = (definition.layout?.members ?? []).filter(
    ({ name, type: each }) => name !== undefined || isRecord(each),
  );
  let index = 0;
  for (let first = true; items.next < items.list.length; first = false) {
    const named = namesPart(items, mode, first);
    if (named === undefined) return;
    if (named) {
      index = fillDesignated(filler, target, items, (step) => {
        if (step.kind !== 'member') return undefined;
        return members.findIndex((member) => member.name === step.name || holds(member, step.name));
      });
      continue;
    }
    const member = members[index++];
    if (member === undefined || (definition.union && index > 1)) break;
    fillFrom(filler, placeOf(target, member), items);
  }
  if (mode === 'braced') reportRest(filler, items, type);
}

const holds = (member: Member, name: string): boolean =>
  member.name === undefined && isRecord(member.type) && findPath(member.type, name) !== undefined;

/** Fills what a designator names; the index of the member or element to go on with. */
function fillDesignated(
  filler: Filler,
  target: Target,
  items: Items,
  position: (step: Designator) => number | undefined,
): number {
  const item = items.list[items.next];
  const [step] = item?.designators ?? [];
  if (item === undefined || step === undefined) return 0;
  const place = follow(filler, target, [step]);
  const at = position(step) ?? 0;
  if (place === undefined) {
    items.next++;
    return at + 1;
  }
  const single: Items = {
    list: [{ designators: item.designators.slice(1), value: item.value }, ...items.list.slice(items.next + 1)],
    next: 0,
    checked: items.checked,
  };
  fillPart(filler, place, single);
  items.next += Math.max(single.next, 1);
  return at + 1;
}

/** The first item may name a part of the object, from which it goes on in order. */
function fillPart(filler: Filler, place: Target, items: Items): void {
  const { type } = place;
  const [step] = items.list[items.next]?.designators ?? [];
  if (step === undefined) fillFrom(filler, place, items);
  else if (type.kind === 'array') fillArray(filler, place, type, items, 'designated');
  else if (isRecord(type)) fillRecord(filler, place, type, items, 'designated');
  else {
    filler.checker.reporter.error(step.at, `${quoteType(type)} has no parts that could be named`);
    items.next++;
  }
}

function fillArray(filler: Filler, target: Target, type: ArrayType, items: Items, mode: Mode): void {
  let index = 0;
  const length = type.length ?? Number.POSITIVE_INFINITY;
  for (let first = true; items.next < items.list.length; first = false) {
    const named = namesPart(items, mode, first);
    if (named === undefined) return;
    if (named) {
      const [step] = items.list[items.next]?.designators ?? [];
      if (step?.kind === 'index' && step.last !== undefined) index = fillRange(filler, target, type, items, step);
      else
        index = fillDesignated(filler, target, items, (each) =>
          each.kind === 'index' ? indexOf(filler, type, each, false) : 0,
        );
    } else {
      if (index >= length) break;
      fillFrom(filler, elementOf(target, type, index++), items);
    }
    if (mode === 'braced' && type.length === undefined) filler.length = Math.max(filler.length, index);
  }
  if (mode === 'braced') reportRest(filler, items, type);
}

const mostRange = 1 << 20;

/** The GNU form `[1 ... 5] = value`. */
function fillRange(
  filler: Filler,
  target: Target,
  type: ArrayType,
  items: Items,
  step: Designator & { kind: 'index' },
): number {
  const first = indexOf(filler, type, step, false) ?? 0;
  const last = Math.min(indexOf(filler, type, step, true) ?? first, first + mostRange);
  const item = items.list[items.next++];
  for (let index = first; item !== undefined && index <= last; index++) {
    const list = [{ designators: item.designators.slice(1), value: item.value }];
    const one: Items = { list, next: 0, checked: items.checked };
    fillPart(filler, elementOf(target, type, index), one);
  }
  return last + 1;
}

function reportRest({ checker }: Filler, items: Items, type: CType): void {
  const extra = items.list[items.next];
  if (extra === undefined) return;
  checker.reporter.warn(
    extra.value.at,
    `there are more values than ${quoteType(type)} takes: this one and those after it are left out`,
  );
}

function fillBraced(filler: Filler, target: Target, list: Initializer & { kind: 'list' }): void {
  const { type } = target;
  const items: Items = { list: list.items, next: 0, checked: new Map() };
  if (type.kind === 'array') {
    const [only] = list.items;
    const bare = only !== undefined && list.items.length === 1 && only.designators.length === 0;
    if (bare && only.value.kind === 'value' && stringFor(filler, target, checkedValue(filler, items, only.value)))
      return;
    fillArray(filler, target, type, items, 'braced');
  } else if (isRecord(type)) fillRecord(filler, target, type, items, 'braced');
  else {
    fillFrom(filler, target, items);
    reportRest(filler, items, type);
  }
}

/** Whether items leave a byte out; they need not come in order. */
function leavesGap(items: readonly InitItem[], size: number): boolean {
  const sorted = items.map((item) => ({
    start: item.offset,
    end: item.offset + (sizeOf(item.type) ?? 0),
    bits: item.bits,
  }));
  sorted.sort((a, b) => a.start - b.start);
  let end = 0;
  for (const item of sorted) {
    if (item.bits !== undefined || item.start > end) return true;
    end = Math.max(end, item.end);
  }
  return end < size;
}

export interface Initialized {
  readonly init: Init;
  /** The type with the length that the initializer gives an array. */
  readonly type: CType;
}

export function checkInitializer(
  checker: Checker,
  type: CType,
  initializer: Initializer,
  at: Span,
): Initialized | undefined {
  const filler: Filler = { checker, items: [], length: 0 };
  const target: Target = { type, offset: 0, bits: undefined };
  if (initializer.kind === 'list') fillBraced(filler, target, initializer);
  else {
    const value = check(checker, initializer.value);
    if (value.type.kind === 'broken') return undefined;
    if (!stringFor(filler, target, value)) {
      if (type.kind === 'array') {
        checker.reporter.error(at, 'an array is initialized with a list in braces', 'write `{ … }`');
        return undefined;
      }
      scalar(filler, target, value);
    }
  }
  const whole = completeType(type, filler);
  const size = sizeOf(whole) ?? 0;
  return { init: { items: filler.items, zeroFill: leavesGap(filler.items, size) }, type: whole };
}

function completeType(type: CType, filler: Filler): CType {
  if (type.kind !== 'array' || type.length !== undefined) return type;
  const [first] = filler.items;
  const text =
    first?.value.kind === 'string' && first.type.kind === 'array' && !isRecord(type.of) && type.of.kind !== 'array';
  if (text && first.type.kind === 'array' && isInteger(type.of)) return { ...type, length: first.type.length };
  return { ...type, length: filler.length };
}
