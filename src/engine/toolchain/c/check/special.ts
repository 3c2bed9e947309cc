/** `_Generic`, `va_arg`, `offsetof` and the like. */
import { didYouMean } from '../../suggest.ts';
import type { Designator, Expression } from '../parse/syntax.ts';
import { compatible } from '../types/conversions.ts';
import { findMember, memberNames, sizeOf } from '../types/layout.ts';
import { quoteType } from '../types/show.ts';
import { type CType, intType, isInteger, pointerTo, unqualified, unsignedLongType, voidType } from '../types/types.ts';
import { type Checker, fail } from './checker.ts';
import { integerConstant } from './constant.ts';
import { markAddressed } from './convert.ts';
import { check } from './expressions.ts';
import { resolveType } from './resolve-type.ts';
import type { Typed } from './tree.ts';
import { rvalue } from './values.ts';

type Of<K extends Expression['kind']> = Expression & { readonly kind: K };

export function checkGeneric(checker: Checker, node: Of<'generic'>): Typed {
  const control = rvalue(checker, node.control);
  if (control.type.kind === 'broken') return control;
  const type = unqualified(control.type);
  const fits = (choice: CType): boolean => compatible(choice, type, true);
  const found = node.choices.find((choice) => choice.type !== undefined && fits(resolveType(checker, choice.type)));
  const chosen = found ?? node.choices.find((choice) => choice.type === undefined);
  if (chosen !== undefined) return check(checker, chosen.value);
  return fail(
    checker,
    node.at,
    `no choice of \`_Generic\` is for ${quoteType(type)}`,
    'a last `default: …` takes all others',
  );
}

/** A `va_list` as an object: builtins change it. */
export function listOperand(checker: Checker, node: Expression): Typed {
  const list = check(checker, node);
  if (list.type.kind === 'broken') return list;
  if (!compatible(unqualified(list.type), pointerTo(voidType))) {
    return fail(checker, node.at, `a \`va_list\` is expected here, not ${quoteType(list.type)}`);
  }
  markAddressed(list);
  return list;
}

export function checkVaArg(checker: Checker, node: Of<'vaArg'>): Typed {
  const list = listOperand(checker, node.list);
  const type = resolveType(checker, node.type);
  const { at } = node;
  if (type.kind === 'broken' || list.type.kind === 'broken') return { kind: 'broken', type: { kind: 'broken' }, at };
  if (sizeOf(type) === undefined) return fail(checker, at, `no argument has the type ${quoteType(type)}`);
  const small = (isInteger(type) && type.size < 4) || (type.kind === 'floating' && type.size === 4);
  if (small) {
    const wide = type.kind === 'floating' ? 'double' : 'int';
    checker.reporter.warn(
      at,
      `an argument of type ${quoteType(type)} is passed as \`${wide}\``,
      `write \`${wide}\` here`,
    );
  }
  return { kind: 'vaArg', list, type: unqualified(type), at };
}

function stepInto(
  checker: Checker,
  type: CType,
  step: Designator,
): { readonly type: CType; readonly offset: number } | undefined {
  if (step.kind === 'index') {
    const index = integerConstant(rvalue(checker, step.index));
    if (type.kind !== 'array' || index === undefined) return undefined;
    return { type: type.of, offset: Number(index) * (sizeOf(type.of) ?? 1) };
  }
  const layout = type.kind === 'record' ? type.definition.layout : undefined;
  const member = layout === undefined ? undefined : findMember(layout, step.name);
  return member === undefined || member.bits !== undefined ? undefined : { type: member.type, offset: member.offset };
}

export function checkOffsetof(checker: Checker, node: Of<'offsetof'>): Typed {
  let type = resolveType(checker, node.type);
  let offset = 0;
  for (const step of node.path) {
    if (type.kind === 'broken') return { kind: 'broken', type, at: node.at };
    const found = stepInto(checker, type, step);
    if (found === undefined) {
      const layout = type.kind === 'record' ? type.definition.layout : undefined;
      const hint =
        step.kind === 'member' && layout !== undefined ? didYouMean(step.name, memberNames(layout)) : undefined;
      return fail(checker, step.at, `${quoteType(type)} has no such member with an address`, hint);
    }
    ({ type } = found);
    offset += found.offset;
  }
  return { kind: 'constant', value: BigInt(offset), type: unsignedLongType, at: node.at };
}

export function checkTypesCompatible(checker: Checker, node: Of<'typesCompatible'>): Typed {
  const left = unqualified(resolveType(checker, node.left));
  const right = unqualified(resolveType(checker, node.right));
  return { kind: 'constant', value: compatible(left, right) ? 1n : 0n, type: intType, at: node.at };
}
