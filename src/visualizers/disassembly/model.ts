/** Code in lines: instructions, with labels and source lines between them. */
import type { DisassembledRow, SourceLine } from '../../engine/inspection.ts';
import { describeInstruction } from '../../engine/isa/describe.ts';
import { decode, effectOperands } from '../../engine/isa/instructions.ts';

export type Line =
  | { readonly kind: 'label'; readonly key: string; readonly name: string }
  | { readonly kind: 'source'; readonly key: string; readonly place: SourceLine }
  | { readonly kind: 'instruction'; readonly key: string; readonly row: DisassembledRow; readonly startsLine: boolean };

/** Labels stand above what they name; source lines stand above their instructions, if they are not shown beside. */
export function linesOf(rows: readonly DisassembledRow[], sourceAbove: boolean): Line[] {
  let last: SourceLine | undefined;
  return rows.flatMap((row): Line[] => {
    const { address, symbol, place } = row;
    const startsLine = place !== undefined && (place.line !== last?.line || place.file !== last.file);
    last = place;
    const key = address.toString(16);
    const label: Line[] =
      symbol === undefined || symbol.includes('+') ? [] : [{ kind: 'label', key: `${key} label`, name: symbol }];
    const source: Line[] =
      startsLine && sourceAbove && !isAssembly(place.file) ? [{ kind: 'source', key: `${key} source`, place }] : [];
    return [...label, ...source, { kind: 'instruction', key, row, startsLine }];
  });
}

/** Its source says about the same as the disassembly. */
export const isAssembly = (file: string): boolean => /\.(s|inc)$/i.test(file);

/** Where a branch or a jump leads, if the instruction says it. */
export function targetOf({ address, word }: DisassembledRow): bigint | undefined {
  const decoded = decode(word);
  if (decoded === undefined || !decoded.row.operands.includes('target')) return undefined;
  return BigInt.asUintN(64, address + BigInt(effectOperands(decoded).imm ?? 0));
}

/** What its mnemonic means. */
export const summaryOf = ({ text }: DisassembledRow): string | undefined =>
  describeInstruction(text.split(' ')[0] ?? '')?.summary;

export const wordText = ({ word, size }: DisassembledRow): string => word.toString(16).padStart(2 * size, '0');

/** Keeps the window where it is as long as the instruction stays well inside of it. */
export function anchorFor(pc: bigint, rows: readonly DisassembledRow[], anchor: bigint, margin: number): bigint {
  const index = rows.findIndex(({ address }) => address === pc);
  return index >= margin && index < rows.length - margin ? anchor : pc;
}
