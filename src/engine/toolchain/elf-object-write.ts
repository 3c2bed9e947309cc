/** `ObjectFile` → relocatable ELF object, as GNU ld takes it. */
import { alignUp, buildElf, headersEnd, type SectionPart, type SymbolRecord } from './elf-build.ts';
import {
  absoluteSection,
  bindings,
  comdatFlag,
  commonSection,
  compressedFlag,
  fileTypes,
  floatAbis,
  sectionFlags,
  sectionTypes,
  symbolTypes,
  visibilities,
} from './elf-format.ts';
import { emptySymbol } from './elf-symbols.ts';
import { relocationBytes, wordBytes } from './link/dynamic/records.ts';
import { defaultFloatAbi, type ObjectFile, type ObjectSection, type ObjectSymbol, type SectionRole } from './object.ts';
import { relocationNumbers } from './relocations.ts';
import { createStrings, type Strings } from './string-table.ts';

/** A section before it has its place in the file. */
type Draft = Omit<SectionPart, 'offset'>;

const roleTypes: Partial<Record<SectionRole, bigint>> = {
  note: sectionTypes.note,
  init_array: sectionTypes.initArray,
  fini_array: sectionTypes.finiArray,
  preinit_array: sectionTypes.preinitArray,
  attributes: sectionTypes.attributes,
};

interface Symbols {
  readonly records: readonly SymbolRecord[];
  readonly locals: number;
  readonly strings: Uint8Array;
  /** Index in the file of each of the object's symbols. */
  readonly indexes: ReadonlyMap<number, number>;
}

export function writeObject(object: ObjectFile): Uint8Array {
  const symbols = orderSymbols(object);
  const groups = object.groups ?? [];
  // Groups stand first: tools want to know of them before their members.
  const sectionIndex = (index: number): number => 1 + groups.length + index;
  const relocated = object.sections.flatMap((section, index) => (section.relocations.length === 0 ? [] : [index]));
  const symbolTable = sectionIndex(object.sections.length) + relocated.length;
  const inGroup = new Set(groups.flatMap(({ sections }) => sections));
  const relocationSections = (members: readonly number[]): number[] =>
    relocated.flatMap((each, at) => (members.includes(each) ? [sectionIndex(object.sections.length) + at] : []));
  const drafts: Draft[] = [
    ...groups.map(({ signature, sections }) => {
      const members = [...sections.map(sectionIndex), ...relocationSections(sections)];
      const index = object.symbols.findIndex(({ name, place }) => name === signature && place.kind !== 'undefined');
      return groupDraft(members, symbolTable, symbols.indexes.get(index) ?? 0);
    }),
    ...object.sections.map((section, index) => sectionDraft(section, inGroup.has(index))),
    ...relocated.map((index) =>
      relocationDraft(object.sections[index], sectionIndex(index), symbolTable, symbols, inGroup.has(index)),
    ),
  ];
  const { floatAbi = defaultFloatAbi, compressed } = object;
  return buildElf({
    type: fileTypes.relocatable,
    flags: (compressed ? compressedFlag : 0n) | (BigInt(floatAbis.indexOf(floatAbi)) << 1n),
    entry: 0n,
    programs: [],
    sections: placeDrafts(drafts),
    symbols: { ...symbols, records: symbols.records.map((record) => shiftSection(record, groups.length)) },
  });
}

/** Sections are numbered from 1, behind the groups. */
const shiftSection = (record: SymbolRecord, by: number): SymbolRecord =>
  record.section === 0n || record.section >= 0xff00n ? record : { ...record, section: record.section + BigInt(by) };

function placeDrafts(drafts: readonly Draft[]): SectionPart[] {
  let next = headersEnd(0);
  return drafts.map((draft) => {
    const offset = alignUp(next, draft.alignment);
    next = offset + draft.bytes.length;
    return { ...draft, offset };
  });
}

function sectionDraft({ name, flags, role, bytes, size, alignment }: ObjectSection, grouped: boolean): Draft {
  const type = flags.nobits ? sectionTypes.nobits : ((role && roleTypes[role]) ?? sectionTypes.bytes);
  return {
    name,
    type,
    flags:
      (flags.alloc ? sectionFlags.alloc : 0n) |
      (flags.write ? sectionFlags.write : 0n) |
      (flags.execute ? sectionFlags.execute : 0n) |
      (flags.thread === true ? sectionFlags.thread : 0n) |
      (grouped ? sectionFlags.group : 0n),
    address: 0n,
    size,
    bytes,
    link: 0,
    info: 0,
    alignment,
    entrySize: 0,
  };
}

function groupDraft(members: readonly number[], link: number, info: number): Draft {
  const bytes = wordBytes([comdatFlag, ...members]);
  const shared = { flags: 0n, address: 0n, size: bytes.length, bytes, alignment: 4, entrySize: 4 };
  return { name: '.group', type: sectionTypes.group, link, info, ...shared };
}

function relocationDraft(
  section: ObjectSection | undefined,
  about: number,
  link: number,
  { indexes }: Symbols,
  grouped: boolean,
): Draft {
  const records = (section?.relocations ?? []).map(({ offset, type, symbol, addend }) => ({
    offset: BigInt(offset),
    type: BigInt(relocationNumbers[type]),
    symbol: BigInt(symbol === undefined ? 0 : (indexes.get(symbol) ?? 0)),
    addend: BigInt.asUintN(64, addend),
  }));
  const bytes = relocationBytes(records);
  return {
    name: `.rela${section?.name ?? ''}`,
    type: sectionTypes.relocations,
    flags: sectionFlags.info | (grouped ? sectionFlags.group : 0n),
    address: 0n,
    size: bytes.length,
    bytes,
    link,
    info: about,
    alignment: 8,
    entrySize: 24,
  };
}

/** A name that is used and not defined is for other files to define, whatever the source says of it. */
const isLocal = ({ binding, place }: ObjectSymbol): boolean => binding === 'local' && place.kind !== 'undefined';

function orderSymbols(object: ObjectFile): Symbols {
  const strings = createStrings();
  const used = new Set(object.sections.flatMap(({ relocations }) => relocations.map(({ symbol }) => symbol)));
  const wanted = object.symbols.flatMap((symbol, index) =>
    symbol.hidden && !used.has(index) ? [] : [{ symbol, index }],
  );
  const file = {
    ...emptySymbol,
    name: BigInt(strings.add(object.name)),
    info: symbolTypes.file,
    section: absoluteSection,
  };
  const records: SymbolRecord[] = [emptySymbol, file];
  const indexes = new Map<number, number>();
  for (const local of [true, false]) {
    for (const { symbol, index } of wanted) {
      if (isLocal(symbol) !== local) continue;
      indexes.set(index, records.length);
      records.push(recordOf(symbol, object, strings));
    }
  }
  const locals = 2 + wanted.filter(({ symbol }) => isLocal(symbol)).length;
  return { records, locals, strings: strings.bytes(), indexes };
}

function recordOf(symbol: ObjectSymbol, { sections }: ObjectFile, strings: Strings): SymbolRecord {
  const { name, place, size, visibility = 'default' } = symbol;
  const binding = symbol.binding === 'weak' ? bindings.weak : isLocal(symbol) ? bindings.local : bindings.global;
  const inThread = place.kind === 'section' && sections[place.section]?.flags.thread === true;
  const type = inThread ? symbolTypes.thread : typeOf(symbol.kind);
  const base = { name: BigInt(strings.add(name)), info: (binding << 4n) | type, other: visibilities[visibility] };
  switch (place.kind) {
    case 'undefined':
      return { ...base, section: 0n, value: 0n, size: 0n };
    case 'absolute':
      return { ...base, section: absoluteSection, value: BigInt.asUintN(64, place.value), size: BigInt(size) };
    case 'common':
      return { ...base, section: commonSection, value: BigInt(place.alignment), size: BigInt(place.size) };
    case 'section':
      return { ...base, section: BigInt(place.section + 1), value: BigInt(place.offset), size: BigInt(size) };
  }
}

const typeOf = (kind: ObjectSymbol['kind']): bigint =>
  kind === 'label' ? symbolTypes.none : kind === 'thread' ? symbolTypes.thread : symbolTypes[kind];
