/** Code as a hart would fetch it now, by its inline TLB alone: looking leaves no trace. */
import type { Instruction } from '../../isa/instruction.ts';
import type { Operands } from '../../isa/instructions.ts';
import { addendAt, slotOffset } from '../emit-probe.ts';
import { at, type Hart } from '../hart.ts';
import { hartAt, pageBytes } from '../layout.ts';
import type { CodeView } from './blocks.ts';
import { plainCsr } from './plain-csrs.ts';
import { pageOf } from './region.ts';

/** Low word of an address. */
export const pageOfAddress = (address: bigint): number => Number(BigInt.asUintN(32, address));

export interface MappedCode extends CodeView {
  /** Addends of the pages that were looked at and are mapped, by their number from the base on. */
  readonly addends: ReadonlyMap<number, number>;
}

export function mappedCode(hart: Hart, bytes: Uint8Array, base: bigint, addend: number, mode: number): MappedCode {
  const addends = new Map<number, number>([[0, addend]]);
  const absent = new Set<number>();
  const find = (page: number): number | undefined => {
    const known = addends.get(page);
    if (known !== undefined || absent.has(page)) return known;
    const found = inlineAddend(hart, base + BigInt(page * pageBytes));
    if (found === undefined) absent.add(page);
    else addends.set(page, found);
    return found;
  };
  const low = pageOfAddress(base);
  return {
    base,
    addends,
    parcel: (place) => {
      const found = find(pageOf(place));
      if (found === undefined) return undefined;
      const host = (found + low + place) >>> 0;
      return (bytes[host] ?? 0) | ((bytes[host + 1] ?? 0) << 8);
    },
    translates: (row, operands) => translates(row, operands, mode),
  };
}

function inlineAddend(hart: Hart, page: bigint): number | undefined {
  const low = pageOfAddress(page);
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
      return true;
    case 'csr':
      return plainCsr(operands.csr ?? 0, mode) !== undefined;
    default:
      return false;
  }
}
