/** C types as the IR has them. */
import { type CType, isFloating, isInteger } from '../types/types.ts';
import type { Access, ValueType } from './ir.ts';

export function valueTypeOf(type: CType): ValueType {
  if (isInteger(type)) return type.size === 8 ? 'x' : 'w';
  if (isFloating(type)) return type.size === 4 ? 's' : 'd';
  return type.kind === 'void' ? 'v' : 'x';
}

export const isFloatValue = (type: ValueType): boolean => type === 's' || type === 'd';

/** How a scalar of that type is read and written. A `w` is loaded sign-extended, whatever its sign. */
export function accessOf(type: CType): Access {
  const volatile = type.volatile === true || type.atomic === true;
  if (isInteger(type)) return { size: type.size, signed: type.size >= 4 || type.signed, volatile };
  if (isFloating(type)) return { size: type.size === 4 ? 4 : 8, signed: true, volatile };
  return { size: 8, signed: true, volatile };
}
