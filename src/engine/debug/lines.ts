/** Lines of the source and addresses of the code. */
import type { Image, LineEntry } from '../image.ts';
import type { Range } from './lists.ts';
import { functionAt, lastBefore, type Program } from './program.ts';
import type { FunctionInfo } from './scopes.ts';

const addressOf = ({ address }: LineEntry): bigint => address;

/** The row that holds at `pc`: of the program's own tables, or of the line map that the assembler made. */
export function lineAt(program: Program, image: Image, pc: bigint): LineEntry | undefined {
  const unit = program.unitAt(pc);
  const row = lastBefore(unit === undefined ? image.lines : program.linesOf(unit), pc, addressOf);
  return row !== undefined && row.line > 0 ? row : undefined;
}

/** The same file, as whoever asks may know it by fewer folders. */
const isFile = (name: string, wanted: string): boolean =>
  name === wanted || name.endsWith(`/${wanted}`) || wanted.endsWith(`/${name}`);

export const isStop = ({ line, statement }: LineEntry): boolean => line > 0 && statement !== false;

function rowsOfFile(program: Program, image: Image, file: string): LineEntry[] {
  if (program.units.length === 0) return image.lines.filter((row) => isStop(row) && isFile(row.file, file));
  return program.units.flatMap((unit) => {
    if (!program.filesOf(unit).some((name) => isFile(name, file))) return [];
    return program.linesOf(unit).filter((row) => isStop(row) && isFile(row.file, file));
  });
}

/** Where statements of the line begin, once for each place that it was put to. */
export function addressesOf(program: Program, image: Image, file: string, line: number): bigint[] {
  const rows = rowsOfFile(program, image, file).filter((row) => row.line === line);
  const columns = Math.min(...rows.map(({ column = 0 }) => column));
  const first = rows.filter(({ column = 0 }) => column === columns);
  return [...new Set(first.map(addressOf))].sort((a, b) => (a < b ? -1 : 1));
}

/** The first line from this one on that has code: where a breakpoint there goes. */
export function breakableLine(program: Program, image: Image, file: string, line: number): number | undefined {
  const lines = rowsOfFile(program, image, file).map((row) => row.line);
  const found = Math.min(...lines.filter((each) => each >= line));
  return Number.isFinite(found) ? found : undefined;
}

/** Where a breakpoint on a function goes: behind its prologue. */
export function bodyOf(program: Program, info: FunctionInfo): bigint | undefined {
  const [range] = info.ranges;
  if (range === undefined) return undefined;
  const rows = program.linesOf(info.entry.unit).filter(({ address }) => address >= range.from && address < range.to);
  // GCC marks no end: there, it is where the second row begins.
  return (rows.find(({ prologueEnd }) => prologueEnd === true) ?? rows[1])?.address ?? range.from;
}

/** All code of the line at `pc`, within its function. */
export function lineRanges(program: Program, image: Image, pc: bigint): Range[] {
  const here = lineAt(program, image, pc);
  const unit = program.unitAt(pc);
  const rows = unit === undefined ? image.lines : program.linesOf(unit);
  const within = functionAt(program, pc)?.ranges;
  return rows.flatMap((row, index): Range[] => {
    const to = rows[index + 1]?.address;
    if (here === undefined || row.line !== here.line || row.file !== here.file || to === undefined) return [];
    const inside = within === undefined || within.some((range) => row.address >= range.from && row.address < range.to);
    return inside && to > row.address ? [{ from: row.address, to }] : [];
  });
}
