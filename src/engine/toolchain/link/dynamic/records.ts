/** Records of the dynamic tables as bytes. */
import {
  dynamicEntry,
  type Fields,
  type Layout,
  relocationEntry,
  sizeOf,
  symbolEntry,
  writeRecord,
} from '../../elf-format.ts';

function table<const L extends Layout>(layout: L, records: readonly Fields<L>[]): Uint8Array {
  const size = sizeOf(layout);
  const bytes = new Uint8Array(size * records.length);
  const view = new DataView(bytes.buffer);
  for (const [index, record] of records.entries()) writeRecord(view, index * size, layout, record);
  return bytes;
}

export const symbolBytes = (records: readonly Fields<typeof symbolEntry>[]): Uint8Array => table(symbolEntry, records);
export const relocationBytes = (records: readonly Fields<typeof relocationEntry>[]): Uint8Array =>
  table(relocationEntry, records);
export const dynamicBytes = (records: readonly Fields<typeof dynamicEntry>[]): Uint8Array =>
  table(dynamicEntry, records);

export function wordBytes(words: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * words.length);
  const view = new DataView(bytes.buffer);
  for (const [index, word] of words.entries()) view.setUint32(4 * index, word, true);
  return bytes;
}

export function addressBytes(values: readonly bigint[]): Uint8Array {
  const bytes = new Uint8Array(8 * values.length);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of values.entries()) view.setBigUint64(8 * index, BigInt.asUintN(64, value), true);
  return bytes;
}
