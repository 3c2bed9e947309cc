/** What an effect asks of the floating-point unit, found in its expressions. */
import type { Expr, FloatRegister, SourceRegister } from './expression.ts';
import { floatOperations } from './float.ts';
import type { Exception } from './float-format.ts';
import type { Effect } from './instruction.ts';

export const isFloatRegister = (name: SourceRegister): name is FloatRegister => name.startsWith('f');

function operandsOf(expr: Expr): readonly Expr[] {
  switch (expr.op) {
    case 'float':
      return expr.operands;
    case 'select':
      return [expr.condition, expr.a, expr.b];
    case 'load':
      return [expr.address];
    default:
      if ('b' in expr) return [expr.a, expr.b];
      return 'a' in expr ? [expr.a] : [];
  }
}

const everyPart = (expr: Expr): Expr[] => [expr, ...operandsOf(expr).flatMap(everyPart)];

/** Rows do not change, and are asked again and again. */
const known = new WeakMap<Effect, readonly Expr[]>();

function partsOf(effect: Effect): readonly Expr[] {
  const parts = known.get(effect);
  if (parts !== undefined) return parts;
  const { rd, frd, pc, store } = effect;
  const found = [rd, frd, pc, store?.address, store?.value].flatMap((expr) =>
    expr === undefined ? [] : everyPart(expr),
  );
  known.set(effect, found);
  return found;
}

type FloatExpr = Extract<Expr, { readonly op: 'float' }>;
const floatsIn = (effect: Effect): FloatExpr[] => partsOf(effect).filter((part) => part.op === 'float');

/** Reads or writes a floating-point register: illegal while `mstatus.FS` is Off. */
export const usesFloats = (effect: Effect): boolean =>
  effect.frd !== undefined || partsOf(effect).some((part) => part.op === 'register' && isFloatRegister(part.name));

/** The load among its expressions, of which there is at most one. */
export const loadIn = (effect: Effect): Extract<Expr, { readonly op: 'load' }> | undefined =>
  partsOf(effect).find((part) => part.op === 'load');

/** Needs nothing but registers: no memory, and no pc but the next. */
export const staysInFloatUnit = (effect: Effect): boolean =>
  usesFloats(effect) && effect.store === undefined && loadIn(effect) === undefined;

/** Needs a rounding mode: illegal if that is a reserved one, also where the result is exact. */
export const rounds = (effect: Effect): boolean =>
  floatsIn(effect).some(({ format, name }) => floatOperations[format][name].rounds);

/** Every exception flag that the instruction can raise. */
export const raises = (effect: Effect): Exception[] => [
  ...new Set(floatsIn(effect).flatMap(({ format, name }) => floatOperations[format][name].raises)),
];
