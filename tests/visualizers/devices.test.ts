import { describe, expect, it } from 'vitest';
import type { Virtqueue } from '../../src/engine/inspection.ts';
import { availableEntries, chainFrom, chainText, usedEntries } from '../../src/visualizers/devices/chains.ts';
import {
  accessesOf,
  accessText,
  changedRegisters,
  emptyDevices,
  updateDevices,
} from '../../src/visualizers/devices/model.ts';
import { layoutQueue } from '../../src/visualizers/devices/queue-layout.ts';
import { batchOf } from './batches.ts';

const descriptor = (flags: number, next = 0, length = 16) => ({ address: 0x8000_0000, length, flags, next });

/** Two chains, 0 → 1 and 2 alone; the first is done, the second waits. */
const queue: Virtqueue = {
  index: 0,
  size: 4,
  ready: true,
  table: 0,
  available: 0,
  used: 0,
  nextAvailable: 1,
  nextUsed: 1,
  descriptors: [descriptor(1, 1), descriptor(2, 0, 512), descriptor(0), descriptor(1, 9)],
  availableIndex: 2,
  availableRing: [0, 2, 0, 0],
  usedIndex: 1,
  usedRing: [{ id: 0, length: 512 }, ...Array.from({ length: 3 }, () => ({ id: 0, length: 0 }))],
};

describe('a virtqueue', () => {
  it.each([
    [0, [0, 1], false],
    [2, [2], false],
    [3, [3], true],
    [7, [], true],
  ])('follows the chain at %i', (head, indices, broken) => {
    const chain = chainFrom(queue, head);
    expect([chain.links.map(({ index }) => index), chain.broken]).toEqual([indices, broken]);
  });

  it('does not go round in a chain that bites its tail', () => {
    const loop = { descriptors: [descriptor(1, 1), descriptor(1, 0)] };
    expect(chainFrom(loop, 0)).toMatchObject({ broken: true, links: [{ index: 0 }, { index: 1 }] });
  });

  it('tells what waits, what the device has, and what is done', () => {
    const states = (rest: Partial<Virtqueue>) =>
      availableEntries({ ...queue, ...rest }, 4).map(({ head, state }) => [head, state]);
    expect(states({})).toEqual([
      [0, 'done'],
      [2, 'offered'],
    ]);
    expect(states({ nextAvailable: 2 })).toEqual([
      [0, 'done'],
      [2, 'taken'],
    ]);
    expect(usedEntries(queue, 4).map(({ head, written }) => [head, written])).toEqual([[0, 512]]);
  });

  it('goes on over the end of the ring and of 16 bits', () => {
    const entries = availableEntries({ ...queue, availableIndex: 65535, nextAvailable: 65535, nextUsed: 65535 }, 2);
    expect(entries.map(({ index, slot, state }) => [index, slot, state])).toEqual([
      [65533, 1, 'done'],
      [65534, 2, 'done'],
    ]);
  });

  it('says each chain in a sentence', () => {
    expect(chainText(chainFrom(queue, 0), 'done')).toBe(
      'The chain at 0 is done: 16 bytes to read at 0x80000000, then 512 bytes to write at 0x80000000.',
    );
    expect(chainText(chainFrom(queue, 3), 'offered')).toMatch(/leads nowhere/);
  });

  it('draws descriptors in the order of their chains, wired to both rings', () => {
    const { descriptors, wires, others } = layoutQueue(queue);
    expect(descriptors.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(wires.map(({ key }) => key)).toEqual(['left 0', 'left 1', 'right 0', 'next 0']);
    expect(others).toBe(1);
  });

  it('draws rings that cannot be read as empty', () => {
    const { descriptors, wires } = layoutQueue({ ...queue, descriptors: [], availableRing: [], usedRing: [] });
    expect([descriptors, wires]).toEqual([[], []]);
  });
});

describe('devices', () => {
  it('counts accesses by register, and adds them up by device', () => {
    const access = (position: number, address: bigint, store: boolean) =>
      ({ kind: 'device', position, address, store }) as const;
    const model = updateDevices(
      emptyDevices(),
      batchOf([
        access(1, 0x1000_0000n, true),
        access(2, 0x1000_0005n, false),
        access(5, 0x200_bff8n, false),
        { kind: 'trap' },
      ]),
    );
    const uart = accessesOf(model, { base: 0x1000_0000, size: 0x100 });
    expect(uart).toEqual({ loads: 1, stores: 1, last: 2 });
    expect(accessText(uart)).toBe('1 load, 1 store');
  });

  it('calls changed what does not change by itself', () => {
    const device = (value: bigint) => ({
      ...{ name: 'clint', title: '', base: 0, size: 0, notes: [], sources: [], contexts: [], queues: [] },
      registers: ['msip 0', 'mtime'].map((name) => ({ name, offset: 0, bytes: 4, value, summary: '', meaning: '' })),
    });
    expect(changedRegisters(device(1n), device(0n))).toEqual(['msip 0']);
    expect(changedRegisters(device(1n), undefined)).toEqual([]);
  });
});
