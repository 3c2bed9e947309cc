/**
 * Where traps come from: how often each address, for each row of the ledger. A table of fixed size: counts of the places
 * in it are exact, and of places that come when it is full only their number is known.
 */

const slots = 16_384;
/** Fuller, the table would be slow. */
const mostPlaces = 8_192;
const wordsEach = 3;

export interface Places {
  /** Of each slot: the row plus one (zero for a free slot) and the address, low word first. */
  readonly keys: Uint32Array;
  readonly counts: Float64Array;
  used: number;
}

export const emptyPlaces = (): Places => ({
  keys: new Uint32Array(slots * wordsEach),
  counts: new Float64Array(slots),
  used: 0,
});

export function countPlace(places: Places, row: number, low: number, high: number): void {
  const { keys, counts } = places;
  const tag = row + 1;
  for (let slot = hash(tag, low, high); ; slot = (slot + 1) % slots) {
    const at = slot * wordsEach;
    const found = keys[at] ?? 0;
    if (found === tag && keys[at + 1] === low && keys[at + 2] === high) {
      counts[slot] = (counts[slot] ?? 0) + 1;
      return;
    }
    if (found !== 0) continue;
    if (places.used === mostPlaces) return;
    places.used++;
    keys[at] = tag;
    keys[at + 1] = low;
    keys[at + 2] = high;
    counts[slot] = 1;
    return;
  }
}

function hash(tag: number, low: number, high: number): number {
  const mixed = Math.imul(low ^ Math.imul(high, 0x85eb_ca6b) ^ Math.imul(tag, 0xc2b2_ae35), 0x9e37_79b1);
  return (mixed ^ (mixed >>> 15)) & (slots - 1);
}

export interface Place {
  readonly address: bigint;
  readonly count: number;
}

/** The most frequent places of a row, and how many different ones are known. */
export function topPlaces(
  { keys, counts }: Places,
  row: number,
  most: number,
): { readonly top: readonly Place[]; readonly known: number } {
  const all: Place[] = [];
  for (let slot = 0; slot < slots; slot++) {
    const at = slot * wordsEach;
    if (keys[at] !== row + 1) continue;
    const address = (BigInt(keys[at + 2] ?? 0) << 32n) | BigInt(keys[at + 1] ?? 0);
    all.push({ address, count: counts[slot] ?? 0 });
  }
  all.sort((a, b) => b.count - a.count || (a.address < b.address ? -1 : 1));
  return { top: all.slice(0, most), known: all.length };
}
