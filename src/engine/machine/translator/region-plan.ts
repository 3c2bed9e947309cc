/** What a region is made of, before it is emitted. */
import { lengthOf } from '../../isa/instructions.ts';
import { pageBytes } from '../layout.ts';
import type { Discovered } from './blocks.ts';
import type { CodeRange } from './code-pages.ts';

export interface RegionPlan extends Discovered {
  /** Virtual address that places count from: the beginning of a page. */
  readonly base: bigint;
  /** V included. */
  readonly mode: number;
  /** What to add to virtual addresses, by the number of the page from the base on. */
  readonly addends: ReadonlyMap<number, number>;
}

/** The page that a place is on, counted from the base. */
export const pageOf = (at: number): number => Math.floor(at / pageBytes);

/** Low word of an address. */
export const lowWord = (address: bigint): number => Number(BigInt.asUintN(32, address));

/** Instructions. */
export const sizeOf = ({ blocks }: RegionPlan): number =>
  blocks.reduce((sum, { instructions }) => sum + instructions.length, 0);

/** Whether the instruction at a virtual address is part of it, where its page is mapped so. */
export function holds({ blocks, base, addends }: RegionPlan, va: bigint, addend: number): boolean {
  const at = Number(BigInt.asIntN(64, va - base));
  if (addends.get(pageOf(at)) !== addend) return false;
  return blocks.some(({ instructions }) => instructions.some((instruction) => instruction.at === at));
}

/** Where the instructions lie in wasm memory, neighbours in one piece. */
export function rangesOf({ blocks, base, addends }: RegionPlan): CodeRange[] {
  const low = lowWord(base);
  const pieces = blocks
    .flatMap(({ instructions }) => instructions)
    .map(({ at, word }) => {
      const start = ((addends.get(pageOf(at)) ?? 0) + low + at) >>> 0;
      return { start, end: start + lengthOf(word) };
    })
    .sort((a, b) => a.start - b.start);
  const ranges: CodeRange[] = [];
  for (const piece of pieces) {
    const last = ranges.at(-1);
    if (last === undefined || piece.start > last.end) ranges.push(piece);
    else ranges[ranges.length - 1] = { start: last.start, end: Math.max(last.end, piece.end) };
  }
  return ranges;
}
