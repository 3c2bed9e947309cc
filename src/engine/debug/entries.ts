/** Debugging information entries, read one by one where they are asked for. DWARF 5, §7.5.5. */
import { attributes, forms } from '../dwarf.ts';
import type { AbbreviatedAttribute } from './abbreviations.ts';
import { Reader, sectionOf } from './reader.ts';
import type { Unit } from './units.ts';

/** What an attribute holds, as far as its form says it. */
export interface Attribute {
  readonly form: number;
  /** Numbers, addresses, offsets; offsets of entries are those in `.debug_info`. */
  readonly number: bigint;
  readonly text?: string;
  /** Expressions and blocks. */
  readonly bytes?: Uint8Array;
}

export interface Entry {
  readonly unit: Unit;
  readonly offset: number;
  readonly tag: number;
  readonly attributes: ReadonlyMap<number, Attribute>;
  readonly hasChildren: boolean;
  /** Offset behind its attributes. */
  readonly after: number;
}

const textAt = (unit: Unit, section: string, offset: number): string =>
  new Reader(sectionOf(unit.sections, section), offset).text();

function indexedText(unit: Unit, index: number): string {
  const reader = new Reader(sectionOf(unit.sections, '.debug_str_offsets'), unit.stringOffsets + 4 * index);
  return textAt(unit, '.debug_str', reader.u32());
}

export function indexedAddress(unit: Unit, index: number): bigint {
  return new Reader(sectionOf(unit.sections, '.debug_addr'), unit.addresses + 8 * index).u64();
}

const sizes: Readonly<Record<number, number>> = {
  [forms.address]: 8,
  [forms.data1]: 1,
  [forms.data2]: 2,
  [forms.data4]: 4,
  [forms.data8]: 8,
  [forms.flag]: 1,
  [forms.sectionOffset]: 4,
  [forms.referenceAddress]: 4,
  [forms.typeSignature]: 8,
};
const references: Readonly<Record<number, number>> = {
  [forms.reference1]: 1,
  [forms.reference2]: 2,
  [forms.reference4]: 4,
  [forms.reference8]: 8,
};
const stringIndexes: Readonly<Record<number, number>> = {
  [forms.stringIndex1]: 1,
  [forms.stringIndex2]: 2,
  [forms.stringIndex3]: 3,
  [forms.stringIndex4]: 4,
};
const addressIndexes: Readonly<Record<number, number>> = {
  [forms.addressIndex1]: 1,
  [forms.addressIndex2]: 2,
  [forms.addressIndex3]: 3,
  [forms.addressIndex4]: 4,
};

function blockOf(reader: Reader, form: number): Uint8Array | undefined {
  switch (form) {
    case forms.block1:
      return reader.block(reader.u8());
    case forms.block2:
      return reader.block(reader.u16());
    case forms.block4:
      return reader.block(reader.u32());
    case forms.block:
    case forms.expression:
      return reader.block(reader.small());
    case forms.data16:
      return reader.block(16);
    default:
      return undefined;
  }
}

function textOf(unit: Unit, reader: Reader, form: number): string | undefined {
  const width = stringIndexes[form];
  if (width !== undefined) return indexedText(unit, Number(reader.unsigned(width)));
  switch (form) {
    case forms.string:
      return reader.text();
    case forms.stringOffset:
      return textAt(unit, '.debug_str', reader.u32());
    case forms.lineString:
      return textAt(unit, '.debug_line_str', reader.u32());
    case forms.stringIndex:
      return indexedText(unit, reader.small());
    default:
      return undefined;
  }
}

function numberOf(unit: Unit, reader: Reader, form: number, implicit: bigint): bigint {
  const size = sizes[form];
  if (size !== undefined) return reader.unsigned(size);
  const reference = references[form];
  if (reference !== undefined) return reader.unsigned(reference) + BigInt(unit.offset);
  const width = addressIndexes[form];
  if (width !== undefined) return indexedAddress(unit, Number(reader.unsigned(width)));
  switch (form) {
    case forms.signed:
      return reader.signedLeb();
    case forms.referenceUnsigned:
      return reader.leb() + BigInt(unit.offset);
    case forms.present:
      return 1n;
    case forms.implicit:
      return implicit;
    case forms.addressIndex:
      return indexedAddress(unit, reader.small());
    default:
      return reader.leb();
  }
}

function readAttribute(unit: Unit, reader: Reader, { form: given, implicit }: AbbreviatedAttribute): Attribute {
  const form = given === forms.indirect ? reader.small() : given;
  const bytes = blockOf(reader, form);
  if (bytes !== undefined) return { form, number: 0n, bytes };
  const text = textOf(unit, reader, form);
  if (text !== undefined) return { form, number: 0n, text };
  return { form, number: numberOf(unit, reader, form, implicit) };
}

/** Undefined for the end of a list of children, and for what cannot be read. */
export function readEntry(unit: Unit, offset: number): Entry | undefined {
  if (offset < unit.first || offset >= unit.end) return undefined;
  const reader = new Reader(sectionOf(unit.sections, '.debug_info'), offset, unit.end);
  const abbreviation = unit.abbreviations.get(reader.small());
  if (abbreviation === undefined) return undefined;
  const found = new Map<number, Attribute>();
  for (const each of abbreviation.attributes) found.set(each.name, readAttribute(unit, reader, each));
  const { tag, children: hasChildren } = abbreviation;
  return { unit, offset, tag, attributes: found, hasChildren, after: reader.at };
}

/** Deeper nesting than any program has. */
const deepest = 200;

/** Offset behind the entry and all that is in it. */
function behind(entry: Entry, depth = 0): number {
  if (!entry.hasChildren) return entry.after;
  const sibling = entry.attributes.get(attributes.sibling)?.number;
  if (sibling !== undefined && Number(sibling) > entry.offset) return Number(sibling);
  let at = entry.after;
  for (let child = readEntry(entry.unit, at); child !== undefined; child = readEntry(entry.unit, at)) {
    if (depth > deepest) return entry.unit.end;
    at = behind(child, depth + 1);
  }
  return at + 1;
}

export function* childrenOf(entry: Entry): Generator<Entry> {
  if (!entry.hasChildren) return;
  let at = entry.after;
  for (let child = readEntry(entry.unit, at); child !== undefined; child = readEntry(entry.unit, at)) {
    yield child;
    at = behind(child);
  }
}

/** Where an entry refers to, in whichever unit that is. */
export interface Resolver {
  entryAt(offset: number): Entry | undefined;
}

/** What the entry says, or the one that it completes does (`DW_AT_abstract_origin`, `DW_AT_specification`). */
export function attributeOf(resolver: Resolver, entry: Entry, name: number): Attribute | undefined {
  let at: Entry | undefined = entry;
  for (let steps = 0; at !== undefined && steps < 8; steps++) {
    const found = at.attributes.get(name);
    if (found !== undefined) return found;
    const next: Attribute | undefined =
      at.attributes.get(attributes.origin) ?? at.attributes.get(attributes.specification);
    at = next === undefined ? undefined : resolver.entryAt(Number(next.number));
  }
  return undefined;
}

export const nameOf = (resolver: Resolver, entry: Entry): string =>
  attributeOf(resolver, entry, attributes.name)?.text ?? '';

export function referenceOf(resolver: Resolver, entry: Entry, name: number): Entry | undefined {
  const found = attributeOf(resolver, entry, name);
  return found === undefined ? undefined : resolver.entryAt(Number(found.number));
}
