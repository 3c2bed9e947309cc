/** What the compilers did, as text. */
import type { CodeResult } from './code.ts';
import type { CompilingResult } from './compiling.ts';
import type { GuestCompiler } from './guests.ts';
import { align, figure } from './table.ts';

const others: readonly GuestCompiler[] = ['gcc -O0', 'gcc -O1', 'gcc -O2'];

/** Fewer instructions than GCC's make a ratio below 1. */
function codeRow({ name, of, instructions }: CodeResult): string[] {
  const ours = instructions.get('ours');
  const counts = others.map((each) => instructions.get(each));
  const ratios = counts.map((count) => (ours === undefined || count === undefined ? undefined : ours / count));
  return [name, `instructions/${of}`, figure(ours), ...counts.map(figure), ...ratios.map(figure)];
}

const codeHead = ['code', 'unit', 'ours', ...others, ...others.map((each) => `of ${each.slice(4)}`)];

const compilingHead = ['compiling', 'unit', 'files', 'lines', 'cold', 'warm', 'warm per 1,000 lines'];

const compilingRow = ({ name, files, lines, cold, warm }: CompilingResult): string[] => [
  name,
  'ms',
  String(files),
  String(lines),
  figure(cold),
  figure(warm),
  figure((1000 * warm) / lines),
];

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  rows.length === 0 ? '' : `\n${align([head, ...rows])}`;

export const formatCode = (code: readonly CodeResult[], compiling: readonly CompilingResult[]): string =>
  table(codeHead, code.map(codeRow)) + table(compilingHead, compiling.map(compilingRow));

/** The same for programs: maps become objects. */
export const codeAsData = (code: readonly CodeResult[]): unknown =>
  code.map((each) => ({ ...each, instructions: Object.fromEntries(each.instructions) }));
