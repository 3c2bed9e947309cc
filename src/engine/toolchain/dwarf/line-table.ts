/** The line table of an object: which source each instruction comes from. DWARF 5, §6.2. */
import { extendedLineOps, forms, lineContents, lineOperandCounts, lineOps } from '../../dwarf.ts';
import type { ObjectLine } from '../object.ts';
import { type DebugSection, Draft, little, signed, textBytes, unsigned } from './draft.ts';

/** A section of code: rows, then the offset behind it. */
export interface LineSequence {
  readonly section: number;
  readonly rows: readonly ObjectLine[];
  readonly end: number;
}

function header(draft: Draft, files: readonly string[]): void {
  // Instruction length, operations per instruction, is_stmt, and the special operations, which are not used.
  draft.put(1, 1, 1, 0xfb, 14, lineOperandCounts.length + 1, ...lineOperandCounts);
  draft.put(1, lineContents.path, forms.string, 1, ...textBytes('.'));
  draft.put(2, lineContents.path, forms.string, lineContents.directory, forms.data1, ...unsigned(files.length));
  for (const name of files) draft.put(...textBytes(name), 0);
}

/** What the state machine holds between rows. */
interface State {
  offset: number;
  line: number;
  file: number;
  column: number;
  statement: boolean;
}

function writeRow(draft: Draft, state: State, row: ObjectLine, file: number): void {
  const { offset, line, column = 0, statement = true } = row;
  if (offset !== state.offset) draft.put(lineOps.advancePc, ...unsigned(offset - state.offset));
  if (file !== state.file) draft.put(lineOps.setFile, ...unsigned(file));
  if (line !== state.line) draft.put(lineOps.advanceLine, ...signed(line - state.line));
  if (column !== state.column) draft.put(lineOps.setColumn, ...unsigned(column));
  if (statement !== state.statement) draft.put(lineOps.negateStatement);
  if (row.prologueEnd === true) draft.put(lineOps.prologueEnd);
  draft.put(lineOps.copy);
  Object.assign(state, { offset, line, file, column, statement });
}

function writeSequence(draft: Draft, { section, rows, end }: LineSequence, numbers: ReadonlyMap<string, number>): void {
  const first = rows[0]?.offset ?? 0;
  const state: State = { offset: first, line: 1, file: 1, column: 0, statement: true };
  draft.put(0, 9, extendedLineOps.setAddress);
  draft.code(section, first);
  for (const row of rows) writeRow(draft, state, row, numbers.get(row.file) ?? 0);
  draft.put(lineOps.advancePc, ...unsigned(end - state.offset), 0, 1, extendedLineOps.end);
}

/** `files` by the numbers that other debug sections know them by. */
export function lineTable(sequences: readonly LineSequence[], files: readonly string[]): DebugSection {
  const draft = new Draft();
  const endUnit = draft.length();
  draft.put(...little(5, 2), 8, 0);
  const endHeader = draft.length();
  header(draft, files);
  endHeader();
  // The last number of a name: GNU as gives the first source the numbers 0 and 1.
  const numbers = new Map(files.map((name, index) => [name, index]));
  for (const sequence of sequences) writeSequence(draft, sequence, numbers);
  endUnit();
  return draft.section('.debug_line');
}
