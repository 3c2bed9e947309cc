/** Adds the line map of an object as DWARF: addresses are left to whoever links it. */
import { type DebugSection, debugSections, type LineSequence, type Reference } from './dwarf-lines.ts';
import type { ObjectFile, ObjectSection, ObjectSymbol, Relocation } from './object.ts';

/** Data has lines too, but no debugger stops there. */
function sequencesOf({ sections }: ObjectFile): LineSequence[] {
  return sections.flatMap(({ lines, flags, size }, section): LineSequence[] => {
    if (lines.length === 0 || !flags.alloc || !flags.execute) return [];
    const rows = lines.map(({ offset, file, line }) => ({ address: BigInt(offset), file, line }));
    return [{ section, rows, end: BigInt(size) }];
  });
}

const sectionSymbol = (name: string, section: number): ObjectSymbol => ({
  name,
  binding: 'local',
  kind: 'label',
  place: { kind: 'section', section, offset: 0 },
  size: 0,
  hidden: true,
});

/** Relocation sections name these symbols, which stand for the beginnings of sections. */
export function withObjectLines(object: ObjectFile): ObjectFile {
  const made = debugSections(sequencesOf(object));
  if (made.length === 0 || object.sections.some(({ name }) => name.startsWith('.debug_'))) return object;
  const first = object.symbols.length;
  const names = [...object.sections, ...made].map(({ name }) => name);
  const indexOf = (reference: Reference): number =>
    first + (reference.kind === 'code' ? (reference.section ?? 0) : names.indexOf(reference.name));
  const symbols = [...object.symbols, ...names.map(sectionSymbol)];
  return { ...object, symbols, sections: [...object.sections, ...made.map((each) => toSection(each, indexOf))] };
}

function toSection(
  { name, bytes, references }: DebugSection,
  indexOf: (reference: Reference) => number,
): ObjectSection {
  const relocations = references.map((reference): Relocation => {
    const symbol = indexOf(reference);
    return reference.kind === 'code'
      ? { offset: reference.at, type: 'R_RISCV_64', symbol, addend: reference.address }
      : { offset: reference.at, type: 'R_RISCV_32', symbol, addend: 0n };
  });
  const flags = { alloc: false, write: false, execute: false, nobits: false };
  return { name, flags, alignment: 1, size: bytes.length, bytes, relocations, lines: [] };
}
