/** Labels as values (GCC manual, "Labels as Values"): `&&label` is a number, and `goto *` a switch over the numbers. */
import type { Span } from '../../diagnostics.ts';
import type { Expression, Statement } from '../parse/syntax.ts';
import { quoteType } from '../types/show.ts';
import { isPointer, longType, pointerTo, voidType } from '../types/types.ts';
import { type Checker, type FunctionContext, fail, isBroken } from './checker.ts';
import { convertTo } from './convert.ts';
import { newLocal } from './names.ts';
import { labelNamed } from './statements.ts';
import type { Label, Local, Typed, TypedStatement } from './tree.ts';
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

/** All jumps of a function to computed labels go through one place, which chooses. */
export interface Dispatch {
  /** Holds the number of the label. */
  readonly target: Local;
  readonly label: Label;
}

function dispatchOf(checker: Checker, current: FunctionContext, at: Span): Dispatch {
  const known = current.dispatch;
  if (known !== undefined) return known;
  const made: Dispatch = {
    target: newLocal(checker, { name: '', type: longType, at, hidden: true }),
    label: { name: 'dispatch', named: true },
  };
  current.dispatch = made;
  return made;
}

export function checkGotoValue(checker: Checker, node: Statement & { readonly kind: 'gotoValue' }): TypedStatement {
  const { at } = node;
  const value = rvalue(checker, node.value);
  const { current } = checker;
  if (!isBroken(value) && !isPointer(value.type))
    fail(checker, node.value.at, `\`goto *\` needs the address of a label, not ${quoteType(value.type)}`);
  if (current === undefined) return { kind: 'compound', statements: [], at };
  const { target, label } = dispatchOf(checker, current, at);
  const kept: Typed = {
    kind: 'assign',
    target: { kind: 'local', local: target, type: longType, at },
    value: convertTo(value, longType),
    type: longType,
    at,
  };
  const statements: TypedStatement[] = [
    { kind: 'expression', value: kept, at },
    { kind: 'goto', label, at },
  ];
  return { kind: 'compound', statements, at };
}

/** The body with the choice behind it, once all labels are known. */
export function withDispatch(body: TypedStatement, { dispatch, numbered }: FunctionContext): TypedStatement {
  if (dispatch === undefined) return body;
  const { at } = body;
  const { target, label } = dispatch;
  const end: Label = { name: 'end', named: true };
  const nothing: TypedStatement = { kind: 'compound', statements: [], at };
  const never: Typed = { kind: 'builtin', name: 'unreachable', args: [], type: voidType, at };
  const choice: TypedStatement = {
    kind: 'switch',
    value: { kind: 'local', local: target, type: longType, at },
    cases: numbered,
    fallback: undefined,
    body: nothing,
    breakTo: { name: 'break', named: false },
    at,
  };
  const statements: TypedStatement[] = [
    body,
    { kind: 'goto', label: end, at },
    { kind: 'label', label, body: choice, at },
    { kind: 'expression', value: never, at },
    { kind: 'label', label: end, body: nothing, at },
  ];
  return { kind: 'compound', statements, at };
}
