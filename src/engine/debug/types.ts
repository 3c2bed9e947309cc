/** C types out of their entries, each when it is asked for. */
import { attributes, encodings, tags } from '../dwarf.ts';
import { attributeOf, childrenOf, type Entry, nameOf, type Resolver, referenceOf } from './entries.ts';
import { Reader } from './reader.ts';

export interface Field {
  /** Empty for an anonymous struct or union. */
  readonly name: string;
  readonly type: Type;
  readonly offset: number;
  /** Of a bit-field: from the lowest bit of the byte at `offset`. */
  readonly bits?: { readonly shift: number; readonly width: number };
}

export type Type =
  | { readonly kind: 'void' }
  | { readonly kind: 'base'; readonly name: string; readonly size: number; readonly encoding: number }
  | { readonly kind: 'pointer'; readonly target: () => Type }
  | { readonly kind: 'array'; readonly element: () => Type; readonly length: number | undefined }
  | {
      readonly kind: 'record';
      readonly union: boolean;
      readonly name: string;
      readonly size: number;
      readonly fields: () => readonly Field[];
    }
  | {
      readonly kind: 'enum';
      readonly name: string;
      readonly size: number;
      readonly names: () => ReadonlyMap<bigint, string>;
    }
  | { readonly kind: 'function'; readonly returns: () => Type; readonly parameters: () => readonly Type[] }
  | { readonly kind: 'named'; readonly what: Naming; readonly name: string; readonly target: () => Type };

export type Naming = 'typedef' | 'const' | 'volatile' | 'restrict' | '_Atomic';

const namings: Readonly<Record<number, Naming>> = {
  [tags.typedef]: 'typedef',
  [tags.constQualified]: 'const',
  [tags.volatileQualified]: 'volatile',
  [tags.restrictQualified]: 'restrict',
  [tags.atomicQualified]: '_Atomic',
};

export const voidType: Type = { kind: 'void' };
export const longType: Type = { kind: 'base', name: 'long', size: 8, encoding: encodings.signed };
export const unsignedLongType: Type = { kind: 'base', name: 'unsigned long', size: 8, encoding: encodings.unsigned };

const numberAt = (resolver: Resolver, entry: Entry, name: number): number | undefined => {
  const found = attributeOf(resolver, entry, name);
  return found === undefined || found.bytes !== undefined ? undefined : Number(found.number);
};

function targetOf(resolver: Resolver, entry: Entry): () => Type {
  let known: Type | undefined;
  return () => {
    known ??= typeAt(resolver, entry);
    return known;
  };
}

/** Once. */
function lazily<T>(make: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => {
    known ??= { value: make() };
    return known.value;
  };
}

function offsetOf(resolver: Resolver, entry: Entry): number {
  const found = attributeOf(resolver, entry, attributes.dataMember);
  if (found?.bytes === undefined) return Number(found?.number ?? 0n);
  // `DW_OP_plus_uconst n`, of DWARF 2.
  const reader = new Reader(found.bytes, 1);
  return reader.small();
}

/** Bits counted from the lowest of the struct, or (before DWARF 4) from the highest of the field's own unit. */
function bitsOf(resolver: Resolver, entry: Entry): Pick<Field, 'offset' | 'bits'> {
  const width = numberAt(resolver, entry, attributes.bitSize);
  const offset = offsetOf(resolver, entry);
  if (width === undefined) return { offset };
  const position = numberAt(resolver, entry, attributes.dataBitOffset);
  const fromTop = numberAt(resolver, entry, attributes.bitOffset) ?? 0;
  const type = typeAt(resolver, entry);
  const unit = 8 * (numberAt(resolver, entry, attributes.byteSize) ?? sizeOf(type) ?? 4);
  const first = position ?? offset * 8 + unit - fromTop - width;
  return { offset: Math.floor(first / 8), bits: { shift: first % 8, width } };
}

const fieldsOf = (resolver: Resolver, entry: Entry): Field[] =>
  [...childrenOf(entry)]
    .filter(({ tag }) => tag === tags.member)
    .map((each) => ({ name: nameOf(resolver, each), type: typeAt(resolver, each), ...bitsOf(resolver, each) }));

/** Numbers as wide as the enumeration: negative ones come as such. */
function namesOf(resolver: Resolver, entry: Entry): Map<bigint, string> {
  const names = new Map<bigint, string>();
  for (const each of childrenOf(entry)) {
    const value = each.attributes.get(attributes.constant)?.number;
    if (value !== undefined && !names.has(value)) names.set(value, nameOf(resolver, each));
  }
  return names;
}

/** An entry with several dimensions is an array of arrays. */
function arrayOf(resolver: Resolver, entry: Entry): Type {
  const lengths = [...childrenOf(entry)]
    .filter(({ tag }) => tag === tags.subrange)
    .map((each) => {
      const last = numberAt(resolver, each, attributes.upperBound);
      return numberAt(resolver, each, attributes.count) ?? (last === undefined ? undefined : last + 1);
    });
  const innermost = targetOf(resolver, entry);
  const build = (depth: number): Type => ({
    kind: 'array',
    length: lengths[depth],
    element: depth + 1 < lengths.length ? lazily(() => build(depth + 1)) : innermost,
  });
  return build(0);
}

function recordOf(resolver: Resolver, entry: Entry): Type {
  return {
    kind: 'record',
    union: entry.tag === tags.union,
    name: nameOf(resolver, entry),
    size: numberAt(resolver, entry, attributes.byteSize) ?? 0,
    fields: lazily(() => fieldsOf(resolver, entry)),
  };
}

const parametersOf = (resolver: Resolver, entry: Entry): Type[] =>
  [...childrenOf(entry)].filter(({ tag }) => tag === tags.parameter).map((each) => typeAt(resolver, each));

/** The type that the entry describes. */
export function typeOf(resolver: Resolver, entry: Entry | undefined): Type {
  if (entry === undefined) return voidType;
  const naming = namings[entry.tag];
  if (naming !== undefined) {
    return { kind: 'named', what: naming, name: nameOf(resolver, entry), target: targetOf(resolver, entry) };
  }
  const size = numberAt(resolver, entry, attributes.byteSize) ?? 0;
  switch (entry.tag) {
    case tags.base: {
      const encoding = numberAt(resolver, entry, attributes.encoding) ?? 0;
      return { kind: 'base', name: nameOf(resolver, entry), size, encoding };
    }
    case tags.pointer:
      return { kind: 'pointer', target: targetOf(resolver, entry) };
    case tags.array:
      return arrayOf(resolver, entry);
    case tags.structure:
    case tags.union:
      return recordOf(resolver, entry);
    case tags.enumeration:
      return { kind: 'enum', name: nameOf(resolver, entry), size, names: lazily(() => namesOf(resolver, entry)) };
    case tags.functionType:
    case tags.subprogram:
      return { kind: 'function', returns: targetOf(resolver, entry), parameters: () => parametersOf(resolver, entry) };
    default:
      return voidType;
  }
}

/** The type that the entry (a variable, say) is of. */
export const typeAt = (resolver: Resolver, entry: Entry): Type =>
  typeOf(resolver, referenceOf(resolver, entry, attributes.type));

/** Without names and qualifiers. */
export function plainType(type: Type): Exclude<Type, { readonly kind: 'named' }> {
  let found = type;
  for (let steps = 0; found.kind === 'named' && steps < 100; steps++) found = found.target();
  return found.kind === 'named' ? { kind: 'void' } : found;
}

/** In bytes; undefined for `void`, functions and arrays without a length. */
export function sizeOf(type: Type): number | undefined {
  const plain = plainType(type);
  switch (plain.kind) {
    case 'pointer':
      return 8;
    case 'array': {
      const element = sizeOf(plain.element());
      return plain.length === undefined || element === undefined ? undefined : plain.length * element;
    }
    case 'void':
    case 'function':
      return undefined;
    default:
      return plain.size;
  }
}

const recordName = (type: Type & { kind: 'record' }): string =>
  `${type.union ? 'union' : 'struct'} ${type.name === '' ? '{…}' : type.name}`;

function declare(type: Type, inner: string, depth: number): string {
  const behind = inner === '' ? '' : ` ${inner}`;
  if (depth > 20) return `…${behind}`;
  switch (type.kind) {
    case 'void':
      return `void${behind}`;
    case 'base':
      return `${type.name}${behind}`;
    case 'record':
      return `${recordName(type)}${behind}`;
    case 'enum':
      return `enum ${type.name === '' ? '{…}' : type.name}${behind}`;
    case 'pointer': {
      const target = type.target();
      const needed = target.kind === 'array' || target.kind === 'function';
      return declare(target, needed ? `(*${inner})` : `*${inner}`, depth + 1);
    }
    case 'array':
      return declare(type.element(), `${inner}[${type.length ?? ''}]`, depth + 1);
    case 'function': {
      const list = type.parameters().map((each) => declare(each, '', depth + 1));
      return declare(type.returns(), `${inner}(${list.join(', ') || 'void'})`, depth + 1);
    }
    case 'named':
      return named(type, inner, depth);
  }
}

function named({ what, name, target }: Type & { kind: 'named' }, inner: string, depth: number): string {
  if (what === 'typedef') return `${name}${inner === '' ? '' : ` ${inner}`}`;
  const type = target();
  // A pointer's qualifier stands behind its star.
  if (type.kind === 'pointer') return declare(type, `${what}${inner === '' ? '' : ` ${inner}`}`, depth + 1);
  return `${what} ${declare(type, inner, depth + 1)}`;
}

/** As C writes it. */
export const typeName = (type: Type): string => declare(type, '', 0);
