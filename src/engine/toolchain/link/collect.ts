/** What is linked: the objects that were named, and the members of archives that something in them needs. */
import type { Archive, Member } from '../archive.ts';
import type { Reporter } from '../diagnostics.ts';
import { readObject } from '../elf-object-read.ts';
import type { SharedLibrary } from '../elf-shared-read.ts';
import { type ObjectFile, type ObjectSymbol, objectSpan } from '../object.ts';

export type LinkInput =
  | { readonly kind: 'object'; readonly object: ObjectFile }
  /** `whole`: every member is linked, needed or not. */
  | { readonly kind: 'archive'; readonly name: string; readonly archive: Archive; readonly whole?: boolean }
  | SourceLibrary
  | { readonly kind: 'shared'; readonly library: SharedLibrary };

/** As an archive, but of objects that are made when something needs them. */
export interface SourceLibrary {
  readonly kind: 'library';
  /** The same object for every name that it defines. */
  definerOf(name: string): ObjectFile | undefined;
}

export interface Collected {
  readonly objects: readonly ObjectFile[];
  readonly libraries: readonly SharedLibrary[];
}

/** An archive while members are taken out of it. */
interface Shelf {
  readonly name: string;
  readonly archive: Archive;
  readonly byOffset: ReadonlyMap<number, Member>;
  readonly taken: Map<Member, ObjectFile | undefined>;
  /** Without an index, what each member defines is found by reading all of them. */
  definers: ReadonlyMap<string, Member> | undefined;
}

interface Needs {
  readonly defined: Set<string>;
  readonly wanted: Set<string>;
}

const defines = ({ place, binding }: ObjectSymbol): boolean => place.kind !== 'undefined' && binding !== 'local';

function note(object: ObjectFile, needs: Needs): void {
  for (const symbol of object.symbols) {
    if (defines(symbol)) needs.defined.add(symbol.name);
    // A weak reference takes what is there, and asks for nothing.
    else if (symbol.place.kind === 'undefined' && symbol.binding !== 'weak' && symbol.name !== '')
      needs.wanted.add(symbol.name);
  }
}

function take(shelf: Shelf, member: Member, reporter: Reporter): ObjectFile | undefined {
  const known = shelf.taken.get(member);
  if (known !== undefined || shelf.taken.has(member)) return known;
  const result = readObject(member.name, member.bytes, shelf.name);
  const object = result.ok ? result.object : undefined;
  shelf.taken.set(member, object);
  if (!result.ok) {
    const at = { file: `${shelf.name}(${member.name})`, line: 1, column: 1, endColumn: 2 };
    reporter.error(at, result.message);
  }
  return object;
}

/** Members that are no objects (a text file, say) define nothing. */
function readDefiners({ archive, name }: Shelf): ReadonlyMap<string, Member> {
  const definers = new Map<string, Member>();
  for (const member of archive.members) {
    const result = readObject(member.name, member.bytes, name);
    if (!result.ok) continue;
    for (const symbol of result.object.symbols) {
      if (defines(symbol) && !definers.has(symbol.name)) definers.set(symbol.name, member);
    }
  }
  return definers;
}

function definerOf(shelf: Shelf, name: string): Member | undefined {
  const { index } = shelf.archive;
  if (index !== undefined) return shelf.byOffset.get(index.get(name) ?? -1);
  shelf.definers ??= readDefiners(shelf);
  return shelf.definers.get(name);
}

function findMember(shelves: Iterable<Shelf>, name: string): readonly [Shelf, Member] | undefined {
  for (const shelf of shelves) {
    const member = definerOf(shelf, name);
    if (member !== undefined) return [shelf, member];
  }
  return undefined;
}

const openShelf = ({ name, archive }: LinkInput & { kind: 'archive' }): Shelf => ({
  name,
  archive,
  byOffset: new Map(archive.members.map((member) => [member.offset, member])),
  taken: new Map(),
  definers: undefined,
});

/**
 * All archives are looked through until nothing more is found, in whatever order they were named: what one needs of
 * another is found without naming it twice. `wanted`: symbols that are asked for beside what the objects ask for.
 */
export function collect(inputs: readonly LinkInput[], wanted: Iterable<string>, reporter: Reporter): Collected {
  const needs: Needs = { defined: new Set(), wanted: new Set(wanted) };
  const libraries = inputs.flatMap((input) => (input.kind === 'shared' ? [input.library] : []));
  const shelves = new Map(
    inputs.flatMap((input) => (input.kind === 'archive' ? [[input, openShelf(input)] as const] : [])),
  );
  const pulled = new Map<Shelf, ObjectFile[]>();
  const pull = (shelf: Shelf, member: Member): void => {
    if (shelf.taken.has(member)) return;
    const object = take(shelf, member, reporter);
    if (object === undefined) return;
    pulled.set(shelf, [...(pulled.get(shelf) ?? []), object]);
    note(object, needs);
  };
  const made: ObjectFile[] = [];
  const make = (name: string): void => {
    const object = inputs
      .filter((input) => input.kind === 'library')
      .map((library) => library.definerOf(name))
      .find((each) => each !== undefined);
    if (object === undefined) return;
    made.push(object);
    note(object, needs);
  };
  for (const input of inputs) if (input.kind === 'object') note(input.object, needs);
  for (const [{ whole }, shelf] of shelves) {
    if (whole === true) for (const member of shelf.archive.members) pull(shelf, member);
  }
  // A set is walked with what is added to it on the way.
  for (const name of needs.wanted) {
    if (needs.defined.has(name)) continue;
    const [shelf, member] = findMember(shelves.values(), name) ?? [];
    if (shelf !== undefined && member !== undefined) pull(shelf, member);
    else make(name);
  }
  const objects = inputs.flatMap((input) => {
    if (input.kind === 'object') return [input.object];
    const shelf = input.kind === 'archive' ? shelves.get(input) : undefined;
    return (shelf && pulled.get(shelf)) ?? [];
  });
  const all = [...objects, ...made];
  checkFloatAbi(all, reporter);
  return { objects: dropDuplicateGroups(all), libraries };
}

/** Functions of different ABIs would look for their arguments in different registers. */
function checkFloatAbi(objects: readonly ObjectFile[], reporter: Reporter): void {
  const first = objects.find(({ floatAbi }) => floatAbi !== undefined);
  for (const object of objects) {
    if (object.floatAbi === undefined || first === undefined || object.floatAbi === first.floatAbi) continue;
    const message = `this object passes floating-point numbers as the \`${object.floatAbi}\` ABI does, ${first.name} as \`${first.floatAbi}\``;
    reporter.error(objectSpan(object), message, 'compile all files with the same -mabi');
  }
}

/** Of COMDAT groups with the same signature the first stays. */
function dropDuplicateGroups(objects: readonly ObjectFile[]): ObjectFile[] {
  const seen = new Set<string>();
  return objects.map((object) => {
    const dropped = new Set<number>();
    for (const { signature, sections } of object.groups ?? []) {
      if (seen.has(signature)) for (const section of sections) dropped.add(section);
      seen.add(signature);
    }
    return dropped.size === 0 ? object : withoutSections(object, dropped);
  });
}

/** The sections stay as empty ones, so that indexes keep their meaning; what they defined, others define. */
function withoutSections(object: ObjectFile, dropped: ReadonlySet<number>): ObjectFile {
  const empty = { size: 0, bytes: new Uint8Array(), relocations: [], lines: [], name: '', alignment: 1 };
  return {
    ...object,
    sections: object.sections.map((section, index) => (dropped.has(index) ? { ...section, ...empty } : section)),
    symbols: object.symbols.map((symbol): ObjectSymbol => {
      if (symbol.place.kind !== 'section' || !dropped.has(symbol.place.section)) return symbol;
      const local = symbol.binding === 'local';
      return {
        ...symbol,
        place: local ? { kind: 'absolute', value: 0n } : { kind: 'undefined' },
        hidden: symbol.hidden || local,
      };
    }),
  };
}
