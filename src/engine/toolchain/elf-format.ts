/** Constants and record layouts of 64-bit ELF. System V ABI, "Object Files"; RISC-V psABI 1.0, "ELF Object Files". */

/** A record's fields in order, with their sizes in bytes. */
export type Layout = readonly (readonly [name: string, bytes: 1 | 2 | 4 | 8])[];

export const fileHeader = [
  ['type', 2],
  ['machine', 2],
  ['version', 4],
  ['entry', 8],
  ['programHeaders', 8],
  ['sectionHeaders', 8],
  ['flags', 4],
  ['headerSize', 2],
  ['programHeaderSize', 2],
  ['programHeaderCount', 2],
  ['sectionHeaderSize', 2],
  ['sectionHeaderCount', 2],
  ['nameSection', 2],
] as const satisfies Layout;

export const programHeader = [
  ['type', 4],
  ['flags', 4],
  ['offset', 8],
  ['virtual', 8],
  ['physical', 8],
  ['fileSize', 8],
  ['memorySize', 8],
  ['alignment', 8],
] as const satisfies Layout;

export const sectionHeader = [
  ['name', 4],
  ['type', 4],
  ['flags', 8],
  ['address', 8],
  ['offset', 8],
  ['size', 8],
  ['link', 4],
  ['info', 4],
  ['alignment', 8],
  ['entrySize', 8],
] as const satisfies Layout;

export const symbolEntry = [
  ['name', 4],
  ['info', 1],
  ['other', 1],
  ['section', 2],
  ['value', 8],
  ['size', 8],
] as const satisfies Layout;

export const relocationEntry = [
  ['offset', 8],
  ['type', 4],
  ['symbol', 4],
  ['addend', 8],
] as const satisfies Layout;

export const dynamicEntry = [
  ['tag', 8],
  ['value', 8],
] as const satisfies Layout;

export type Fields<L extends Layout> = Record<L[number][0], bigint>;

export const sizeOf = (layout: Layout): number => layout.reduce((sum, [, bytes]) => sum + bytes, 0);

/** The caller has checked that the record lies within the view. */
export function readRecord<const L extends Layout>(view: DataView, at: number, layout: L): Fields<L> {
  const record: Record<string, bigint> = {};
  let offset = at;
  for (const [name, bytes] of layout) {
    if (bytes === 8) record[name] = view.getBigUint64(offset, true);
    else if (bytes === 4) record[name] = BigInt(view.getUint32(offset, true));
    else record[name] = BigInt(bytes === 2 ? view.getUint16(offset, true) : view.getUint8(offset));
    offset += bytes;
  }
  return record as Fields<L>;
}

export function writeRecord<const L extends Layout>(view: DataView, at: number, layout: L, fields: Fields<L>): void {
  const record: Readonly<Record<string, bigint>> = fields;
  let offset = at;
  for (const [name, bytes] of layout) {
    const value = record[name] ?? 0n;
    for (let index = 0; index < bytes; index++)
      view.setUint8(offset + index, Number((value >> BigInt(8 * index)) & 0xffn));
    offset += bytes;
  }
}

/** Magic, 64-bit, little-endian, version 1. */
export const identification = Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0);

export const fileTypes = { relocatable: 1n, executable: 2n, shared: 3n } as const;
export const riscv = 243n;
/** `EF_RISCV_RVC`: the file holds 16-bit instructions. */
export const compressedFlag = 1n;
/** `EF_RISCV_FLOAT_ABI`: bits 1 and 2. */
export const floatAbis = ['soft', 'single', 'double', 'quad'] as const;

export const segmentTypes = {
  load: 1n,
  dynamic: 2n,
  interpreter: 3n,
  note: 4n,
  headers: 6n,
  thread: 7n,
  stack: 0x6474e551n,
  readOnlyAfterRelocation: 0x6474e552n,
  attributes: 0x70000003n,
} as const;
export const segmentFlags = { execute: 1n, write: 2n, read: 4n } as const;

export const sectionTypes = {
  none: 0n,
  bytes: 1n,
  symbols: 2n,
  strings: 3n,
  relocations: 4n,
  hash: 5n,
  dynamic: 6n,
  note: 7n,
  nobits: 8n,
  dynamicSymbols: 11n,
  initArray: 14n,
  finiArray: 15n,
  preinitArray: 16n,
  group: 17n,
  sectionIndexes: 18n,
  gnuHash: 0x6ffffff6n,
  gnuVersionNeeds: 0x6ffffffen,
  gnuVersions: 0x6fffffffn,
  attributes: 0x70000003n,
} as const;
export const sectionFlags = {
  write: 1n,
  alloc: 2n,
  execute: 4n,
  info: 0x40n,
  group: 0x200n,
  thread: 0x400n,
  compressed: 0x800n,
  exclude: 0x8000_0000n,
} as const;
/** `GRP_COMDAT` */
export const comdatFlag = 1;
export const absoluteSection = 0xfff1n;
export const commonSection = 0xfff2n;
/** Section indexes from here on have special meanings. */
export const reservedSections = 0xff00n;

export const bindings = { local: 0n, global: 1n, weak: 2n } as const;
export const symbolTypes = {
  none: 0n,
  object: 1n,
  function: 2n,
  section: 3n,
  file: 4n,
  common: 5n,
  thread: 6n,
  indirectFunction: 10n,
} as const;
export const visibilities = { default: 0n, internal: 1n, hidden: 2n, protected: 3n } as const;

/** Tags of the entries of `.dynamic`. System V ABI, "Dynamic Section". */
export const dynamicTags = {
  none: 0n,
  needed: 1n,
  pltRelocationsSize: 2n,
  pltGot: 3n,
  hash: 4n,
  strings: 5n,
  symbols: 6n,
  relocations: 7n,
  relocationsSize: 8n,
  relocationSize: 9n,
  stringsSize: 10n,
  symbolSize: 11n,
  init: 12n,
  fini: 13n,
  name: 14n,
  symbolic: 16n,
  pltRelocationsKind: 20n,
  debug: 21n,
  textRelocations: 22n,
  pltRelocations: 23n,
  initArray: 25n,
  finiArray: 26n,
  initArraySize: 27n,
  finiArraySize: 28n,
  runPath: 29n,
  flags: 30n,
  preinitArray: 32n,
  preinitArraySize: 33n,
  gnuHash: 0x6ffffef5n,
  relativeCount: 0x6ffffff9n,
  flags1: 0x6ffffffbn,
} as const;

export const dynamicFlags = { symbolic: 2n, textRelocations: 4n, now: 8n, staticThread: 16n } as const;
export const dynamicFlags1 = { now: 1n, positionIndependent: 0x0800_0000n } as const;
