/** Devices with their virtqueues as they lie in memory. Virtio 1.3 §2.7. */
import type { InspectedDevice, Virtqueue } from '../engine/inspection.ts';
import type { Machine } from '../engine/machine/types.ts';
import type { VirtqueueState } from '../engine/state.ts';

const descriptorBytes = 16;
const usedBytes = 8;
const ringHead = 4;

export const inspectDevices = (machine: Machine): InspectedDevice[] =>
  machine.devices().map((device) => ({ ...device, queues: device.queues.map((queue) => readQueue(machine, queue)) }));

function readQueue(machine: Machine, queue: VirtqueueState): Virtqueue {
  const { size, table, available, used } = queue;
  const view = (at: number, bytes: number): DataView | undefined => {
    const read = machine.readMemory(at, bytes);
    return read === undefined ? undefined : new DataView(read.buffer, read.byteOffset, read.byteLength);
  };
  const slots = (read: DataView | undefined): number[] =>
    read === undefined ? [] : Array.from({ length: size }, (_, slot) => slot);
  const tables = view(table, descriptorBytes * size);
  const drivers = view(available, ringHead + 2 * size);
  const devices = view(used, ringHead + usedBytes * size);
  return {
    ...queue,
    descriptors: slots(tables).map((slot) => ({
      address: Number(tables?.getBigUint64(descriptorBytes * slot, true) ?? 0n),
      length: tables?.getUint32(descriptorBytes * slot + 8, true) ?? 0,
      flags: tables?.getUint16(descriptorBytes * slot + 12, true) ?? 0,
      next: tables?.getUint16(descriptorBytes * slot + 14, true) ?? 0,
    })),
    availableIndex: drivers?.getUint16(2, true) ?? 0,
    availableRing: slots(drivers).map((slot) => drivers?.getUint16(ringHead + 2 * slot, true) ?? 0),
    usedIndex: devices?.getUint16(2, true) ?? 0,
    usedRing: slots(devices).map((slot) => ({
      id: devices?.getUint32(ringHead + usedBytes * slot, true) ?? 0,
      length: devices?.getUint32(ringHead + usedBytes * slot + 4, true) ?? 0,
    })),
  };
}
