/**
 * The sections that the linker itself makes, as an object among the others: GOT, PLT, and what a loader reads. Here they get
 * their sizes; their bytes follow once everything has an address (`fill.ts`).
 */
import type { SharedLibrary } from '../../elf-shared-read.ts';
import type { ObjectFile, ObjectSection, ObjectSymbol, SectionRole } from '../../object.ts';
import type { SectionFlags } from '../../sections.ts';
import { createStrings } from '../../string-table.ts';
import type { Binder } from '../bind.ts';
import type { Mode } from '../mode.ts';
import type { Needs, Slot } from '../scan.ts';
import type { SymbolTable } from '../symbols.ts';
import { dynamicTagCount } from './dynamic-section.ts';
import { gnuHashTable, systemHashTable } from './hash.ts';
import { type DynamicNames, listDynamicNames } from './names.ts';
import { gotPltHeaderSize, pltEntrySize, pltHeaderSize } from './plt.ts';

export interface DynamicOptions {
  readonly exportAll: boolean;
  readonly soname: string | undefined;
  readonly interpreter: string | undefined;
  readonly runPath: string | undefined;
  /** The loader resolves everything before the program starts. */
  readonly now: boolean;
  readonly hashStyle: 'both' | 'gnu' | 'system';
}

export interface LinkerTables {
  readonly object: ObjectFile;
  readonly names: DynamicNames;
  /** Offset in `.dynstr` of every text that the tables name. */
  readonly strings: ReadonlyMap<string, number>;
  /** Offsets of copies in their section. */
  readonly copies: ReadonlyMap<string, number>;
  indexOf(section: string): number;
}

/** Bytes that the GOT begins with: the address of the dynamic section. */
export const gotHeaderSize = (mode: Mode): number => (mode.dynamic ? 8 : 0);

/** Relocations that an entry of the GOT leaves to the loader. */
function slotRelocations({ kind, object, symbol }: Slot, binder: Binder, mode: Mode): number {
  const binding = binder.bind(object, symbol);
  if (kind === 'threadPair') return binding === 'dynamic' ? 2 : mode.kind === 'shared' ? 1 : 0;
  if (binding === 'dynamic') return 1;
  if (kind === 'threadOffset') return mode.kind === 'shared' ? 1 : 0;
  return binding === 'own' && mode.movable ? 1 : 0;
}

const readOnly: SectionFlags = { alloc: true, write: false, execute: false, nobits: false };
const writable: SectionFlags = { ...readOnly, write: true };

interface Sketch {
  readonly name: string;
  readonly bytes: Uint8Array | number;
  readonly flags?: SectionFlags;
  readonly role?: SectionRole;
  readonly alignment?: number;
}

function toSection({ name, bytes, flags = readOnly, role, alignment = 8 }: Sketch): ObjectSection {
  const size = typeof bytes === 'number' ? bytes : bytes.length;
  const content = flags.nobits ? new Uint8Array() : typeof bytes === 'number' ? new Uint8Array(size) : bytes;
  return {
    name,
    flags,
    ...(role !== undefined && { role }),
    alignment,
    size,
    bytes: content,
    relocations: [],
    lines: [],
  };
}

export interface TablesTask {
  readonly needs: Needs;
  readonly table: SymbolTable;
  readonly libraries: readonly SharedLibrary[];
  readonly binder: Binder;
  readonly mode: Mode;
  readonly options: DynamicOptions;
  /** What the objects have of arrays of functions. */
  readonly arrays: ReadonlySet<SectionRole>;
}

/** Undefined if the output needs none. */
export function makeTables(task: TablesTask): LinkerTables | undefined {
  const { needs, mode } = task;
  const got: Sketch = { name: '.got', bytes: needs.slotBytes, flags: writable };
  if (!mode.dynamic) {
    if (needs.slotBytes === 0) return undefined;
    return finish([got], { imports: [], exports: [], indexOf: () => 0 }, new Map(), new Map());
  }
  const { table, libraries, options } = task;
  const names = listDynamicNames(needs, table, libraries, mode, options.exportAll);
  const { bytes, offsets } = collectStrings(names, libraries, options);
  const copies = placeCopies(needs);
  const sketches: Sketch[] = [
    ...interpreter(mode, options),
    ...hashTables(names, options),
    { name: '.dynsym', bytes: 24 * (1 + names.imports.length + names.exports.length), role: 'dynamicSymbols' },
    { name: '.dynstr', bytes, role: 'strings', alignment: 1 },
    { name: '.rela.dyn', bytes: 24 * dataRelocationCount(task), role: 'relocations' },
    ...pltTables(needs.plt.size),
    { name: '.dynamic', bytes: 16 * dynamicTagCount(task), flags: writable, role: 'dynamic' },
    got,
    { name: '.dynbss', bytes: copies.size, flags: { ...writable, nobits: true }, alignment: copies.alignment },
  ];
  return finish(sketches, names, offsets, copies.offsets);
}

const zeroTerminated = (text: string): Uint8Array => new TextEncoder().encode(`${text}\0`);

function interpreter(mode: Mode, options: DynamicOptions): Sketch[] {
  if (mode.kind !== 'pie' && mode.kind !== 'dynamic') return [];
  const path = options.interpreter ?? '/lib/ld-linux-riscv64-lp64d.so.1';
  return [{ name: '.interp', bytes: zeroTerminated(path), alignment: 1 }];
}

function hashTables({ imports, exports }: DynamicNames, { hashStyle }: DynamicOptions): Sketch[] {
  const tables: Sketch[] = [];
  if (hashStyle !== 'gnu') {
    tables.push({ name: '.hash', bytes: systemHashTable(['', ...imports, ...exports]), role: 'hash' });
  }
  if (hashStyle !== 'system') {
    tables.push({ name: '.gnu.hash', bytes: gnuHashTable(exports, 1 + imports.length), role: 'gnuHash' });
  }
  return tables;
}

function pltTables(count: number): Sketch[] {
  if (count === 0) return [];
  const code = { ...readOnly, execute: true };
  return [
    { name: '.rela.plt', bytes: 24 * count, role: 'relocations' },
    { name: '.plt', bytes: pltHeaderSize + pltEntrySize * count, flags: code, alignment: 16 },
    { name: '.got.plt', bytes: gotPltHeaderSize + 8 * count, flags: writable },
  ];
}

function dataRelocationCount({ needs, binder, mode }: TablesTask): number {
  const slots = [...needs.slots.values()].reduce((sum, slot) => sum + slotRelocations(slot, binder, mode), 0);
  return needs.dataRelocations + slots + needs.copies.size;
}

function collectStrings(
  { imports, exports }: DynamicNames,
  libraries: readonly SharedLibrary[],
  { soname, runPath }: DynamicOptions,
): { readonly bytes: Uint8Array; readonly offsets: ReadonlyMap<string, number> } {
  const strings = createStrings();
  const texts = [...imports, ...exports, ...libraries.map(({ name }) => name), soname, runPath];
  const offsets = new Map<string, number>();
  for (const text of texts) if (text !== undefined) offsets.set(text, strings.add(text));
  return { bytes: strings.bytes(), offsets };
}

function placeCopies(needs: Needs): { offsets: Map<string, number>; size: number; alignment: number } {
  const offsets = new Map<string, number>();
  let size = 0;
  let most = 1;
  for (const [name, { symbol }] of needs.copies) {
    const alignment = Math.max(symbol.alignment, 1);
    size = Math.ceil(size / alignment) * alignment;
    offsets.set(name, size);
    size += symbol.size;
    most = Math.max(most, alignment);
  }
  return { offsets, size, alignment: most };
}

const marks: readonly (readonly [name: string, section: string])[] = [
  ['_GLOBAL_OFFSET_TABLE_', '.got'],
  ['_DYNAMIC', '.dynamic'],
];

function finish(
  sketches: readonly Sketch[],
  names: DynamicNames,
  strings: ReadonlyMap<string, number>,
  copies: ReadonlyMap<string, number>,
): LinkerTables {
  const sections = sketches.map(toSection);
  const indexOf = (name: string): number => sections.findIndex((each) => each.name === name);
  const symbols = marks.flatMap(([name, section]): ObjectSymbol[] => {
    const index = indexOf(section);
    if (index < 0) return [];
    const place = { kind: 'section', section: index, offset: 0 } as const;
    return [{ name, binding: 'global', kind: 'object', visibility: 'hidden', place, size: 0, hidden: false }];
  });
  const object: ObjectFile = { name: 'the linker', sections, symbols, compressed: false };
  return { object, names, strings, copies, indexOf };
}
