/** Labels as values (GCC manual, "Labels as Values"): `&&label` is a number, and `goto *` a switch over the numbers. */
import type { Expression, Statement } from '../parse/syntax.ts';
import { quoteType } from '../types/show.ts';
import { isPointer, longType, pointerTo, voidType } from '../types/types.ts';
import { type Checker, fail, isBroken } from './checker.ts';
import { convertTo } from './convert.ts';
import { labelNamed } from './statements.ts';
import type { Label, Typed, TypedStatement } from './tree.ts';
import { rvalue } from './values.ts';

export function checkLabelAddress(checker: Checker, node: Expression & { readonly kind: 'labelAddress' }): Typed {
  const { current } = checker;
  const { at, name } = node;
  if (current === undefined) return fail(checker, at, 'the address of a label can be taken only in its function');
  const label = labelNamed(current, name, at);
  label.used = true;
  const known = current.numbered.find((each) => each.label === label);
  const value = known?.first ?? BigInt(current.numbered.length + 1);
  if (known === undefined) current.numbered.push({ first: value, last: value, label });
  return { kind: 'constant', value, type: pointerTo(voidType), at };
}

/** The labels are those of the whole function, also the ones that come later. */
export function checkGotoValue(checker: Checker, node: Statement & { readonly kind: 'gotoValue' }): TypedStatement {
  const { at } = node;
  const value = rvalue(checker, node.value);
  if (!isBroken(value) && !isPointer(value.type))
    fail(checker, node.value.at, `\`goto *\` needs the address of a label, not ${quoteType(value.type)}`);
  const cases = checker.current?.numbered ?? [];
  const breakTo: Label = { name: 'break', named: false };
  const nothing: TypedStatement = { kind: 'compound', statements: [], at };
  const never: Typed = { kind: 'builtin', name: 'unreachable', args: [], type: voidType, at };
  const choice: TypedStatement = {
    kind: 'switch',
    value: convertTo(value, longType),
    cases,
    fallback: undefined,
    body: nothing,
    breakTo,
    at,
  };
  return { kind: 'compound', statements: [choice, { kind: 'expression', value: never, at }], at };
}
