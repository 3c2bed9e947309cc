/**
 * Where the parts of a random guest lie in RAM, and its page tables. Every page is mapped where it lies; the code can
 * also be reached at `alias`, and second spaces hold copies in its place whose patchable instructions are others.
 */
import type { Image } from '../../../src/engine/image.ts';
import { ramBase } from '../program.ts';

export const ramBytes = 2 ** 17;
const pageBytes = 4096;
const page = (index: number): number => ramBase + index * pageBytes;

export const places = {
  frame: page(0),
  /** Two pages of code, each with a copy. */
  code: page(1),
  copy: page(3),
  /** Two pages of data, then one that is not mapped. */
  data: page(5),
  unmapped: page(7),
  spaces: [
    { root: page(8), middle: page(9), leaf: page(10) },
    { root: page(11), middle: page(12), leaf: page(13) },
  ],
  rings: page(14),
  guests: [
    { root: page(16), middle: page(24), leaf: page(25) },
    { root: page(20), middle: page(26), leaf: page(27) },
  ],
} as const;

export const codePages = 2;
/** Added to an address of code to reach it by its other mapping. */
export const alias = -0x4000_0000;

export const flags = { V: 1, R: 2, W: 4, X: 8, U: 16, A: 64, D: 128 } as const;
const { V, R, W, X, U, A, D } = flags;

const entry = (physical: number, bits: number): bigint => (BigInt(physical / pageBytes) << 10n) | BigInt(bits);
const sv39 = 8n << 60n;
const pageNumber = (physical: number): bigint => BigInt(physical / pageBytes);

export const satps = places.spaces.map(({ root }, index) => sv39 | (BigInt(index + 1) << 44n) | pageNumber(root));
export const hgatps = places.guests.map(({ root }, index) => sv39 | (BigInt(index + 1) << 44n) | pageNumber(root));

/** What makes one entry of a pair out of the other. */
export const flip = (pair: readonly bigint[]): bigint => (pair[0] ?? 0n) ^ (pair[1] ?? 0n);
/** The same for the leaf entry of a code page and that of its copy. */
export const copyFlip = (index: number): bigint =>
  entry(places.code + index * pageBytes, 0) ^ entry(places.copy + index * pageBytes, 0);

/** Address of the leaf entry for a page of code, of a space or of a guest. */
export const leafEntry = ({ leaf }: { readonly leaf: number }, index: number): number =>
  leaf + 8 * ((places.code - ramBase) / pageBytes + index);

export interface Tables {
  /** The random code runs in U- or VU-mode. */
  readonly user: boolean;
  /** Entries begin without A and D. */
  readonly fresh: boolean;
}

type Entries = readonly (readonly [address: number, value: bigint])[];

function leaves(leaf: number, codeAt: number, bits: (physical: number) => number): Entries {
  return Array.from({ length: ramBytes / pageBytes }, (_, index) => {
    const physical = page(index);
    const code = physical >= places.code && physical < places.code + codePages * pageBytes;
    const target = code ? physical - places.code + codeAt : physical;
    return [leaf + 8 * index, physical === places.unmapped ? 0n : entry(target, bits(physical))] as const;
  });
}

function space(index: 0 | 1, { user, fresh }: Tables): Entries {
  const { root, middle, leaf } = places.spaces[index];
  const used = fresh ? 0 : A | D;
  const bits = (physical: number): number =>
    V | R | W | used | (physical < places.data ? X : 0) | (user && physical !== places.frame ? U : 0);
  return [
    [root, entry(0, V | R | W | A | D | (user ? U : 0))],
    [root + 8, entry(middle, V)],
    [root + 16, entry(middle, V)],
    [middle, entry(leaf, V)],
    ...leaves(leaf, index === 0 ? places.code : places.copy, bits),
  ];
}

function guest(index: 0 | 1, { fresh }: Tables): Entries {
  const { root, middle, leaf } = places.guests[index];
  return [
    [root, entry(0, V | R | W | U | A | D)],
    [root + 16, entry(middle, V)],
    [middle, entry(leaf, V)],
    ...leaves(leaf, index === 0 ? places.code : places.copy, () => V | R | W | X | U | (fresh ? 0 : A | D)),
  ];
}

export const segmentOf = (physical: number, bytes: Uint8Array): Image['segments'][number] => ({
  physical,
  virtual: BigInt(physical),
  bytes,
  size: bytes.length,
  writable: true,
  executable: true,
});

export function tableSegments(tables: Tables): Image['segments'] {
  const all = [...space(0, tables), ...space(1, tables), ...guest(0, tables), ...guest(1, tables)];
  return all.map(([address, value]) => segmentOf(address, new Uint8Array(BigUint64Array.of(value).buffer)));
}
