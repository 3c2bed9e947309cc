/** A virtio slot in words. Virtio 1.3 §4.2.2; loads of its registers have no side effects. */
import type { DeviceRegister, DeviceState } from '../../../state.ts';
import { register as at } from '../virtio/registers.ts';
import type { VirtioSlot } from '../virtio/slot.ts';
import type { Address } from '../virtio/virtqueue.ts';
import { bitNames, deviceState, register } from './describe.ts';

const kinds: Readonly<Record<number, string>> = { 0: 'empty', 1: 'network', 2: 'block', 3: 'console', 4: 'entropy' };
const statusBits = {
  0: 'ACKNOWLEDGE',
  1: 'DRIVER',
  2: 'DRIVER_OK',
  3: 'FEATURES_OK',
  6: 'DEVICE_NEEDS_RESET',
  7: 'FAILED',
};
const address = ([low, high]: Address): number => high * 2 ** 32 + low;

export function inspectVirtio(slot: VirtioSlot): DeviceState {
  const id = slot.read(at.deviceId, 4);
  const { queues } = slot.save();
  return deviceState(slot, {
    title: `virtio: ${kinds[id] ?? `device ${id}`}`,
    registers: registersOf(slot, id),
    queues: queues.map((queue, index) => ({
      index,
      size: queue.size,
      ready: queue.ready,
      table: address(queue.table),
      available: address(queue.driver),
      used: address(queue.device),
      nextAvailable: queue.nextAvailable,
      nextUsed: queue.nextUsed,
    })),
  });
}

function registersOf(slot: VirtioSlot, id: number): DeviceRegister[] {
  const read = (offset: number): number => slot.read(offset, 4);
  const of = (name: string, offset: number, summary: string, meaning: (value: number) => string = () => '') =>
    register(name, offset, 4, read(offset), summary, meaning(read(offset)));
  if (id === 0) return [of('DeviceID', at.deviceId, 'kind of device', () => 'no device')];
  const { transport } = slot.save();
  const [featuresLow, featuresHigh] = transport.driverFeatures;
  const features = (BigInt(featuresHigh) << 32n) | BigInt(featuresLow >>> 0);
  const numbers = Array.from({ length: 64 }, (_, bit) => bit).filter((bit) => (features >> BigInt(bit)) & 1n);
  return [
    of('MagicValue', at.magic, 'who reads it knows a virtio slot by it', () => '“virt”'),
    of('Version', at.version, 'of these registers', (version) => (version === 1 ? 'legacy' : '')),
    of('DeviceID', at.deviceId, 'kind of device', (kind) => kinds[kind] ?? ''),
    of(
      'DeviceFeatures',
      at.deviceFeatures,
      'features that it offers: the word selected',
      () => `word ${transport.deviceFeaturesSelect}`,
    ),
    register(
      'DriverFeatures',
      at.driverFeatures,
      8,
      features,
      'features that the driver took',
      numbers.length === 0 ? 'none' : `bits ${numbers.join(' ')}`,
    ),
    register('QueueSel', at.queueSelect, 4, transport.queueSelect, 'the queue that the next registers are about'),
    of('QueueReady', at.queueReady, 'the selected queue may be used', (ready) => (ready === 1 ? 'yes' : 'no')),
    of(
      'InterruptStatus',
      at.interruptStatus,
      'why it interrupts',
      (causes) => bitNames(causes, { 0: 'used a buffer', 1: 'configuration changed' }) || 'it does not',
    ),
    of('Status', at.status, 'how far the driver has come', (status) => bitNames(status, statusBits) || 'reset'),
    of('ConfigGeneration', at.generation, 'changes with the configuration'),
  ];
}
