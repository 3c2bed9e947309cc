/**
 * The line map as DWARF 4, so that debuggers show the source of what our own assembler and compiler made: one compilation
 * unit without children, its ranges and its line table. DWARF 4, §6.2 and §7.5.
 */
import type { LineEntry } from '../image.ts';
import { leb128Bytes } from './leb128.ts';
import type { Linked, LinkedSection } from './link/linked.ts';

/** A run of code without gaps: rows, then the address behind it. */
interface Sequence {
  readonly rows: readonly LineEntry[];
  readonly end: bigint;
}

const tags = { compileUnit: 0x11 } as const;
const attributes = { name: 0x03, lines: 0x10, language: 0x13, producer: 0x25, lowPc: 0x11, ranges: 0x55 } as const;
const forms = { address: 0x01, half: 0x05, string: 0x08, offset: 0x17 } as const;
const languages = { c99: 0x0c, assembler: 0x8001 } as const;
const standard = { copy: 1, advancePc: 2, advanceLine: 3, setFile: 4 } as const;
const extended = { end: 1, setAddress: 2 } as const;
/** Operands of the standard operations 1 to 12. */
const operandCounts = [0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1];

const encoder = new TextEncoder();
const text = (value: string): number[] => [...encoder.encode(value), 0];
const little = (value: bigint, bytes: number): number[] =>
  Array.from({ length: bytes }, (_, index) => Number((value >> BigInt(8 * index)) & 0xffn));
const word = (value: number): number[] => little(BigInt(value), 4);
const unsigned = (value: number | bigint): number[] => leb128Bytes(BigInt(value), false);
const signed = (value: number): number[] => leb128Bytes(BigInt(value), true);

/** Data has lines too, but no debugger stops there. */
function sequencesOf({ lines, sections }: Linked): Sequence[] {
  const code = sections.filter(({ flags }) => flags.alloc && flags.execute);
  const isCode = (address: bigint): boolean =>
    code.some((section) => address >= section.address && address < section.address + BigInt(section.size));
  const sequences: Sequence[] = [];
  let rows: LineEntry[] = [];
  for (const entry of lines) {
    if (entry.line > 0 && isCode(entry.address)) rows.push(entry);
    else if (rows.length > 0) {
      sequences.push({ rows, end: entry.address });
      rows = [];
    }
  }
  return sequences;
}

/** With its length in front. */
const unit = (body: readonly number[]): number[] => [...word(body.length), ...body];

function lineTable(sequences: readonly Sequence[], files: readonly string[]): Uint8Array {
  const names = [0, ...files.flatMap((name) => [...text(name), 0, 0, 0]), 0];
  // Instruction length, operations per instruction, is_stmt, and the special operations, which are not used.
  const header = [1, 1, 1, 0xfb, 14, operandCounts.length + 1, ...operandCounts, ...names];
  const program = sequences.flatMap((sequence) => sequenceProgram(sequence, files));
  return Uint8Array.from(unit([...little(4n, 2), ...word(header.length), ...header, ...program]));
}

function sequenceProgram({ rows, end }: Sequence, files: readonly string[]): number[] {
  const program: number[] = [];
  let address = rows[0]?.address ?? 0n;
  let line = 1;
  let file = 1;
  program.push(0, 9, extended.setAddress, ...little(address, 8));
  for (const row of rows) {
    const index = files.indexOf(row.file) + 1;
    if (row.address !== address) program.push(standard.advancePc, ...unsigned(row.address - address));
    if (index !== file) program.push(standard.setFile, ...unsigned(index));
    if (row.line !== line) program.push(standard.advanceLine, ...signed(row.line - line));
    program.push(standard.copy);
    ({ address, line } = row);
    file = index;
  }
  program.push(standard.advancePc, ...unsigned(end - address), 0, 1, extended.end);
  return program;
}

const abbreviation = Uint8Array.from([
  ...[1, tags.compileUnit, 0],
  ...[attributes.producer, forms.string, attributes.language, forms.half, attributes.name, forms.string],
  ...[attributes.lowPc, forms.address, attributes.ranges, forms.offset, attributes.lines, forms.offset],
  ...[0, 0, 0],
]);

function rangeTable(sequences: readonly Sequence[]): Uint8Array {
  const pairs = sequences.flatMap(({ rows, end }) => [rows[0]?.address ?? 0n, end]);
  return Uint8Array.from([...pairs, 0n, 0n].flatMap((address) => little(address, 8)));
}

interface Offsets {
  readonly abbreviation: number;
  readonly ranges: number;
  readonly lines: number;
}

function information(files: readonly string[], offsets: Offsets): Uint8Array {
  const language = files.some((name) => name.endsWith('.c')) ? languages.c99 : languages.assembler;
  const entry = [
    ...[1, ...text('guesthouse'), ...little(BigInt(language), 2), ...text(files[0] ?? '')],
    ...[...little(0n, 8), ...word(offsets.ranges), ...word(offsets.lines)],
  ];
  return Uint8Array.from(unit([...little(4n, 2), ...word(offsets.abbreviation), 8, ...entry]));
}

function joined(section: LinkedSection | undefined, name: string, added: Uint8Array): LinkedSection {
  const old = section?.bytes ?? new Uint8Array();
  const bytes = new Uint8Array(old.length + added.length);
  bytes.set(old);
  bytes.set(added, old.length);
  const flags = { alloc: false, write: false, execute: false, nobits: false };
  return { name, address: 0n, loadAddress: 0n, alignment: 1, flags, ...section, bytes, size: bytes.length };
}

/** With debug sections, behind those that objects bring; as it is if nothing of our own has lines. */
export function withLineTable(linked: Linked): Linked {
  const sequences = sequencesOf(linked);
  if (sequences.length === 0) return linked;
  const files = [...new Set(sequences.flatMap(({ rows }) => rows.map(({ file }) => file)))];
  const sizeOf = (name: string): number => linked.sections.find((each) => each.name === name)?.size ?? 0;
  const offsets = {
    abbreviation: sizeOf('.debug_abbrev'),
    ranges: sizeOf('.debug_ranges'),
    lines: sizeOf('.debug_line'),
  };
  const added = new Map([
    ['.debug_abbrev', abbreviation],
    ['.debug_info', information(files, offsets)],
    ['.debug_line', lineTable(sequences, files)],
    ['.debug_ranges', rangeTable(sequences)],
  ]);
  const kept = linked.sections.map((section) => {
    const bytes = added.get(section.name);
    return bytes === undefined ? section : joined(section, section.name, bytes);
  });
  const present = new Set(linked.sections.map(({ name }) => name));
  const fresh = [...added]
    .filter(([name]) => !present.has(name))
    .map(([name, bytes]) => joined(undefined, name, bytes));
  return { ...linked, sections: [...kept, ...fresh] };
}
