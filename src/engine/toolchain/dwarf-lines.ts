/**
 * Line maps as DWARF 4, so that debuggers show the source of what our own assembler and compiler made: one compilation unit
 * without children, its ranges and its line table. DWARF 4, §6.2 and §7.5.
 */
import { leb128Bytes } from './leb128.ts';

export interface LineRow {
  readonly address: bigint;
  readonly file: string;
  readonly line: number;
}

/** A run of code without gaps: rows, then the address behind it. In an object, addresses are offsets in a section. */
export interface LineSequence {
  readonly section?: number;
  readonly rows: readonly LineRow[];
  readonly end: bigint;
}

/** Where an address of code, or an offset in another of these sections, has to be put in. */
export type Reference =
  | { readonly at: number; readonly kind: 'code'; readonly section: number | undefined; readonly address: bigint }
  | { readonly at: number; readonly kind: 'table'; readonly name: DebugName };

export type DebugName = '.debug_abbrev' | '.debug_info' | '.debug_line' | '.debug_ranges';

export interface DebugSection {
  readonly name: DebugName;
  readonly bytes: Uint8Array;
  readonly references: readonly Reference[];
}

const tags = { compileUnit: 0x11 } as const;
const attributes = { name: 0x03, lines: 0x10, language: 0x13, producer: 0x25, lowPc: 0x11, ranges: 0x55 } as const;
const forms = { address: 0x01, half: 0x05, string: 0x08, offset: 0x17 } as const;
const languages = { c99: 0x0c, assembler: 0x8001 } as const;
const standard = { copy: 1, advancePc: 2, advanceLine: 3, setFile: 4 } as const;
const extended = { end: 1, setAddress: 2 } as const;
/** Operands of the standard operations 1 to 12. */
const operandCounts = [0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1];
const version = 4;

const encoder = new TextEncoder();
const text = (value: string): number[] => [...encoder.encode(value), 0];
const little = (value: number, bytes: number): number[] =>
  Array.from({ length: bytes }, (_, index) => Math.floor(value / 256 ** index) % 256);
const unsigned = (value: number | bigint): number[] => leb128Bytes(BigInt(value), false);
const signed = (value: number): number[] => leb128Bytes(BigInt(value), true);

/** Bytes of a section while it is being made. */
class Draft {
  readonly bytes: number[] = [];
  readonly references: Reference[] = [];

  put(...bytes: readonly number[]): void {
    for (const byte of bytes) this.bytes.push(byte);
  }

  code(section: number | undefined, address: bigint): void {
    this.references.push({ at: this.bytes.length, kind: 'code', section, address });
    this.put(...little(0, 8));
  }

  table(name: DebugName): void {
    this.references.push({ at: this.bytes.length, kind: 'table', name });
    this.put(...little(0, 4));
  }

  /** Room for a length, which the result fills in with what has come behind it. */
  length(): () => void {
    const at = this.bytes.length;
    this.put(...little(0, 4));
    return () => {
      this.bytes.splice(at, 4, ...little(this.bytes.length - at - 4, 4));
    };
  }

  section(name: DebugName): DebugSection {
    return { name, bytes: Uint8Array.from(this.bytes), references: this.references };
  }
}

function lineTable(sequences: readonly LineSequence[], files: readonly string[]): DebugSection {
  const draft = new Draft();
  const endUnit = draft.length();
  draft.put(...little(version, 2));
  const endHeader = draft.length();
  // Instruction length, operations per instruction, is_stmt, and the special operations, which are not used.
  draft.put(1, 1, 1, 0xfb, 14, operandCounts.length + 1, ...operandCounts, 0);
  for (const name of files) draft.put(...text(name), 0, 0, 0);
  draft.put(0);
  endHeader();
  const numbers = new Map(files.map((name, index) => [name, index + 1]));
  for (const sequence of sequences) writeSequence(draft, sequence, numbers);
  endUnit();
  return draft.section('.debug_line');
}

function writeSequence(draft: Draft, { section, rows, end }: LineSequence, numbers: ReadonlyMap<string, number>): void {
  let address = rows[0]?.address ?? 0n;
  let line = 1;
  let file = 1;
  draft.put(0, 9, extended.setAddress);
  draft.code(section, address);
  for (const row of rows) {
    const number = numbers.get(row.file) ?? 1;
    if (row.address !== address) draft.put(standard.advancePc, ...unsigned(row.address - address));
    if (number !== file) draft.put(standard.setFile, ...unsigned(number));
    if (row.line !== line) draft.put(standard.advanceLine, ...signed(row.line - line));
    draft.put(standard.copy);
    ({ address, line } = row);
    file = number;
  }
  draft.put(standard.advancePc, ...unsigned(end - address), 0, 1, extended.end);
}

function abbreviations(): DebugSection {
  const draft = new Draft();
  draft.put(1, tags.compileUnit, 0);
  draft.put(attributes.producer, forms.string, attributes.language, forms.half, attributes.name, forms.string);
  draft.put(attributes.lowPc, forms.address, attributes.ranges, forms.offset, attributes.lines, forms.offset);
  draft.put(0, 0, 0);
  return draft.section('.debug_abbrev');
}

function ranges(sequences: readonly LineSequence[]): DebugSection {
  const draft = new Draft();
  for (const { section, rows, end } of sequences) {
    draft.code(section, rows[0]?.address ?? 0n);
    draft.code(section, end);
  }
  draft.put(...little(0, 16));
  return draft.section('.debug_ranges');
}

function information(files: readonly string[]): DebugSection {
  const draft = new Draft();
  const language = files.some((name) => name.endsWith('.c')) ? languages.c99 : languages.assembler;
  const endUnit = draft.length();
  draft.put(...little(version, 2));
  draft.table('.debug_abbrev');
  draft.put(8, 1, ...text('guesthouse'), ...little(language, 2), ...text(files[0] ?? ''), ...little(0, 8));
  draft.table('.debug_ranges');
  draft.table('.debug_line');
  endUnit();
  return draft.section('.debug_info');
}

/** None if there is nothing to say. */
export function debugSections(sequences: readonly LineSequence[]): DebugSection[] {
  if (sequences.length === 0) return [];
  const files = [...new Set(sequences.flatMap(({ rows }) => rows.map(({ file }) => file)))];
  return [abbreviations(), information(files), lineTable(sequences, files), ranges(sequences)];
}
