/** The bytes of the linker's own sections, once everything has an address. */
import { absoluteSection, bindings, symbolTypes, visibilities } from '../../elf-format.ts';
import type { SharedSymbol } from '../../elf-shared-read.ts';
import type { ObjectSymbol } from '../../object.ts';
import { type RelocationName, relocationNumbers } from '../../relocations.ts';
import type { Resolution } from '../resolution.ts';
import type { Slot } from '../scan.ts';
import { dynamicEntries } from './dynamic-section.ts';
import { gotPltHeaderSize, pltEntry, pltEntrySize, pltHeader, pltHeaderSize } from './plt.ts';
import { addressBytes, dynamicBytes, relocationBytes, symbolBytes, wordBytes } from './records.ts';
import { gotHeaderSize, type LinkerTables, type TablesTask } from './tables.ts';

/** A relocation that the loader carries out. */
export interface Left {
  readonly at: bigint;
  readonly type: RelocationName;
  readonly addend: bigint;
  readonly symbol: string | undefined;
}

export interface FillTask extends TablesTask {
  readonly tables: LinkerTables;
  readonly resolution: Resolution;
  readonly threadStart: bigint;
  /** What relocating the objects has left to the loader. */
  readonly left: readonly Left[];
  /** Of an output section, or 0. */
  addressOf(section: string): bigint;
  sizeOf(section: string): number;
  /** Index of the output section that holds the address. */
  sectionIndexAt(address: bigint): bigint;
  /** Of one of the linker's own sections; undefined if there is none. */
  ownAddress(section: string): bigint | undefined;
}

/** By the section's name. */
export function fillTables(task: FillTask): ReadonlyMap<string, Uint8Array> {
  const filled = new Map<string, Uint8Array>();
  const slots = fillSlots(task);
  filled.set('.got', slots.bytes);
  if (!task.mode.dynamic) return filled;
  const relocations = sortRelocations([...task.left, ...slots.left, ...copyRelocations(task)]);
  filled.set(
    '.rela.dyn',
    relocationTable(task, relocations, task.tables.object.sections[task.tables.indexOf('.rela.dyn')]?.size ?? 0),
  );
  filled.set('.dynsym', symbolTable(task));
  fillPlt(task, filled);
  const relative = relocations.filter(({ type }) => type === 'R_RISCV_RELATIVE').length;
  filled.set('.dynamic', dynamicTable(task, relative));
  return filled;
}

/** How the loader fills an entry of the GOT, or what is in it from the start. */
interface SlotContent {
  readonly values: readonly bigint[];
  readonly left: readonly Omit<Left, 'at'>[];
}

/** What a thread's pointer to a block of a shared object exceeds its beginning by. psABI, "Thread Local Storage". */
const threadOffset = 0x800n;

function slotContent(task: FillTask, slot: Slot): SlotContent {
  const { binder, mode, resolution, threadStart } = task;
  const { kind, object, symbol: index, addend } = slot;
  const binding = binder.bind(object, index);
  const name = object.symbols[index ?? -1]?.name;
  const address = (index === undefined ? 0n : (resolution.addressOf(object, index) ?? 0n)) + addend;
  const inThread = address - threadStart;
  const dynamic = binding === 'dynamic';
  if (kind === 'threadPair') {
    const module = { type: 'R_RISCV_TLS_DTPMOD64', addend: 0n, symbol: dynamic ? name : undefined } as const;
    if (dynamic) return { values: [0n, 0n], left: [module, { type: 'R_RISCV_TLS_DTPREL64', addend, symbol: name }] };
    const offset = inThread - threadOffset;
    return mode.kind === 'shared' ? { values: [0n, offset], left: [module] } : { values: [1n, offset], left: [] };
  }
  if (kind === 'threadOffset') {
    const type = 'R_RISCV_TLS_TPREL64';
    if (dynamic) return { values: [0n], left: [{ type, addend, symbol: name }] };
    if (mode.kind === 'shared') return { values: [0n], left: [{ type, addend: inThread, symbol: undefined }] };
    return { values: [inThread], left: [] };
  }
  if (dynamic) return { values: [0n], left: [{ type: 'R_RISCV_64', addend, symbol: name }] };
  if (binding !== 'own' || !mode.movable) return { values: [address], left: [] };
  return { values: [address], left: [{ type: 'R_RISCV_RELATIVE', addend: address, symbol: undefined }] };
}

function fillSlots(task: FillTask): { readonly bytes: Uint8Array; readonly left: readonly Left[] } {
  const start = task.ownAddress('.got') ?? 0n;
  const values: bigint[] = gotHeaderSize(task.mode) > 0 ? [task.ownAddress('.dynamic') ?? 0n] : [];
  const left: Left[] = [];
  for (const slot of task.needs.slots.values()) {
    const content = slotContent(task, slot);
    for (const [index, each] of content.left.entries()) {
      left.push({ ...each, at: start + BigInt(slot.offset + 8 * index) });
    }
    values.push(...content.values);
  }
  return { bytes: addressBytes(values), left };
}

function copyRelocations({ tables, ownAddress }: FillTask): Left[] {
  const start = ownAddress('.dynbss') ?? 0n;
  return [...tables.copies].map(([symbol, offset]) => ({
    at: start + BigInt(offset),
    type: 'R_RISCV_COPY',
    addend: 0n,
    symbol,
  }));
}

/** Those that need no symbol come first: loaders carry them out in one loop. */
function sortRelocations(left: readonly Left[]): Left[] {
  const rank = ({ type }: Left): number => (type === 'R_RISCV_RELATIVE' ? 0 : type === 'R_RISCV_COPY' ? 2 : 1);
  return [...left].sort((a, b) => rank(a) - rank(b) || (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

/** Entries that turned out not to be needed stay zero: R_RISCV_NONE. */
function relocationTable({ tables }: FillTask, left: readonly Left[], size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  const records = left.map(({ at, type, addend, symbol }) => ({
    offset: BigInt.asUintN(64, at),
    type: BigInt(relocationNumbers[type]),
    symbol: BigInt(symbol === undefined ? 0 : tables.names.indexOf(symbol)),
    addend: BigInt.asUintN(64, addend),
  }));
  bytes.set(relocationBytes(records).subarray(0, size));
  return bytes;
}

function fillPlt(task: FillTask, filled: Map<string, Uint8Array>): void {
  const { needs, ownAddress } = task;
  const plt = ownAddress('.plt');
  const gotPlt = ownAddress('.got.plt');
  if (plt === undefined || gotPlt === undefined) return;
  const words = pltHeader(plt, gotPlt);
  // The loader puts its resolver and its own word into the first two; the others lead to the header at first.
  const slots = [-1n, 0n];
  const left: Left[] = [];
  for (const [name, index] of needs.plt) {
    const slot = gotPlt + BigInt(gotPltHeaderSize + 8 * index);
    words.push(...pltEntry(plt + BigInt(pltHeaderSize + pltEntrySize * index), slot));
    slots.push(plt);
    left.push({ at: slot, type: 'R_RISCV_JUMP_SLOT', addend: 0n, symbol: name });
  }
  filled.set('.plt', wordBytes(words));
  filled.set('.got.plt', addressBytes(slots));
  filled.set('.rela.plt', relocationTable(task, left, 24 * left.length));
}

const kinds: Readonly<Record<ObjectSymbol['kind'] | SharedSymbol['kind'], bigint>> = {
  label: symbolTypes.none,
  function: symbolTypes.function,
  object: symbolTypes.object,
  thread: symbolTypes.thread,
};

type SymbolRecord = Parameters<typeof symbolBytes>[0][number];
const empty: SymbolRecord = { name: 0n, info: 0n, other: 0n, section: 0n, value: 0n, size: 0n };

function symbolTable(task: FillTask): Uint8Array {
  const { imports, exports } = task.tables.names;
  return symbolBytes([
    empty,
    ...imports.map((name) => importRecord(task, name)),
    ...exports.map((name) => exportRecord(task, name)),
  ]);
}

function importRecord({ table, tables }: FillTask, name: string): SymbolRecord {
  const shared = table.shared.get(name)?.symbol;
  const info = ((table.required.has(name) ? bindings.global : bindings.weak) << 4n) | kinds[shared?.kind ?? 'label'];
  return { ...empty, name: BigInt(tables.strings.get(name) ?? 0), info };
}

function exportRecord(task: FillTask, name: string): SymbolRecord {
  const { table, tables, resolution, threadStart } = task;
  const own = table.globals.get(name)?.symbol;
  const shared = table.shared.get(name)?.symbol;
  const kind = own?.kind ?? shared?.kind ?? 'object';
  const address = resolution.addressOfName(name) ?? 0n;
  // Undefined and yet with a value: the loader takes the PLT entry for the function's address everywhere.
  if (task.needs.canonical.has(name)) return { ...importRecord(task, name), value: address };
  const constant = own?.place.kind === 'absolute';
  return {
    name: BigInt(tables.strings.get(name) ?? 0),
    info: ((own?.binding === 'weak' ? bindings.weak : bindings.global) << 4n) | kinds[kind],
    other: table.visibility.get(name) === 'protected' ? visibilities.protected : visibilities.default,
    section: constant ? absoluteSection : task.sectionIndexAt(address),
    value: kind === 'thread' ? address - threadStart : address,
    size: BigInt(own?.size ?? shared?.size ?? 0),
  };
}

function dynamicTable(task: FillTask, relative: number): Uint8Array {
  const entries = dynamicEntries(task, {
    addressOf: task.addressOf,
    sizeOf: task.sizeOf,
    symbol: (name) => task.resolution.addressOfName(name) ?? 0n,
    string: (text) => task.tables.strings.get(text) ?? 0,
    relative,
  });
  return dynamicBytes(entries.map(([tag, value]) => ({ tag, value })));
}
