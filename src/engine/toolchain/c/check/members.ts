/** `a.b`, `a->b` and `a[i]` (C11 §6.5.2). */

import { didYouMean } from '../../suggest.ts';
import type { Expression } from '../parse/syntax.ts';
import { findMember, memberNames } from '../types/layout.ts';
import { quoteType } from '../types/show.ts';
import { isInteger, isPointer, type PointerType, qualify, type RecordType } from '../types/types.ts';
import { type Checker, fail, isBroken } from './checker.ts';
import { check } from './expressions.ts';
import { pointerOffset } from './operators.ts';
import type { Typed } from './tree.ts';
import { rvalue } from './values.ts';

type Of<K extends Expression['kind']> = Expression & { readonly kind: K };

/** The struct that a member is looked for in; undefined after a report. */
function recordOf(checker: Checker, node: Of<'member'>): (Typed & { type: RecordType }) | undefined {
  const found = node.arrow ? rvalue(checker, node.object) : check(checker, node.object);
  const { type } = found;
  if (type.kind === 'broken') return undefined;
  const wrong = (message: string, hint?: string): undefined => void fail(checker, node.at, message, hint);
  if (!node.arrow) {
    if (type.kind === 'record') return { ...found, type };
    const pointed = isPointer(type) && type.to.kind === 'record';
    return wrong(
      `\`.\` needs a struct or union, not ${quoteType(type)}`,
      pointed ? 'this is a pointer: write `->`' : undefined,
    );
  }
  if (!isPointer(type)) {
    return wrong(`\`->\` needs a pointer, not ${quoteType(type)}`, type.kind === 'record' ? 'write `.`' : undefined);
  }
  if (type.to.kind !== 'record') return wrong(`\`->\` needs a pointer to a struct or union, not ${quoteType(type)}`);
  if (found.kind === 'address' && found.operand.type === type.to) return { ...found.operand, type: type.to };
  return { kind: 'deref', pointer: found, type: type.to, at: node.at };
}

export function checkMember(checker: Checker, node: Of<'member'>): Typed {
  const object = recordOf(checker, node);
  const { at, name } = node;
  if (object === undefined) return { kind: 'broken', type: { kind: 'broken' }, at };
  const { layout } = object.type.definition;
  if (layout === undefined) {
    return fail(checker, node.nameAt, `${quoteType(object.type)} is not complete: its members are not known here`);
  }
  const member = findMember(layout, name);
  if (member === undefined) {
    const hint = didYouMean(name, memberNames(layout));
    return fail(checker, node.nameAt, `${quoteType(object.type)} has no member \`${name}\``, hint);
  }
  const { const: isConst, volatile } = object.type;
  const type = qualify(member.type, { ...(isConst && { const: true }), ...(volatile && { volatile }) });
  return { kind: 'field', object, offset: member.offset, bits: member.bits, type, at };
}

export function checkIndex(checker: Checker, node: Of<'index'>): Typed {
  const base = rvalue(checker, node.base);
  const index = rvalue(checker, node.index);
  const { at } = node;
  if (isBroken(base, index)) return { kind: 'broken', type: { kind: 'broken' }, at };
  const [pointer, number] = isPointer(base.type) ? [base, index] : [index, base];
  if (!isPointer(pointer.type)) {
    return fail(checker, at, `\`[ ]\` needs an array or a pointer, not ${quoteType(base.type)}`);
  }
  if (!isInteger(number.type)) return fail(checker, at, `an index must be an integer, not ${quoteType(number.type)}`);
  const { type } = pointer;
  if (type.to.kind === 'void')
    return fail(checker, at, 'a pointer to `void` does not say what it points to', 'convert the pointer first');
  warnRange(checker, pointer, number, at);
  const place = pointerOffset(checker, pointer as Typed & { type: PointerType }, number, false, at);
  return { kind: 'deref', pointer: place, type: type.to, at };
}

function warnRange(checker: Checker, pointer: Typed, index: Typed, at: Typed['at']): void {
  if (pointer.kind !== 'address' || pointer.operand.type.kind !== 'array' || index.kind !== 'constant') return;
  const { length } = pointer.operand.type;
  // One past the end may be named, as `&a[n]`; a member of length 0 or 1 at the end may stand for more.
  const trailing = pointer.operand.kind === 'field' && (length ?? 0) <= 1;
  if (length === undefined || trailing || (index.value >= 0n && index.value <= BigInt(length))) return;
  const last = length === 0 ? 'it has none' : `they go from 0 to ${length - 1}`;
  checker.reporter.warn(at, `the array has no element ${index.value}: ${last}`);
}
