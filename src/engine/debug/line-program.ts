/** Line tables of DWARF 2 to 5, unit by unit. §6.2. */
import { attributes, extendedLineOps, forms, lineContents, lineOps } from '../dwarf.ts';
import type { LineEntry } from '../image.ts';
import { Reader, sectionOf } from './reader.ts';
import { rootOf, type Unit } from './units.ts';

interface Header {
  readonly reader: Reader;
  readonly instructionLength: number;
  readonly startsStatement: boolean;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly operandCounts: readonly number[];
  /** By number. */
  readonly files: readonly string[];
}

const joined = (folder: string, name: string): string =>
  name.startsWith('/') || folder === '' || folder === '.' ? name : `${folder.replace(/\/$/, '')}/${name}`;

function readNames(unit: Unit, reader: Reader): { path: string; folder: number }[] {
  const format = Array.from({ length: reader.u8() }, () => [reader.small(), reader.small()] as const);
  const count = Math.min(reader.small(), 65_536);
  return Array.from({ length: count }, () => {
    const found = { path: '', folder: 0 };
    for (const [content, form] of format) {
      const text = textOf(unit, reader, form);
      if (content === lineContents.path) found.path = text ?? '';
      const number = text === undefined ? numberOf(reader, form) : 0;
      if (content === lineContents.directory) found.folder = number;
    }
    return found;
  });
}

function textOf(unit: Unit, reader: Reader, form: number): string | undefined {
  if (form === forms.string) return reader.text();
  if (form === forms.lineString) return new Reader(sectionOf(unit.sections, '.debug_line_str'), reader.u32()).text();
  return form === forms.stringOffset
    ? new Reader(sectionOf(unit.sections, '.debug_str'), reader.u32()).text()
    : undefined;
}

function numberOf(reader: Reader, form: number): number {
  if (form === forms.data1) return reader.u8();
  if (form === forms.data2) return reader.u16();
  if (form === forms.data4) return reader.u32();
  if (form === forms.data8) return Number(reader.u64());
  if (form === forms.data16) reader.block(16);
  else return reader.small();
  return 0;
}

/** Folder 0 is that of the compilation, which says nothing to whoever has the sources elsewhere. */
function oldFiles(reader: Reader): string[] {
  const folders = [''];
  for (let name = reader.text(); name !== '' && !reader.done; name = reader.text()) folders.push(name);
  const files = [''];
  for (let name = reader.text(); name !== '' && !reader.done; name = reader.text()) {
    files.push(joined(folders[reader.small()] ?? '', name));
    reader.small();
    reader.small();
  }
  return files;
}

function newFiles(unit: Unit, reader: Reader): string[] {
  const folders = readNames(unit, reader).map(({ path }) => path);
  const own = folders[0] ?? '';
  const shortened = folders.map((folder) =>
    folder === own ? '' : folder.startsWith(`${own}/`) ? folder.slice(own.length + 1) : folder,
  );
  return readNames(unit, reader).map(({ path, folder }) => joined(shortened[folder] ?? '', path));
}

function readHeader(unit: Unit, offset: number): Header {
  const lines = sectionOf(unit.sections, '.debug_line');
  const first = new Reader(lines, offset);
  const reader = new Reader(lines, offset + 4, offset + 4 + first.u32());
  const version = reader.u16();
  if (version >= 5) reader.u16();
  const start = reader.u32() + reader.at;
  const instructionLength = reader.u8();
  if (version >= 4) reader.u8();
  const startsStatement = reader.u8() !== 0;
  const lineBase = reader.i8();
  const lineRange = Math.max(reader.u8(), 1);
  const operandCounts = Array.from({ length: Math.max(reader.u8() - 1, 0) }, () => reader.u8());
  const files = version >= 5 ? newFiles(unit, reader) : oldFiles(reader);
  reader.at = start;
  return { reader, instructionLength, startsStatement, lineBase, lineRange, operandCounts, files };
}

interface State {
  address: bigint;
  file: number;
  line: number;
  column: number;
  statement: boolean;
  prologueEnd: boolean;
}

const fresh = ({ startsStatement }: Header): State => ({
  address: 0n,
  file: 1,
  line: 1,
  column: 0,
  statement: startsStatement,
  prologueEnd: false,
});

const rowOf = ({ files }: Header, { address, file, line, column, statement, prologueEnd }: State): LineEntry => ({
  address,
  file: files[file] ?? '',
  line,
  ...(column > 0 && { column }),
  ...(!statement && { statement: false }),
  ...(prologueEnd && { prologueEnd: true }),
});

function special(
  { lineBase, lineRange, instructionLength, operandCounts }: Header,
  state: State,
  operation: number,
): void {
  const adjusted = operation - operandCounts.length - 1;
  state.address += BigInt(Math.floor(adjusted / lineRange) * instructionLength);
  state.line += lineBase + (adjusted % lineRange);
}

/** Operations that add no row. */
function standard(header: Header, state: State, operation: number): void {
  const { reader, instructionLength, operandCounts, lineRange } = header;
  switch (operation) {
    case lineOps.advancePc:
      state.address += reader.leb() * BigInt(instructionLength);
      break;
    case lineOps.advanceLine:
      state.line += Number(reader.signedLeb());
      break;
    case lineOps.setFile:
      state.file = reader.small();
      break;
    case lineOps.setColumn:
      state.column = reader.small();
      break;
    case lineOps.negateStatement:
      state.statement = !state.statement;
      break;
    case lineOps.constAddPc:
      state.address += BigInt(Math.floor((255 - operandCounts.length - 1) / lineRange) * instructionLength);
      break;
    case lineOps.fixedAdvancePc:
      state.address += BigInt(reader.u16());
      break;
    case lineOps.prologueEnd:
      state.prologueEnd = true;
      break;
    default:
      for (let count = operandCounts[operation - 1] ?? 0; count > 0; count--) reader.leb();
  }
}

/** Runs of code without gaps, each with a last row of line 0 behind it. What was removed begins at zero. */
export function readLines(unit: Unit): LineEntry[] {
  const at = rootOf(unit)?.attributes.get(attributes.lines);
  if (at === undefined) return [];
  const header = readHeader(unit, Number(at.number));
  const { reader, operandCounts } = header;
  const all: LineEntry[] = [];
  let sequence: LineEntry[] = [];
  let state = fresh(header);
  const row = (): void => {
    sequence.push(rowOf(header, state));
    state.prologueEnd = false;
  };
  while (!reader.done) {
    const operation = reader.u8();
    if (operation > operandCounts.length) {
      special(header, state, operation);
      row();
    } else if (operation === lineOps.copy) row();
    else if (operation !== 0) standard(header, state, operation);
    else {
      const length = reader.small();
      const next = reader.at + length;
      const kind = reader.u8();
      if (kind === extendedLineOps.setAddress) state.address = reader.unsigned(Math.min(length - 1, 8));
      if (kind === extendedLineOps.end) {
        sequence.push({ address: state.address, file: '', line: 0 });
        if ((sequence[0]?.address ?? 0n) > 0n) for (const each of sequence) all.push(each);
        sequence = [];
        state = fresh(header);
      }
      reader.at = next;
    }
  }
  return sortRows(all);
}

/** An end and a beginning may share an address: what comes last there counts. */
function sortRows(rows: LineEntry[]): LineEntry[] {
  const order = rows.map((row, index) => ({ row, index }));
  order.sort((a, b) => {
    if (a.row.address !== b.row.address) return a.row.address < b.row.address ? -1 : 1;
    const ends = Number(b.row.line === 0) - Number(a.row.line === 0);
    return ends !== 0 ? ends : a.index - b.index;
  });
  return order.map(({ row }) => row);
}

/** Names of files by the numbers that entries of the unit know them by. */
export function readFiles(unit: Unit): readonly string[] {
  const at = rootOf(unit)?.attributes.get(attributes.lines);
  return at === undefined ? [] : readHeader(unit, Number(at.number)).files;
}
