/** C types as RV64 lp64d has them (psABI). Plain data; only a struct's definition is filled in later. */
import type { Span } from '../../diagnostics.ts';

export interface Qualified {
  readonly const?: true;
  readonly volatile?: true;
  readonly atomic?: true;
  /** Name of the `typedef` that it was written as: for debuggers, not for the language. */
  readonly alias?: string;
  /** In bytes, where a `typedef` says another alignment than the type's own. */
  readonly aligned?: number;
}

export interface IntegerType extends Qualified {
  readonly kind: 'integer';
  readonly name: string;
  readonly size: 1 | 2 | 4 | 8;
  readonly signed: boolean;
  /** Conversion rank (C11 §6.3.1.1). */
  readonly rank: number;
  /** Tag of the enumeration that it is. */
  readonly enumeration?: string;
  /** The constants of the enumeration. */
  readonly names?: ReadonlyMap<string, bigint>;
  /** Of a bit-field wider than `int`: arithmetic with it wraps at that width, as GCC has it. */
  readonly bits?: number;
}

export interface FloatingType extends Qualified {
  readonly kind: 'floating';
  readonly name: string;
  readonly size: 4 | 8 | 16;
}

export interface PointerType extends Qualified {
  readonly kind: 'pointer';
  readonly to: CType;
}

export interface ArrayType extends Qualified {
  readonly kind: 'array';
  readonly of: CType;
  /** Undefined for `[]`. */
  readonly length: number | undefined;
}

export interface FunctionType extends Qualified {
  readonly kind: 'function';
  readonly returns: CType;
  readonly parameters: readonly CType[];
  readonly variadic: boolean;
  /** `()`: nothing is known about the parameters. */
  readonly unknown: boolean;
}

export interface Member {
  /** Undefined for an anonymous struct or union. */
  readonly name: string | undefined;
  readonly type: CType;
  /** In bytes; of a bit-field, of the unit that it is read with. */
  readonly offset: number;
  readonly bits?: BitRange;
}

/** Bits of the unit of the member's type that stands at its offset. */
export interface BitRange {
  readonly shift: number;
  readonly width: number;
}

export interface RecordLayout {
  readonly members: readonly Member[];
  readonly size: number;
  readonly alignment: number;
  readonly flexible: boolean;
}

/** One struct or union; types that name it share it. */
export interface RecordDefinition {
  readonly union: boolean;
  readonly tag: string | undefined;
  readonly at: Span;
  /** Undefined as long as it is only declared. */
  layout: RecordLayout | undefined;
}

export interface RecordType extends Qualified {
  readonly kind: 'record';
  readonly definition: RecordDefinition;
}

export interface VoidType extends Qualified {
  readonly kind: 'void';
}

/** The type of what is wrong and has been reported. */
export interface BrokenType extends Qualified {
  readonly kind: 'broken';
}

export type CType =
  | VoidType
  | IntegerType
  | FloatingType
  | PointerType
  | ArrayType
  | FunctionType
  | RecordType
  | BrokenType;

const integer = (name: string, size: 1 | 2 | 4 | 8, signed: boolean, rank: number): IntegerType => ({
  kind: 'integer',
  name,
  size,
  signed,
  rank,
});

export const voidType: VoidType = { kind: 'void' };
export const brokenType: BrokenType = { kind: 'broken' };
export const boolType = integer('_Bool', 1, false, 0);
export const charType = integer('char', 1, false, 1);
export const signedCharType = integer('signed char', 1, true, 1);
export const unsignedCharType = integer('unsigned char', 1, false, 1);
export const shortType = integer('short', 2, true, 2);
export const unsignedShortType = integer('unsigned short', 2, false, 2);
export const intType = integer('int', 4, true, 3);
export const unsignedType = integer('unsigned int', 4, false, 3);
export const longType = integer('long', 8, true, 4);
export const unsignedLongType = integer('unsigned long', 8, false, 4);
export const longLongType = integer('long long', 8, true, 5);
export const unsignedLongLongType = integer('unsigned long long', 8, false, 5);
export const floatType: FloatingType = { kind: 'floating', name: 'float', size: 4 };
export const doubleType: FloatingType = { kind: 'floating', name: 'double', size: 8 };
export const longDoubleType: FloatingType = { kind: 'floating', name: 'long double', size: 16 };

export const pointerTo = (to: CType): PointerType => ({ kind: 'pointer', to });
export const arrayOf = (of: CType, length: number | undefined): ArrayType => ({ kind: 'array', of, length });

export const precisionOf = ({ size, bits }: IntegerType): number => bits ?? size * 8;

export const isBool = (type: CType): boolean => type.kind === 'integer' && type.rank === 0;
export const isInteger = (type: CType): type is IntegerType => type.kind === 'integer';
export const isFloating = (type: CType): type is FloatingType => type.kind === 'floating';
export const isArithmetic = (type: CType): type is IntegerType | FloatingType => isInteger(type) || isFloating(type);
export const isPointer = (type: CType): type is PointerType => type.kind === 'pointer';
export const isScalar = (type: CType): type is IntegerType | FloatingType | PointerType =>
  isArithmetic(type) || isPointer(type);
export const isRecord = (type: CType): type is RecordType => type.kind === 'record';

export function qualify<T extends CType>(type: T, qualifiers: Qualified): T {
  const { const: isConst, volatile, atomic } = qualifiers;
  if (isConst === undefined && volatile === undefined && atomic === undefined) return type;
  if (type.kind === 'array') return { ...type, of: qualify(type.of, qualifiers) };
  return { ...type, ...(isConst && { const: true }), ...(volatile && { volatile }), ...(atomic && { atomic }) };
}

export function unqualified<T extends CType>(type: T): T {
  const { const: isConst, volatile, atomic, aligned, ...rest } = type;
  const plain = isConst === undefined && volatile === undefined && atomic === undefined && aligned === undefined;
  if (plain) return type;
  return rest as unknown as T;
}
