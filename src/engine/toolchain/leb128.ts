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
