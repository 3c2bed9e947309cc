/** The two hash tables by which loaders look symbols up: System V ABI, "Hash Table", and GNU's with its Bloom filter. */

const encoder = new TextEncoder();

export function systemHash(name: string): number {
  let hash = 0;
  for (const byte of encoder.encode(name)) {
    hash = ((hash << 4) + byte) >>> 0;
    const high = hash & 0xf0000000;
    if (high !== 0) hash ^= high >>> 24;
    hash = (hash & ~high) >>> 0;
  }
  return hash;
}

export function gnuHash(name: string): number {
  let hash = 5381;
  for (const byte of encoder.encode(name)) hash = (Math.imul(hash, 33) + byte) >>> 0;
  return hash;
}

const bucketCount = (symbols: number): number => Math.max(1, Math.ceil(symbols / 2));

function words(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of values.entries()) view.setUint32(4 * index, value, true);
  return bytes;
}

/** `names` of all symbols, the empty one at index 0 included. */
export function systemHashTable(names: readonly string[]): Uint8Array {
  const count = bucketCount(names.length);
  const buckets = new Array<number>(count).fill(0);
  const chain = new Array<number>(names.length).fill(0);
  for (const [index, name] of names.entries()) {
    if (index === 0) continue;
    const bucket = systemHash(name) % count;
    chain[index] = buckets[bucket] ?? 0;
    buckets[bucket] = index;
  }
  return words([count, names.length, ...buckets, ...chain]);
}

/** Two bits of each hash, in a filter of 64-bit words. */
const filterShift = 6;

function filterOf(hashes: readonly number[]): number[] {
  const size = 2 ** Math.ceil(Math.log2(Math.max(1, hashes.length / 8)));
  const filter = new Array<number>(2 * size).fill(0);
  for (const hash of hashes) {
    const word = 2 * (Math.floor(hash / 64) % size);
    for (const bit of [hash % 64, (hash >>> filterShift) % 64]) {
      const at = word + (bit >> 5);
      filter[at] = ((filter[at] ?? 0) | (1 << (bit & 31))) >>> 0;
    }
  }
  return filter;
}

/** `names` of the symbols from index `first` on: those that are defined, sorted by their bucket. */
export function gnuHashTable(names: readonly string[], first: number): Uint8Array {
  const count = bucketCount(names.length);
  const hashes = names.map(gnuHash);
  const buckets = new Array<number>(count).fill(0);
  const filter = filterOf(hashes);
  const chain = hashes.map((hash, index) => {
    const bucket = hash % count;
    if (buckets[bucket] === 0) buckets[bucket] = first + index;
    const next = hashes[index + 1];
    const last = next === undefined || next % count !== bucket;
    return ((hash & ~1) | (last ? 1 : 0)) >>> 0;
  });
  return words([count, first, filter.length / 2, filterShift, ...filter, ...buckets, ...chain]);
}

/** The order that `gnuHashTable` wants. */
export function sortedByBucket(names: readonly string[]): string[] {
  const count = bucketCount(names.length);
  return [...names].sort((a, b) => (gnuHash(a) % count) - (gnuHash(b) % count));
}
