/** Where arguments and results go (RISC-V psABI, "Procedure Calling Convention", lp64d). */
import { alignOf, alignUp, sizeOf } from '../types/layout.ts';
import { type CType, isFloating, isInteger, isRecord, isScalar, type Member } from '../types/types.ts';
import type { Access, ValueType, Where } from './ir.ts';

/** A part of an argument that one register takes. */
export interface Piece {
  readonly type: ValueType;
  /** Where it stands in the argument. */
  readonly offset: number;
  readonly access: Access;
}

export type Passing =
  | { readonly kind: 'nothing' }
  /** The caller passes its address. */
  | { readonly kind: 'reference'; readonly where: Where }
  | { readonly kind: 'pieces'; readonly pieces: readonly Piece[]; readonly where: readonly Where[] };

interface Field {
  readonly type: CType;
  readonly offset: number;
}

/** A bit-field counts as the smallest integer that is as wide, at the byte where it begins (as GCC has it). */
function flattenMember({ type, offset, bits }: Member, at: number, into: Field[]): boolean {
  if (bits === undefined || !isInteger(type)) return flatten(type, at + offset, into);
  const size = ([1, 2, 4, 8] as const).find((each) => each * 8 >= bits.width) ?? 8;
  into.push({ type: { ...type, size }, offset: at + offset + (bits.shift >> 3) });
  return into.length <= 2;
}

/** Scalars of a struct, arrays and structs in it taken apart; undefined if they cannot tell (unions, many). */
function flatten(type: CType, offset: number, into: Field[]): boolean {
  if (into.length > 2) return false;
  if (isRecord(type)) {
    const { layout, union } = type.definition;
    if (union || layout === undefined) return false;
    return layout.members.every((member) => flattenMember(member, offset, into));
  }
  if (type.kind === 'array') {
    const { length = 0, of } = type;
    const step = sizeOf(of) ?? 0;
    if (length > 2) return false;
    return Array.from({ length }, (_, index) => index).every((index) => flatten(of, offset + index * step, into));
  }
  if (!isScalar(type)) return false;
  into.push({ type, offset });
  return into.length <= 2;
}

function pieceOf({ type, offset }: Field): Piece {
  if (isFloating(type)) {
    const size = type.size === 4 ? 4 : 8;
    return { type: size === 4 ? 's' : 'd', offset, access: { size, signed: true, volatile: false } };
  }
  const size = isInteger(type) ? type.size : 8;
  const signed = !isInteger(type) || size >= 4 || type.signed;
  return { type: size === 8 ? 'x' : 'w', offset, access: { size, signed, volatile: false } };
}

/** The members of a struct that the floating registers take part in; undefined if they do not. */
function floatingPieces(type: CType): readonly Piece[] | undefined {
  const fields: Field[] = [];
  if (!isRecord(type) || !flatten(type, 0, fields) || fields.length === 0) return undefined;
  const floats = fields.filter((field) => isFloating(field.type)).length;
  if (floats === 0 || fields.some((field) => isFloating(field.type) && field.type.size === 16)) return undefined;
  return fields.map(pieceOf);
}

/** A struct as one or two double words. What the last one holds beyond the struct means nothing. */
function wordPieces(size: number): readonly Piece[] {
  const count = Math.ceil(size / 8);
  return Array.from({ length: count }, (_, index) => ({
    type: 'x' as const,
    offset: index * 8,
    access: { size: 8 as const, signed: true, volatile: false },
  }));
}

export interface Registers {
  integers: number;
  floats: number;
  stack: number;
}

export const freshRegisters = (): Registers => ({ integers: 0, floats: 0, stack: 0 });

function nextInteger(registers: Registers): Where {
  if (registers.integers < 8) return { kind: 'integer', index: registers.integers++ };
  const offset = registers.stack;
  registers.stack += 8;
  return { kind: 'stack', offset };
}

const isFloatPiece = ({ type }: Piece): boolean => type === 's' || type === 'd';

function inFloats(registers: Registers, pieces: readonly Piece[]): readonly Where[] | undefined {
  const floats = pieces.filter(isFloatPiece).length;
  if (registers.floats + floats > 8 || registers.integers + pieces.length - floats > 8) return undefined;
  return pieces.map((piece) =>
    isFloatPiece(piece) ? { kind: 'floating', index: registers.floats++ } : nextInteger(registers),
  );
}

/** `named`: not one of those that `...` takes, which go into integer registers alone. */
export function passArgument(registers: Registers, type: CType, named: boolean): Passing {
  const size = sizeOf(type) ?? 0;
  if (size === 0) return { kind: 'nothing' };
  if (isScalar(type) && size <= 8) {
    const piece = pieceOf({ type, offset: 0 });
    const where = isFloatPiece(piece) && named ? inFloats(registers, [piece]) : undefined;
    return { kind: 'pieces', pieces: [piece], where: where ?? [nextInteger(registers)] };
  }
  if (size > 16) return { kind: 'reference', where: nextInteger(registers) };
  const floating = named ? floatingPieces(type) : undefined;
  const where = floating === undefined ? undefined : inFloats(registers, floating);
  if (floating !== undefined && where !== undefined) return { kind: 'pieces', pieces: floating, where };
  if (alignOf(type) === 16) alignPair(registers, named);
  const pieces = wordPieces(size);
  return { kind: 'pieces', pieces, where: pieces.map(() => nextInteger(registers)) };
}

/** Twice as wide as a register: on the stack at a multiple of 16; among `...` also in an even register. */
function alignPair(registers: Registers, named: boolean): void {
  if (registers.integers >= 8) registers.stack = alignUp(registers.stack, 16);
  else if (!named) registers.integers = alignUp(registers.integers, 2);
}

/** A result is passed as a first argument would be; a large one where a hidden first argument points. */
export const passResult = (type: CType): Passing =>
  type.kind === 'void' ? { kind: 'nothing' } : passArgument(freshRegisters(), type, true);
