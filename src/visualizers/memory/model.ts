/** Memory as it is asked for, a chunk at a time, beside what it held at the stop before. */
import type { MemorySpace } from '../../engine/inspection.ts';

/** What is said of a row that cannot be read. */
export const absentTexts: Readonly<Record<MemorySpace, string>> = {
  virtual: 'not mapped to RAM',
  'guest-virtual': 'not mapped by the guest',
  'guest-physical': 'no memory of the guest’s',
  physical: 'no RAM',
};

export type Bytes = readonly (number | undefined)[];

/** Bytes of a question: aligned, so that scrolling asks nothing twice. */
export const chunkBytes = 256;

const wrap = (address: bigint): bigint => BigInt.asUintN(64, address);
export const chunkOf = (address: bigint): bigint => address - (address % BigInt(chunkBytes));

/** The chunks that a range touches. The address space is a ring. */
export function chunksFor(start: bigint, bytes: number): bigint[] {
  const first = chunkOf(wrap(start));
  const count = Math.ceil((Number(wrap(start) - first) + bytes) / chunkBytes);
  return Array.from({ length: count }, (_, index) => wrap(first + BigInt(index * chunkBytes)));
}

export interface ByteCell {
  readonly address: bigint;
  /** Undefined where none can be read. */
  readonly value: number | undefined;
  readonly old: number | undefined;
  readonly changed: boolean;
}

export interface Row {
  readonly address: bigint;
  readonly cells: readonly ByteCell[];
  /** Names that begin in this row. */
  readonly labels: readonly string[];
  /** Nothing of it can be read. */
  readonly absent: boolean;
  /** Its answer has not come yet. */
  readonly pending: boolean;
}

export interface ChunkPair {
  readonly now: Bytes | undefined;
  readonly before: Bytes | undefined;
}

export function rowAt(
  start: bigint,
  bytes: number,
  chunk: (address: bigint) => ChunkPair,
  symbolize: (address: bigint) => string,
): Row {
  const address = wrap(start);
  let pending = false;
  const cells = Array.from({ length: bytes }, (_, index): ByteCell => {
    const at = wrap(address + BigInt(index));
    const { now, before } = chunk(chunkOf(at));
    const offset = Number(at % BigInt(chunkBytes));
    pending ||= now === undefined;
    const [value, old] = [now?.[offset], before?.[offset]];
    return { address: at, value, old, changed: now !== undefined && before !== undefined && value !== old };
  });
  const absent = !pending && cells.every(({ value }) => value === undefined);
  return { address, cells, labels: labelsIn(address, bytes, symbolize), absent, pending };
}

/** Names of what begins within a range, found from its end. */
export function labelsIn(start: bigint, bytes: number, symbolize: (address: bigint) => string): string[] {
  const labels: string[] = [];
  for (let at = start + BigInt(bytes) - 1n; at >= start; ) {
    const [name = '', offset = '0'] = symbolize(at).split('+');
    const begins = at - BigInt(offset);
    if (name.startsWith('0x') || begins < start) break;
    labels.unshift(name);
    at = begins - 1n;
  }
  return labels;
}

/** The word in which a byte lies, little-endian; undefined where a part of it cannot be read. */
export function wordAround(cells: readonly ByteCell[], address: bigint, bytes: number): bigint | undefined {
  const first = address - (address % BigInt(bytes));
  let word = 0n;
  for (let index = bytes - 1; index >= 0; index--) {
    const value = cells.find((cell) => cell.address === first + BigInt(index))?.value;
    if (value === undefined) return undefined;
    word = (word << 8n) | BigInt(value);
  }
  return word;
}

/** The name of what a word points to; undefined for what is hardly an address. */
export function pointee(word: bigint | undefined, symbolize: (address: bigint) => string): string | undefined {
  if (word === undefined || word === 0n) return undefined;
  const name = symbolize(word);
  return name.startsWith('0x') ? undefined : name;
}

export const textOf = (value: number | undefined): string =>
  value === undefined ? ' ' : value >= 0x20 && value < 0x7f ? String.fromCharCode(value) : '·';

/** By how many bytes a key moves the cursor. */
export function stride(key: string, perRow: number, rows: number): number | undefined {
  const moves: Readonly<Record<string, number>> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -perRow,
    ArrowDown: perRow,
    PageUp: -perRow * rows,
    PageDown: perRow * rows,
  };
  return moves[key];
}
