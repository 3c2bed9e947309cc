/** C types → debugging information entries, each type once. */
import { encodings } from '../../../dwarf.ts';
import {
  type CType,
  type IntegerType,
  type Member,
  type Qualified,
  type RecordType,
  unqualified,
} from '../types/types.ts';
import { count, createEntry, type Entry, present, refer, signedNumber, text } from './entry.ts';

export interface TypeTable {
  /** Undefined for `void`. */
  entryOf(type: CType): Entry | undefined;
}

const qualifiers = [
  ['const', 'constQualified'],
  ['volatile', 'volatileQualified'],
  ['atomic', 'atomicQualified'],
] as const;

function encodingOf({ size, signed, rank }: IntegerType): number {
  if (rank === 0) return encodings.boolean;
  if (size === 1) return signed ? encodings.signedCharacter : encodings.character;
  return signed ? encodings.signed : encodings.unsigned;
}

/** `add` puts an entry among those of the file. */
export function createTypeTable(add: (entry: Entry) => void): TypeTable {
  const known = new Map<string, Entry>();
  const numbers = new Map<object, number>();
  const numberOf = (object: object): number => {
    const found = numbers.get(object) ?? numbers.size;
    numbers.set(object, found);
    return found;
  };

  const wordsOf = (type: Qualified): string => qualifiers.map(([name]) => (type[name] ? name[0] : '')).join('');

  const keyOf = (type: CType): string =>
    `${type.alias === undefined ? '' : `=${type.alias}:`}${wordsOf(type)}${plainKey(type)}`;

  const plainKey = (type: CType): string => {
    switch (type.kind) {
      case 'integer':
        return type.enumeration === undefined
          ? type.name
          : `e${type.names === undefined ? type.enumeration : numberOf(type.names)}`;
      case 'floating':
        return type.name;
      case 'pointer':
        return `*${keyOf(type.to)}`;
      case 'array':
        return `[${type.length ?? ''}]${keyOf(type.of)}`;
      case 'function':
        return `(${type.parameters.map(keyOf).join(',')}${type.variadic ? '...' : ''})${keyOf(type.returns)}`;
      case 'record':
        return `{${numberOf(type.definition)}`;
      default:
        return type.kind;
    }
  };

  const entryOf = (type: CType): Entry | undefined => {
    if (type.alias === undefined && wordsOf(type) === '' && (type.kind === 'void' || type.kind === 'broken'))
      return undefined;
    const key = keyOf(type);
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = outermost(type);
    known.set(key, made);
    add(made);
    fill(made, type);
    return made;
  };

  const referTo = (entry: Entry, type: CType): void => {
    const found = entryOf(type);
    if (found !== undefined) entry.attributes.push(['type', refer(found)]);
  };

  /** The entry without what it refers to: a struct may hold pointers to itself. */
  const outermost = (type: CType): Entry => {
    if (type.alias !== undefined) return createEntry('typedef', ['name', text(type.alias)]);
    const qualifier = qualifiers.find(([name]) => type[name]);
    if (qualifier !== undefined) return createEntry(qualifier[1]);
    switch (type.kind) {
      case 'integer':
        return type.enumeration === undefined ? base(type.name, type.size, encodingOf(type)) : enumeration(type);
      case 'floating':
        return base(type.name, type.size, encodings.float);
      case 'pointer':
        return createEntry('pointer', ['byteSize', count(8)]);
      case 'array':
        return createEntry('array');
      case 'record':
        return record(type);
      default:
        return createEntry('functionType', ['prototyped', present]);
    }
  };

  const base = (name: string, size: number, encoding: number): Entry =>
    createEntry('base', ['name', text(name)], ['byteSize', count(size)], ['encoding', count(encoding)]);

  const enumeration = ({ enumeration: tag = '', size, names }: IntegerType): Entry => {
    const made = createEntry('enumeration', ['byteSize', count(size)]);
    if (tag !== '') made.attributes.push(['name', text(tag)]);
    for (const [name, value] of names ?? [])
      made.children.push(createEntry('enumerator', ['name', text(name)], ['constant', signedNumber(value)]));
    return made;
  };

  const record = ({ definition }: RecordType): Entry => {
    const { union, tag, layout } = definition;
    const made = createEntry(union ? 'union' : 'structure');
    if (tag !== undefined) made.attributes.push(['name', text(tag)]);
    made.attributes.push(layout === undefined ? ['declaration', present] : ['byteSize', count(layout.size)]);
    return made;
  };

  const member = ({ name, type, offset, bits }: Member): Entry => {
    const made = createEntry('member');
    if (name !== undefined) made.attributes.push(['name', text(name)]);
    if (bits === undefined) made.attributes.push(['dataMember', count(offset)]);
    else made.attributes.push(['bitSize', count(bits.width)], ['dataBitOffset', count(offset * 8 + bits.shift)]);
    referTo(made, type);
    return made;
  };

  /** What the entry refers to. */
  const fill = (entry: Entry, type: CType): void => {
    if (type.alias !== undefined) {
      const { alias: _alias, ...rest } = type;
      referTo(entry, rest as CType);
      return;
    }
    const qualifier = qualifiers.find(([name]) => type[name]);
    if (qualifier !== undefined) {
      const { [qualifier[0]]: _taken, ...rest } = type;
      referTo(entry, rest as CType);
      return;
    }
    fillPlain(entry, type);
  };

  const fillPlain = (entry: Entry, type: CType): void => {
    if (type.kind === 'pointer') referTo(entry, type.to);
    else if (type.kind === 'array') {
      referTo(entry, type.of);
      entry.children.push(
        createEntry('subrange', ...(type.length === undefined ? [] : [['count', count(type.length)] as const])),
      );
    } else if (type.kind === 'record') {
      for (const each of type.definition.layout?.members ?? []) entry.children.push(member(each));
    } else if (type.kind === 'function') {
      referTo(entry, type.returns);
      for (const each of type.parameters) {
        const parameter = createEntry('parameter');
        referTo(parameter, each);
        entry.children.push(parameter);
      }
      if (type.variadic) entry.children.push(createEntry('unspecifiedParameters'));
    } else if (type.kind === 'integer' && type.enumeration !== undefined) {
      referTo(entry, underlying(type));
    }
  };

  return { entryOf };
}

/** The integer type that an enumeration is kept as. */
function underlying(type: IntegerType): CType {
  const { enumeration: _tag, names: _names, ...rest } = unqualified(type);
  return rest;
}
