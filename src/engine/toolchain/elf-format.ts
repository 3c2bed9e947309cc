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

export const executableType = 2n;
export const sharedType = 3n;
export const riscv = 243n;
/** `EF_RISCV_RVC`: the file holds 16-bit instructions. */
export const compressedFlag = 1n;

export const loadSegment = 1n;
export const segmentFlags = { execute: 1n, write: 2n, read: 4n } as const;

export const sectionTypes = { none: 0n, bytes: 1n, symbols: 2n, strings: 3n, nobits: 8n } as const;
export const sectionFlags = { write: 1n, alloc: 2n, execute: 4n } as const;
export const absoluteSection = 0xfff1n;
/** Section indexes from here on have special meanings. */
export const reservedSections = 0xff00n;

export const bindings = { local: 0n, global: 1n, weak: 2n } as const;
export const symbolTypes = { none: 0n, object: 1n, function: 2n, section: 3n, file: 4n } as const;
