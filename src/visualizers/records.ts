/** Records of a batch, read in place: of millions of events that are only counted no object is made. */
import { type EventBatch, fieldOffsets, indexOfKind } from '../engine/events.ts';

export interface Records {
  readonly words: Uint32Array;
  /** The same memory. */
  readonly doubles: Float64Array;
}

export function recordsOf({ words }: EventBatch): Records {
  const aligned = words.byteOffset % 8 === 0 ? words : words.slice();
  const doubles = new Float64Array(aligned.buffer, aligned.byteOffset, aligned.length >> 1);
  return { words: aligned, doubles };
}

/** What ends a hart's stay in a mode, or in an address space, or its work: kinds, and where their fields lie. */
export const recordKinds = {
  trap: indexOfKind('trap'),
  return: indexOfKind('return'),
  csr: indexOfKind('csr'),
  wait: indexOfKind('wait'),
  marker: indexOfKind('marker'),
};
export const recordFields = {
  trap: fieldOffsets('trap'),
  return: fieldOffsets('return'),
  csr: fieldOffsets('csr'),
  wait: fieldOffsets('wait'),
  marker: fieldOffsets('marker'),
};

/** `at`: the record's first word, a multiple of `recordWords`. */
export const hartIn = ({ words }: Records, at: number): number => words[at + 1] ?? 0;
export const positionIn = ({ doubles }: Records, at: number): number => doubles[at / 2 + 1] ?? 0;
export const cycleIn = ({ doubles }: Records, at: number): number => doubles[at / 2 + 2] ?? 0;

/** A 64-bit field, low word first. */
export const wideAt = (words: Uint32Array, at: number): bigint =>
  (BigInt(words[at + 1] ?? 0) << 32n) | BigInt(words[at] ?? 0);
