/** Where a virtqueue is drawn: the driver's ring on the left, descriptors in the middle, the device's ring on the right. */
import type { Virtqueue } from '../../engine/inspection.ts';
import {
  availableEntries,
  type Chain,
  chainFrom,
  descriptorFlag,
  type EntryState,
  type Link,
  type RingEntry,
  usedEntries,
} from './chains.ts';

export const rowHeight = 24;
export const columns = { available: 0, table: 116, used: 392, width: 476 } as const;
export const widths = { available: 76, table: 236, used: 84 } as const;
const headHeight = 24;
const mostEntries = 6;
const mostDescriptors = 24;

export interface DrawnEntry extends RingEntry {
  readonly y: number;
}

export interface DrawnDescriptor extends Link {
  readonly y: number;
  readonly state: EntryState;
  readonly writes: boolean;
}

export interface Wire {
  readonly key: string;
  readonly path: string;
  readonly state: EntryState;
}

export interface QueueLayout {
  readonly height: number;
  readonly available: readonly DrawnEntry[];
  readonly descriptors: readonly DrawnDescriptor[];
  readonly used: readonly DrawnEntry[];
  readonly wires: readonly Wire[];
  readonly chains: readonly { readonly chain: Chain; readonly state: EntryState }[];
  /** Descriptors of the table that are part of none of these chains. */
  readonly others: number;
}

const rowAt = (row: number): number => headHeight + row * rowHeight;
const middle = (y: number): number => y + rowHeight / 2;

export function layoutQueue(queue: Virtqueue): QueueLayout {
  const available = availableEntries(queue, mostEntries).map((entry, row) => ({ ...entry, y: rowAt(row) }));
  const used = usedEntries(queue, mostEntries).map((entry, row) => ({ ...entry, y: rowAt(row) }));
  const chains = chainsOf(queue, [...used, ...available]);
  const descriptors = drawn(chains);
  const rows = Math.max(1, available.length, descriptors.length, used.length);
  const wires = [
    ...ringWires(available, descriptors, 'left'),
    ...ringWires(used, descriptors, 'right'),
    ...nextWires(descriptors),
  ];
  const others = Math.max(0, queue.size - descriptors.length);
  return { height: rowAt(rows) + 4, available, descriptors, used, wires, chains, others };
}

/** What the newest entry about a head says of it holds. */
function chainsOf(queue: Virtqueue, entries: readonly RingEntry[]): QueueLayout['chains'] {
  const states = new Map<number, EntryState>();
  for (const { head, state } of entries) states.set(head, state);
  return [...states].map(([head, state]) => ({ chain: chainFrom(queue, head), state }));
}

function drawn(chains: QueueLayout['chains']): DrawnDescriptor[] {
  const taken = new Set<number>();
  const links = chains.flatMap(({ chain, state }) =>
    chain.links.flatMap((link) => {
      if (taken.has(link.index)) return [];
      taken.add(link.index);
      return [{ ...link, state, writes: (link.descriptor.flags & descriptorFlag.write) !== 0 }];
    }),
  );
  return links.slice(0, mostDescriptors).map((link, row) => ({ ...link, y: rowAt(row) }));
}

function ringWires(
  entries: readonly DrawnEntry[],
  descriptors: readonly DrawnDescriptor[],
  side: 'left' | 'right',
): Wire[] {
  const [from, to] =
    side === 'left'
      ? [columns.available + widths.available, columns.table]
      : [columns.used, columns.table + widths.table];
  const bend = (to - from) / 2;
  return entries.flatMap(({ index, head, y, state }) => {
    const target = descriptors.find((each) => each.index === head);
    if (target === undefined) return [];
    const path = `M${from},${middle(y)}h${bend / 2}L${to - bend / 2},${middle(target.y)}H${to}`;
    return [{ key: `${side} ${index}`, path, state }];
  });
}

/** Along the table's left edge from a descriptor to the next of its chain. */
function nextWires(descriptors: readonly DrawnDescriptor[]): Wire[] {
  return descriptors.flatMap(({ index, descriptor, y, state }) => {
    const next = descriptors.find((each) => each.index === descriptor.next);
    if ((descriptor.flags & descriptorFlag.next) === 0 || next === undefined) return [];
    const x = columns.table + 8;
    return [{ key: `next ${index}`, path: `M${x},${middle(y) + 7}V${middle(next.y) - 7}m-3,-4l3,4l3,-4`, state }];
  });
}
