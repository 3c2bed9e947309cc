/** Virtqueues as they lie in memory, laid out by a guest. */
import { describe, expect, it } from 'vitest';
import { createMachine, defaultBoard } from '../../src/engine/machine/machine.ts';
import { build } from '../../src/engine/toolchain/build.ts';
import { inspectDevices } from '../../src/labs/devices.ts';

/** Status ACKNOWLEDGE and DRIVER, no features but version 1, queue 0 of four descriptors with one chain of three. */
const driver = `
	.globl _start
_start:	li t0, 0x10001000
	li t1, 3
	sw t1, 0x70(t0)
	li t1, 1
	sw t1, 0x24(t0)
	sw t1, 0x20(t0)
	li t1, 11
	sw t1, 0x70(t0)
	li t1, 4
	sw t1, 0x38(t0)
	la t1, table
	sw t1, 0x80(t0)
	la t1, available
	sw t1, 0x90(t0)
	la t1, QUEUE_USED
	sw t1, 0xa0(t0)
	li t1, 1
	sw t1, 0x44(t0)
	j .
	.data
	.balign 16
table:	.dword head, 1 << 48 | 1 << 32 | 16
	.dword head, 2 << 48 | 3 << 32 | 512
	.dword head, 2 << 32 | 1
	.zero 16
available: .half 0, 1, 0, 0, 0, 0
	.balign 4
used:	.zero 64
	.balign 8
head:	.zero 16
`;

async function queueOf(usedAt: string) {
  const built = build([{ name: 'a.S', text: driver.replace('QUEUE_USED', usedAt) }], {});
  if (!built.ok) throw new Error(JSON.stringify(built.diagnostics));
  const machine = await createMachine({ ...defaultBoard, virtio: [{ kind: 'block', base: new Uint8Array(512) }] });
  machine.load(built.image);
  machine.run(60);
  return inspectDevices(machine).find(({ name }) => name === 'virtio0-block')?.queues[0];
}

describe('the inspection of devices', () => {
  it('reads descriptors and rings from where the driver put them', async () => {
    const queue = await queueOf('used');
    expect(queue).toMatchObject({ ready: true, size: 4, availableIndex: 1, nextAvailable: 0, usedIndex: 0 });
    expect(queue?.descriptors.map(({ length, flags, next }) => [length, flags, next])).toEqual([
      [16, 1, 1],
      [512, 3, 2],
      [1, 2, 0],
      [0, 0, 0],
    ]);
    expect(queue?.availableRing).toEqual([0, 0, 0, 0]);
  });

  it('finds nothing in rings that lie nowhere', async () => {
    const queue = await queueOf('0x1000');
    expect([queue?.usedRing.length, queue?.descriptors.length]).toEqual([4, 4]);
    const elsewhere = await queueOf('0x20000000');
    expect([elsewhere?.usedRing, elsewhere?.usedIndex]).toEqual([[], 0]);
  });
});
