/**
 * Debug sections of an object, made of its lines and call frames. What a compiler wrote itself stays; it leaves the line
 * table to the assembler, and refers to it by a label in an empty `.debug_line`, as GCC does.
 */
import type { ObjectFile, ObjectSection, ObjectSymbol, Relocation } from '../object.ts';
import type { DebugSection, Reference } from './draft.ts';
import { frameTable } from './frame-table.ts';
import { type LineSequence, lineTable } from './line-table.ts';
import { plainUnit } from './plain-unit.ts';

/** Data has lines too, but no debugger stops there. */
function sequencesOf({ sections }: ObjectFile): LineSequence[] {
  return sections.flatMap(({ lines, flags, size }, section): LineSequence[] => {
    if (lines.length === 0 || !flags.alloc || !flags.execute) return [];
    return [{ section, rows: lines, end: size }];
  });
}

/** By number; what no directive has numbered comes behind. The first is twice there, as GNU as has it. */
function filesOf({ files = [], name }: ObjectFile, sequences: readonly LineSequence[]): string[] {
  const named = new Set(sequences.flatMap(({ rows }) => rows.map(({ file }) => file)));
  const [first = name] = named;
  const known = files.length > 0 ? files : [first, first];
  return [...known, ...[...named].filter((each) => !known.includes(each))];
}

function tablesOf(object: ObjectFile): DebugSection[] {
  const has = (name: string): boolean => object.sections.some((each) => each.name === name && each.size > 0);
  const sequences = has('.debug_line') ? [] : sequencesOf(object);
  const files = filesOf(object, sequences);
  const unit = has('.debug_info') || sequences.length === 0 ? [] : plainUnit(sequences, files[0] ?? object.name);
  const lines = sequences.length === 0 && !has('.debug_info') ? [] : [lineTable(sequences, files)];
  const { frames = [] } = object;
  return [...unit, ...(has('.debug_line') ? [] : lines), ...(frames.length === 0 ? [] : [frameTable(frames)])];
}

const sectionSymbol = (name: string, section: number): ObjectSymbol => ({
  name,
  binding: 'local',
  kind: 'label',
  place: { kind: 'section', section, offset: 0 },
  size: 0,
  hidden: true,
});

/** Relocations name symbols that stand for the beginnings of sections. */
export function withDebugSections(object: ObjectFile): ObjectFile {
  const made = tablesOf(object);
  if (made.length === 0) return object;
  const { frames: _frames, files: _files, ...rest } = object;
  const sections = [...object.sections];
  for (const { name } of made) if (!sections.some((each) => each.name === name)) sections.push(emptySection(name));
  const first = object.symbols.length;
  const indexOf = (reference: Reference): number =>
    first + (reference.kind === 'code' ? reference.section : sections.findIndex(({ name }) => name === reference.name));
  for (const each of made) {
    const index = sections.findIndex(({ name }) => name === each.name);
    const section = sections[index];
    if (section !== undefined) sections[index] = filled(section, each, indexOf);
  }
  return {
    ...rest,
    sections,
    symbols: [...object.symbols, ...sections.map(({ name }, at) => sectionSymbol(name, at))],
  };
}

const emptySection = (name: string): ObjectSection => ({
  name,
  flags: { alloc: false, write: false, execute: false, nobits: false },
  alignment: 1,
  size: 0,
  bytes: new Uint8Array(),
  relocations: [],
  lines: [],
});

function filled(
  section: ObjectSection,
  { bytes, references }: DebugSection,
  indexOf: (reference: Reference) => number,
): ObjectSection {
  const relocations = references.map(
    (reference): Relocation => ({
      offset: reference.at,
      type: reference.kind === 'code' ? 'R_RISCV_64' : 'R_RISCV_32',
      symbol: indexOf(reference),
      addend: BigInt(reference.offset),
    }),
  );
  return { ...section, size: bytes.length, bytes, relocations };
}
