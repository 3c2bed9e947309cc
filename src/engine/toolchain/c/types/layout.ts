/** Sizes, alignments and where members lie (psABI; bit-fields as GCC packs them). */
import type { BitRange, CType, Member, RecordLayout } from './types.ts';

export const alignUp = (value: number, step: number): number => Math.ceil(value / step) * step;

/** In bytes; undefined for a type that is not complete. */
export function sizeOf(type: CType): number | undefined {
  switch (type.kind) {
    case 'integer':
    case 'floating':
      return type.size;
    case 'pointer':
      return 8;
    case 'array': {
      const element = sizeOf(type.of);
      return element === undefined || type.length === undefined ? undefined : element * type.length;
    }
    case 'record':
      return type.definition.layout?.size;
    default:
      return undefined;
  }
}

export function alignOf(type: CType): number {
  if (type.aligned !== undefined) return type.aligned;
  switch (type.kind) {
    case 'integer':
    case 'floating':
      return type.size;
    case 'pointer':
      return 8;
    case 'array':
      return alignOf(type.of);
    case 'record':
      return type.definition.layout?.alignment ?? 1;
    default:
      return 1;
  }
}

const sizeOrOne = (type: CType): number => sizeOf(type) ?? 1;

/** A member before it has a place. */
export interface MemberWish {
  readonly name: string | undefined;
  readonly type: CType;
  /** Width of a bit-field. */
  readonly bits: number | undefined;
  /** By `aligned` or `_Alignas`; 1 if nothing is said. */
  readonly alignment: number;
  readonly packed: boolean;
}

interface Placer {
  /** Next free bit. */
  bit: number;
  size: number;
  alignment: number;
  readonly members: Member[];
}

function placeBits(placer: Placer, wish: MemberWish, width: number, union: boolean): void {
  const unit = sizeOrOne(wish.type) * 8;
  const natural = wish.packed ? 1 : alignOf(wish.type);
  if (union) placer.bit = 0;
  if (width === 0) {
    placer.bit = alignUp(placer.bit, unit);
    return;
  }
  const crosses = Math.floor(placer.bit / unit) !== Math.floor((placer.bit + width - 1) / unit);
  if (crosses && !wish.packed) placer.bit = alignUp(placer.bit, unit);
  if (wish.alignment > 1) placer.bit = alignUp(placer.bit, wish.alignment * 8);
  const start = unitStart(placer.bit, width, unit);
  const bits: BitRange = { shift: placer.bit - start, width };
  if (wish.name !== undefined) {
    placer.members.push({ name: wish.name, type: wish.type, offset: start / 8, bits });
    placer.alignment = Math.max(placer.alignment, natural, wish.alignment);
  }
  placer.bit += width;
  placer.size = Math.max(placer.size, Math.ceil(placer.bit / 8));
}

/** Bit at which the unit begins that holds the field: aligned, or for a packed one at a byte. */
function unitStart(bit: number, width: number, unit: number): number {
  const aligned = bit - (bit % unit);
  return bit + width <= aligned + unit ? aligned : bit - (bit % 8);
}

function placeMember(placer: Placer, wish: MemberWish, union: boolean): void {
  const alignment = Math.max(wish.packed ? 1 : alignOf(wish.type), wish.alignment);
  const offset = union ? 0 : alignUp(Math.ceil(placer.bit / 8), alignment);
  placer.members.push({ name: wish.name, type: wish.type, offset });
  placer.alignment = Math.max(placer.alignment, alignment);
  const end = offset + (sizeOf(wish.type) ?? 0);
  placer.size = Math.max(placer.size, end);
  placer.bit = end * 8;
}

/** `alignment`: the least, by an attribute of the whole. */
export function layOut(wishes: readonly MemberWish[], union: boolean, alignment: number): RecordLayout {
  const placer: Placer = { bit: 0, size: 0, alignment, members: [] };
  for (const wish of wishes) {
    if (wish.bits === undefined) placeMember(placer, wish, union);
    else placeBits(placer, wish, wish.bits, union);
  }
  const last = wishes.at(-1)?.type;
  return {
    members: placer.members,
    size: alignUp(placer.size, placer.alignment),
    alignment: placer.alignment,
    flexible: last?.kind === 'array' && last.length === undefined,
  };
}

/** A member by name, with its offset in the whole: anonymous structs and unions are looked into. */
export function findMember(layout: RecordLayout, name: string): Member | undefined {
  for (const member of layout.members) {
    if (member.name === name) return member;
    if (member.name !== undefined || member.type.kind !== 'record') continue;
    const inner = member.type.definition.layout;
    const found = inner === undefined ? undefined : findMember(inner, name);
    if (found !== undefined) return { ...found, offset: found.offset + member.offset };
  }
  return undefined;
}

export function memberNames(layout: RecordLayout): string[] {
  return layout.members.flatMap(({ name, type }) => {
    if (name !== undefined) return [name];
    const inner = type.kind === 'record' ? type.definition.layout : undefined;
    return inner === undefined ? [] : memberNames(inner);
  });
}
