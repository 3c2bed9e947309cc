/** The compilation unit of a source that says nothing but lines, as assembly does: ranges and a line table. */
import { attributes, forms, languages, rangeKinds, tags, unitTypes } from '../../dwarf.ts';
import { type DebugSection, Draft, little, textBytes, unsigned } from './draft.ts';
import type { LineSequence } from './line-table.ts';

const version = 5;

function abbreviations(): DebugSection {
  const draft = new Draft();
  draft.put(1, tags.compileUnit, 0);
  draft.put(attributes.producer, forms.string, attributes.language, forms.data2, attributes.name, forms.string);
  draft.put(attributes.lowPc, forms.address, attributes.ranges, forms.sectionOffset);
  draft.put(attributes.lines, forms.sectionOffset, 0, 0, 0);
  return draft.section('.debug_abbrev');
}

/** The unit's ranges begin behind the header of the list. */
const rangesHeader = 12;

function ranges(sequences: readonly LineSequence[]): DebugSection {
  const draft = new Draft();
  const endUnit = draft.length();
  draft.put(...little(version, 2), 8, 0, ...little(0, 4));
  for (const { section, rows, end } of sequences) {
    const first = rows[0]?.offset ?? 0;
    draft.put(rangeKinds.startLength);
    draft.code(section, first);
    draft.put(...unsigned(end - first));
  }
  draft.put(rangeKinds.end);
  endUnit();
  return draft.section('.debug_rnglists');
}

function information(name: string): DebugSection {
  const draft = new Draft();
  const language = name.endsWith('.c') ? languages.c11 : languages.assembler;
  const endUnit = draft.length();
  draft.put(...little(version, 2), unitTypes.compile, 8);
  draft.table('.debug_abbrev');
  draft.put(1, ...textBytes('guesthouse'), ...little(language, 2), ...textBytes(name), ...little(0, 8));
  draft.table('.debug_rnglists', rangesHeader);
  draft.table('.debug_line');
  endUnit();
  return draft.section('.debug_info');
}

export const plainUnit = (sequences: readonly LineSequence[], name: string): DebugSection[] => [
  abbreviations(),
  information(name),
  ranges(sequences),
];
