/** A page-table entry as the specification lays it out, and addresses in their parts. Privileged Spec 20240411 §12.4. */

export const pageBits = 12;
export const indexBits = 9;

export interface Flag {
  readonly letter: string;
  readonly set: boolean;
  readonly meaning: string;
}

export const bit = { V: 1, R: 2, W: 4, X: 8, U: 16, G: 32, A: 64, D: 128 } as const;

const flagMeanings = [
  ['D', 'dirty: written since the bit was cleared'],
  ['A', 'accessed: used since the bit was cleared'],
  ['G', 'global: in every address space'],
  ['U', 'for U-mode'],
  ['X', 'may be executed'],
  ['W', 'may be written'],
  ['R', 'may be read'],
  ['V', 'valid'],
] as const;

/** From the highest bit to the lowest. */
export const flagsOf = (entry: bigint): Flag[] =>
  flagMeanings.map(([letter, meaning]) => ({ letter, meaning, set: (Number(entry & 0xffn) & bit[letter]) !== 0 }));

/** `DA·UXWRV`, with a dot for what is clear. */
export const flagLetters = (flags: number): string =>
  flagsOf(BigInt(flags))
    .map(({ letter, set }) => (set ? letter : '·'))
    .join('');

export const ppnOf = (entry: bigint): bigint => (entry >> 10n) & ((1n << 44n) - 1n);
export const targetOf = (entry: bigint): bigint => ppnOf(entry) << BigInt(pageBits);
export const isValid = (entry: bigint): boolean => (Number(entry & 1n) & bit.V) !== 0;
export const isPointer = (entry: bigint): boolean => (Number(entry & 0xffn) & (bit.R | bit.W | bit.X)) === 0;

export const leafBits = (level: number): number => pageBits + indexBits * level;
export const leafBytes = (level: number): bigint => 1n << BigInt(leafBits(level));
export const leafNames = ['4 KiB page', '2 MiB superpage', '1 GiB superpage', '512 GiB superpage'] as const;

export interface AddressField {
  readonly name: string;
  readonly high: number;
  readonly low: number;
  readonly value: bigint;
}

/** Indices of nine bits, and the offset in the page. The root table of a host is four times as large: `wide`. */
export function addressFields(va: bigint, root = 2, wide = false): AddressField[] {
  const field = (name: string, high: number, low: number): AddressField => ({
    name,
    high,
    low,
    value: (va >> BigInt(low)) & ((1n << BigInt(high - low + 1)) - 1n),
  });
  const indices = Array.from({ length: root + 1 }, (_, at) => root - at).map((level) => {
    const low = leafBits(level);
    return field(`VPN[${level}]`, low + (wide && level === root ? 10 : 8), low);
  });
  return [...indices, field('offset', pageBits - 1, 0)];
}

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** `12 KiB`, `2 MiB`. */
export function sizeText(bytes: bigint): string {
  let unit = 0;
  let rest = Number(bytes);
  while (rest >= 1024 && unit < units.length - 1) {
    rest /= 1024;
    unit++;
  }
  return `${Number.isInteger(rest) ? rest : rest.toFixed(1)} ${units[unit]}`;
}
