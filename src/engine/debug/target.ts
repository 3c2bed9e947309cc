/** The stopped program, as far as it can be looked at. */

/** Bytes at a virtual address; undefined where they cannot all be read. */
export type ReadMemory = (address: bigint, size: number) => Uint8Array | undefined;

/** By the psABI's DWARF numbers: 0–31 integer, 32–63 floating; undefined where a caller's value is lost. */
export type Registers = readonly (bigint | undefined)[];

export function readUnsigned(read: ReadMemory, address: bigint, size: number): bigint | undefined {
  const bytes = read(BigInt.asUintN(64, address), size);
  if (bytes === undefined || bytes.length < size) return undefined;
  return integerOf(bytes);
}

/** Little-endian. */
export function integerOf(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let index = bytes.length - 1; index >= 0; index--) value = (value << 8n) | BigInt(bytes[index] ?? 0);
  return value;
}

export const bytesOf = (value: bigint, size: number): Uint8Array =>
  Uint8Array.from({ length: size }, (_, index) => Number((value >> BigInt(8 * index)) & 0xffn));
