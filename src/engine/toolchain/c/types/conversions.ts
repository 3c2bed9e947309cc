/** Which types go together (C11 §6.2.7, §6.3). */
import {
  type CType,
  type FloatingType,
  type FunctionType,
  type IntegerType,
  intType,
  isFloating,
  precisionOf,
  type Qualified,
  unqualified,
  unsignedLongLongType,
  unsignedLongType,
  unsignedType,
} from './types.ts';

const sameQualifiers = (a: Qualified, b: Qualified): boolean =>
  a.const === b.const && a.volatile === b.volatile && a.atomic === b.atomic;

/** The same type; qualifiers of the outermost level count only if `strict`. */
export function compatible(a: CType, b: CType, strict = false): boolean {
  if (a === b) return true;
  if (strict && !sameQualifiers(a, b)) return false;
  if (a.kind === 'broken' || b.kind === 'broken') return true;
  if (a.kind === 'integer') return b.kind === 'integer' && sameInteger(a, b);
  if (a.kind === 'floating') return b.kind === 'floating' && a.size === b.size;
  if (a.kind === 'pointer') return b.kind === 'pointer' && compatible(a.to, b.to, true);
  if (a.kind === 'array') {
    if (b.kind !== 'array' || !compatible(a.of, b.of, true)) return false;
    return a.length === b.length || a.length === undefined || b.length === undefined;
  }
  if (a.kind === 'record') return b.kind === 'record' && a.definition === b.definition;
  if (a.kind === 'function') return b.kind === 'function' && sameFunction(a, b);
  return a.kind === b.kind;
}

const sameInteger = (a: IntegerType, b: IntegerType): boolean =>
  a.rank === b.rank && a.signed === b.signed && a.bits === b.bits && sameChar(a, b);

/** `char` is neither `signed char` nor `unsigned char`. */
const sameChar = (a: IntegerType, b: IntegerType): boolean => (a.name === 'char') === (b.name === 'char');

function sameFunction(a: FunctionType, b: FunctionType): boolean {
  if (!compatible(a.returns, b.returns)) return false;
  if (a.unknown || b.unknown) return true;
  if (a.variadic !== b.variadic || a.parameters.length !== b.parameters.length) return false;
  return a.parameters.every((type, index) => compatible(type, b.parameters[index] ?? type));
}

/** What two declarations of one thing say together: known lengths and parameters win. */
export function composite(a: CType, b: CType): CType {
  if (a.kind === 'array' && b.kind === 'array') return a.length === undefined ? b : a;
  if (a.kind === 'function' && b.kind === 'function') return a.unknown ? b : a;
  return a;
}

/** Integer promotion; a bit-field narrower than `int` becomes `int`, a wider one keeps its width. */
export function promote(type: IntegerType, bits?: number): IntegerType {
  if (bits !== undefined && bits < 32) return intType;
  if (bits === 32) return type.signed ? intType : unsignedType;
  const plain = unqualified(type);
  if (bits !== undefined && bits > 32 && bits < 64) return { ...plain, name: `${plain.name}:${bits}`, bits };
  if (plain.rank < intType.rank) return intType;
  if (plain.enumeration !== undefined) return plain.signed ? intType : unsignedType;
  return plain;
}

const unsignedOf = (type: IntegerType): IntegerType =>
  type.rank === 5 ? unsignedLongLongType : type.rank === 4 ? unsignedLongType : unsignedType;

/** The usual arithmetic conversions (§6.3.1.8). Integers are promoted already. */
export function commonType(a: IntegerType | FloatingType, b: IntegerType | FloatingType): IntegerType | FloatingType {
  if (isFloating(a)) return isFloating(b) && b.size > a.size ? unqualified(b) : unqualified(a);
  if (isFloating(b)) return unqualified(b);
  if (precisionOf(a) !== precisionOf(b)) return precisionOf(a) > precisionOf(b) ? a : b;
  if (a.signed === b.signed) return a.rank >= b.rank ? a : b;
  const [signed, unsigned] = a.signed ? [a, b] : [b, a];
  if (unsigned.rank >= signed.rank) return unsigned;
  return signed.size > unsigned.size ? signed : unsignedOf(signed);
}
