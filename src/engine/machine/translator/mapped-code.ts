/** Code as a hart would fetch it now, by its inline TLB alone: looking leaves no trace. */
import type { Instruction } from '../../isa/instruction.ts';
import { type Decoded, decode, effectOperands, type Operands } from '../../isa/instructions.ts';
import { addendAt, slotOffset } from '../emit-probe.ts';
import { at, type Hart } from '../hart.ts';
import { hartAt, pageBytes } from '../layout.ts';
import type { CodeView } from './blocks.ts';
import { plainCsr } from './plain-csrs.ts';
import { lowWord, pageOf } from './region-plan.ts';

/** Most words come again and again. */
export class Decoder {
  private readonly known = new Map<number, Decoded | undefined>();

  decode(word: number): Decoded | undefined {
    if (this.known.has(word)) return this.known.get(word);
    const decoded = decode(word);
    const bound = decoded && { row: decoded.row, operands: effectOperands(decoded) };
    if (this.known.size >= mostKnown) this.known.clear();
    this.known.set(word, bound);
    return bound;
  }
}

const mostKnown = 20_000;

/** Addends of the page at the base and of its neighbours, by their number from there; where they are mapped. */
export function addendsAround(hart: Hart, base: bigint, addend: number): ReadonlyMap<number, number> {
  const addends = new Map<number, number>([[0, addend]]);
  for (const page of [-1, 1]) {
    const found = inlineAddend(hart, base + BigInt(page * pageBytes));
    if (found !== undefined) addends.set(page, found);
  }
  return addends;
}

export function mappedCode(
  bytes: Uint8Array,
  base: bigint,
  addends: ReadonlyMap<number, number>,
  mode: number,
  decoder: Decoder,
): CodeView {
  const low = lowWord(base);
  return {
    base,
    parcel: (place) => {
      const addend = addends.get(pageOf(place));
      if (addend === undefined) return undefined;
      const host = (addend + low + place) >>> 0;
      return (bytes[host] ?? 0) | ((bytes[host + 1] ?? 0) << 8);
    },
    decode: (word) => decoder.decode(word),
    translates: (row, operands) => translates(row, operands, mode),
  };
}

function inlineAddend(hart: Hart, page: bigint): number | undefined {
  const low = lowWord(page);
  const entry = slotOffset(hartAt.inlineFetch, low);
  const [tagLow, tagHigh] = hart.pair(entry);
  const high = Number(BigInt.asUintN(32, page >> 32n));
  const matches = tagLow === (low | hart.get(at.fetchRegime)) >>> 0 && tagHigh === high;
  return matches ? hart.get(entry + addendAt) | 0 : undefined;
}

function translates({ effect }: Instruction, operands: Operands, mode: number): boolean {
  switch (effect.does?.kind) {
    case undefined:
    case 'amo':
    case 'lr':
    case 'sc':
    case 'fence':
    case 'marker':
      return true;
    case 'csr':
      return plainCsr(operands.csr ?? 0, mode) !== undefined;
    default:
      return false;
  }
}
