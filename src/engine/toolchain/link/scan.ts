/** Looks through all relocations for what the output needs beside its objects: entries of the GOT and PLT, copies. */
import type { ObjectFile, ObjectSection, Relocation } from '../object.ts';
import type { Binder } from './bind.ts';
import type { Mode } from './mode.ts';
import type { SharedDefinition, SymbolTable } from './symbols.ts';
import { type Treatment, treatmentOf } from './treatment.ts';

export type SlotKind = 'got' | 'threadOffset' | 'threadPair';

/** An entry of the global offset table, or two for a `threadPair`. */
export interface Slot {
  readonly kind: SlotKind;
  readonly object: ObjectFile;
  readonly symbol: number | undefined;
  readonly addend: bigint;
  /** In the table, in bytes. */
  readonly offset: number;
}

export interface Needs {
  readonly slots: ReadonlyMap<string, Slot>;
  readonly slotBytes: number;
  /** Names with an entry in the PLT, by its index. */
  readonly plt: ReadonlyMap<string, number>;
  /** Functions whose address is that of their PLT entry. */
  readonly canonical: ReadonlySet<string>;
  readonly copies: ReadonlyMap<string, SharedDefinition>;
  /** Names that the loader has to look up. */
  readonly imports: ReadonlySet<string>;
  /** Relocations of data that are left to the loader. */
  readonly dataRelocations: number;
  /** Some of them are in sections that are not writable. */
  readonly inText: boolean;
}

/** One relocation with everything that decides how it is dealt with. */
export interface Site {
  readonly object: ObjectFile;
  readonly section: ObjectSection;
  readonly relocation: Relocation;
}

export interface Scanner {
  treat(site: Site): Treatment;
  slotKey(site: Site, kind: SlotKind): string;
}

export function createScanner(objects: readonly ObjectFile[], table: SymbolTable, binder: Binder, mode: Mode): Scanner {
  const numbers = new Map(objects.map((object, index) => [object, index]));
  return {
    treat({ object, section, relocation }) {
      if (!section.flags.alloc) return 'link';
      const { type, symbol: index } = relocation;
      const symbol = object.symbols[index ?? -1];
      const binding = binder.bind(object, index);
      const definedHere = symbol !== undefined && table.globals.has(symbol.name);
      return treatmentOf(type, binding, definedHere, section.flags.write, mode);
    },
    slotKey({ object, relocation: { symbol: index, addend } }, kind) {
      const symbol = object.symbols[index ?? -1];
      const local = symbol === undefined || (symbol.binding === 'local' && symbol.place.kind !== 'undefined');
      return local ? `${kind}:${numbers.get(object)}:${index}+${addend}` : `${kind}:${symbol.name}+${addend}`;
    },
  };
}

/** What is found so far. */
interface Finding {
  readonly slots: Map<string, Slot>;
  readonly plt: Map<string, number>;
  readonly canonical: Set<string>;
  readonly copies: Map<string, SharedDefinition>;
  readonly imports: Set<string>;
  slotBytes: number;
  dataRelocations: number;
  inText: boolean;
}

const slotSizes: Readonly<Record<SlotKind, number>> = { got: 8, threadOffset: 8, threadPair: 16 };

/** `firstSlot`: bytes at the beginning of the table that are taken. */
export function scanRelocations(
  objects: readonly ObjectFile[],
  isLive: (section: ObjectSection) => boolean,
  scanner: Scanner,
  { binder, table, firstSlot }: { readonly binder: Binder; readonly table: SymbolTable; readonly firstSlot: number },
): Needs {
  const finding: Finding = {
    slots: new Map(),
    plt: new Map(),
    canonical: new Set(),
    copies: new Map(),
    imports: new Set(),
    slotBytes: firstSlot,
    dataRelocations: 0,
    inText: false,
  };
  for (const object of objects) {
    for (const section of object.sections) {
      if (!section.flags.alloc || !isLive(section)) continue;
      for (const relocation of section.relocations) noteSite({ object, section, relocation }, scanner, finding, table);
    }
  }
  for (const object of objects) addImports(object, binder, finding);
  return finding;
}

function noteSite(site: Site, scanner: Scanner, finding: Finding, table: SymbolTable): void {
  const treatment = scanner.treat(site);
  const name = site.object.symbols[site.relocation.symbol ?? -1]?.name ?? '';
  switch (treatment) {
    case 'got':
    case 'threadOffset':
    case 'threadPair': {
      const key = scanner.slotKey(site, treatment);
      if (finding.slots.has(key)) return;
      const { object, relocation } = site;
      const { symbol, addend } = relocation;
      finding.slots.set(key, { kind: treatment, object, symbol, addend, offset: finding.slotBytes });
      finding.slotBytes += slotSizes[treatment];
      return;
    }
    case 'plt':
      addToPlt(finding, name);
      return;
    case 'copy':
      needAddress(finding, name, table.shared.get(name));
      return;
    case 'relative':
    case 'symbolic':
      finding.dataRelocations++;
      if (!site.section.flags.write) finding.inText = true;
  }
}

function addToPlt(finding: Finding, name: string): void {
  if (!finding.plt.has(name)) finding.plt.set(name, finding.plt.size);
}

function needAddress(finding: Finding, name: string, found: SharedDefinition | undefined): void {
  if (found === undefined) return;
  // Assembly does not always say what a symbol is; nothing can be copied whose size is not known.
  if (found.symbol.kind === 'function' || found.symbol.size === 0) {
    finding.canonical.add(name);
    addToPlt(finding, name);
  } else finding.copies.set(name, found);
}

/** Only of what is used: a declaration alone is no reason to look a name up. */
function addImports(object: ObjectFile, binder: Binder, finding: Finding): void {
  object.symbols.forEach((symbol, index) => {
    if (symbol.place.kind === 'undefined' && symbol.name !== '' && binder.bind(object, index) === 'dynamic') {
      finding.imports.add(symbol.name);
    }
  });
}
