/** LEB128 numbers, as debug information uses them. DWARF 5, §7.6. */

export function leb128Bytes(value: bigint, signed: boolean): number[] {
  const bytes: number[] = [];
  let rest = signed ? value : BigInt.asUintN(64, value);
  for (;;) {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    const done = signed ? rest === (low & 0x40 ? -1n : 0n) : rest === 0n;
    bytes.push(done ? low : low | 0x80);
    if (done) return bytes;
  }
}

export const leb128Size = (value: bigint, signed: boolean): number => leb128Bytes(value, signed).length;

const isLast = (byte: number | undefined): boolean => byte === undefined || (byte & 0x80) === 0;

/** Bytes that the number at `at` takes, at most ten. */
function lengthAt(bytes: Uint8Array, at: number): number {
  let length = 1;
  while (length < 10 && !isLast(bytes[at + length - 1])) length++;
  return length;
}

/** Replaces an unsigned number, and keeps its length: what follows must not move. */
export function replaceLeb128(
  bytes: Uint8Array,
  at: number,
  combine: (old: bigint) => bigint,
): { readonly kind: 'length' } | undefined {
  const length = lengthAt(bytes, at);
  let old = 0n;
  for (let index = 0; index < length; index++) {
    old |= BigInt((bytes[at + index] ?? 0) & 0x7f) << BigInt(7 * index);
  }
  const value = BigInt.asUintN(64, combine(old));
  if (value >> BigInt(7 * length) !== 0n) return { kind: 'length' };
  for (let index = 0; index < length; index++) {
    const more = index + 1 < length ? 0x80 : 0;
    bytes[at + index] = Number((value >> BigInt(7 * index)) & 0x7fn) | more;
  }
  return undefined;
}
