/** What lies in a virtqueue: chains of descriptors, and how far driver and device have come with them. */
import type { Descriptor, Virtqueue } from '../../engine/inspection.ts';

export const descriptorFlag = { next: 1, write: 2, indirect: 4 } as const;

export interface Link {
  readonly index: number;
  readonly descriptor: Descriptor;
}

export interface Chain {
  readonly head: number;
  readonly links: readonly Link[];
  /** It names a descriptor that there is none of, or comes back to itself. */
  readonly broken: boolean;
}

export function chainFrom({ descriptors }: Pick<Virtqueue, 'descriptors'>, head: number): Chain {
  const links: Link[] = [];
  const seen = new Set<number>();
  for (let index = head; ; ) {
    const descriptor = descriptors[index];
    if (descriptor === undefined || seen.has(index)) return { head, links, broken: true };
    seen.add(index);
    links.push({ index, descriptor });
    if ((descriptor.flags & descriptorFlag.next) === 0) return { head, links, broken: false };
    index = descriptor.next;
  }
}

/** `offered`: the device has not looked at it; `taken`: it works on it; `done`: it gave it back. */
export type EntryState = 'offered' | 'taken' | 'done';

export interface RingEntry {
  /** Free-running, modulo 2¹⁶. */
  readonly index: number;
  readonly slot: number;
  readonly head: number;
  readonly state: EntryState;
  /** Of the used ring: bytes that the device wrote. */
  readonly written: number | undefined;
}

const mod16 = (value: number): number => value & 0xffff;

/** The newest entries of the driver's ring, oldest first; those before the ring was ever full are none. */
export function availableEntries(queue: Virtqueue, most: number): RingEntry[] {
  const { size, availableIndex, availableRing, nextAvailable, nextUsed } = queue;
  const waiting = mod16(availableIndex - nextAvailable);
  const held = mod16(availableIndex - nextUsed);
  return newest(availableIndex, Math.min(size, most), availableRing.length > 0).map((index) => {
    const age = mod16(availableIndex - index);
    const slot = index % size;
    const state: EntryState = age <= waiting ? 'offered' : age <= held ? 'taken' : 'done';
    return { index, slot, head: availableRing[slot] ?? 0, state, written: undefined };
  });
}

export function usedEntries({ size, usedIndex, usedRing }: Virtqueue, most: number): RingEntry[] {
  return newest(usedIndex, Math.min(size, most), usedRing.length > 0).map((index) => {
    const slot = index % size;
    const { id, length } = usedRing[slot] ?? { id: 0, length: 0 };
    return { index, slot, head: id, state: 'done', written: length };
  });
}

/** Before so many entries were made there are fewer; a ring that has gone round says nothing about that. */
function newest(end: number, most: number, readable: boolean): number[] {
  if (!readable) return [];
  const count = Math.min(most, end);
  return Array.from({ length: count }, (_, index) => mod16(end - count + index));
}

/** A chain in a sentence. */
export function chainText({ head, links, broken }: Chain, state: EntryState): string {
  const says = { offered: 'waits for the device', taken: 'is with the device', done: 'is done' }[state];
  const parts = links.map(({ descriptor: { address, length, flags } }) => {
    const what =
      flags & descriptorFlag.indirect
        ? 'of a table of descriptors'
        : flags & descriptorFlag.write
          ? 'to write'
          : 'to read';
    return `${length.toLocaleString('en')} ${length === 1 ? 'byte' : 'bytes'} ${what} at 0x${address.toString(16)}`;
  });
  return `The chain at ${head} ${says}: ${parts.join(', then ')}${broken ? '; then it leads nowhere' : ''}.`;
}
