import { describe, expect, it } from 'vitest';
import { ConsoleDevice } from '../../src/engine/machine/devices/virtio/console.ts';
import { EntropyDevice } from '../../src/engine/machine/devices/virtio/entropy.ts';
import { deviceStatus, register } from '../../src/engine/machine/devices/virtio/registers.ts';
import { ramBase } from '../../src/engine/machine/memory-map.ts';
import { bit, Driver, hostOf, ramBytes, version1 } from './virtio-driver.ts';

const { acknowledge, driver: driverBit, driverOk, featuresOk, failed } = deviceStatus;
const indirect = bit(28);
const eventIndex = bit(29);
const entropy = (): EntropyDevice => new EntropyDevice(1, 10);

describe('an empty slot', () => {
  it('has device 0 behind the magic number, and takes no writes', () => {
    const driver = new Driver(undefined);
    driver.write(register.status, 1);
    expect([register.magic, register.version, register.deviceId, register.status].map((at) => driver.read(at))).toEqual(
      [0x7472_6976, 2, 0, 0],
    );
  });
});

describe('a slot', () => {
  it('lies at its address with its interrupt', () => {
    const { slot } = new Driver(entropy(), 2, 7);
    expect([slot.base, slot.interrupt]).toEqual([0x1000_8000, 8]);
  });

  it('offers VERSION_1, indirect descriptors and event indices, and nothing beyond 64 bits', () => {
    const driver = new Driver(entropy());
    expect(driver.offeredFeatures()).toBe(version1 | indirect | eventIndex);
    driver.write(register.deviceFeaturesSelect, 2);
    expect(driver.read(register.deviceFeatures)).toBe(0);
  });

  it('keeps FEATURES_OK only for features that it offered', () => {
    const driver = new Driver(entropy());
    const negotiate = (features: bigint): number => {
      driver.write(register.status, 0);
      driver.write(register.status, acknowledge | driverBit);
      driver.acceptFeatures(features);
      driver.write(register.status, acknowledge | driverBit | featuresOk);
      return driver.status & featuresOk;
    };
    expect(negotiate(version1)).toBe(featuresOk);
    expect(negotiate(version1 | bit(7))).toBe(0);
    expect(negotiate(version1 | bit(33))).toBe(0);
  });

  it('takes no features after FEATURES_OK', () => {
    const driver = new Driver(entropy()).start();
    driver.acceptFeatures(version1 | eventIndex);
    expect(driver.slot.has(29)).toBe(false);
  });

  it('does nothing before DRIVER_OK, and then what waits', () => {
    const driver = new Driver(entropy());
    driver.write(register.status, acknowledge | driverBit);
    driver.acceptFeatures(version1);
    driver.write(register.status, driver.status | featuresOk);
    driver.setUpQueue(0, 8);
    expect(driver.send(0, [driver.room(8)])).toEqual([]);
    driver.write(register.status, driver.status | driverOk);
    driver.settle();
    expect(driver.used(0)).toEqual([{ head: 0, length: 8 }]);
  });

  it('does nothing more once its driver has given up', () => {
    const driver = new Driver(entropy()).start();
    driver.offer(0, [driver.room(8)]);
    driver.notify(0);
    driver.write(register.status, driver.status | failed);
    driver.settle();
    expect(driver.used(0)).toEqual([]);
  });

  it('needs a reset if DRIVER_OK comes without FEATURES_OK', () => {
    const driver = new Driver(entropy());
    driver.write(register.status, acknowledge | driverBit | driverOk);
    expect(driver.broken).toBe(true);
    driver.write(register.status, 0);
    expect(driver.status).toBe(0);
  });

  it('raises its interrupt until it is acknowledged', () => {
    const driver = new Driver(entropy()).start();
    driver.send(0, [driver.room(8)]);
    expect([driver.slot.interrupting, driver.read(register.interruptStatus)]).toEqual([true, 1]);
    driver.write(register.interruptAck, 1);
    expect([driver.slot.interrupting, driver.read(register.interruptStatus)]).toEqual([false, 0]);
  });

  it('forgets queues, features and interrupts by a reset', () => {
    const driver = new Driver(entropy()).start();
    driver.send(0, [driver.room(8)]);
    driver.offer(0, [driver.room(8)]);
    driver.notify(0);
    driver.write(register.status, 0);
    expect(driver.read(register.queueReady)).toBe(0);
    expect(driver.slot.interrupting).toBe(false);
    expect(driver.slot.deadline).toBe(Number.POSITIVE_INFINITY);
    expect(driver.slot.has(32)).toBe(false);
  });

  it('has no queue beyond its last', () => {
    const driver = new Driver(entropy());
    expect(driver.read(register.queueSizeMax)).toBeGreaterThanOrEqual(8);
    driver.write(register.queueSelect, 1);
    expect(driver.read(register.queueSizeMax)).toBe(0);
  });

  it('changes no address of a queue that is ready', () => {
    const driver = new Driver(entropy()).start();
    driver.write(register.queueTable, 0);
    driver.write(register.queueSize, 2);
    expect(driver.send(0, [driver.room(8)])).toHaveLength(1);
  });

  it('leaves a queue alone that is no longer ready', () => {
    const driver = new Driver(entropy()).start();
    driver.offer(0, [driver.room(8)]);
    driver.notify(0);
    driver.write(register.queueReady, 0);
    driver.settle();
    expect([driver.read(register.queueReady), driver.used(0).length, driver.broken]).toEqual([0, 0, false]);
  });

  it('says that there is no shared memory', () => {
    const driver = new Driver(entropy());
    expect([0xb0, 0xb4, 0xb8, 0xbc].map((at) => driver.read(at))).toEqual(Array(4).fill(0xffff_ffff));
  });

  it('reads its configuration by byte, half-word and word', () => {
    const driver = new Driver(new ConsoleDevice({ columns: 0x150, rows: 0x34, latency: 1 }, () => {}));
    expect([driver.read(0x100, 1), driver.read(0x101, 1), driver.read(0x102, 2), driver.read(0x100)]).toEqual([
      0x50, 1, 0x34, 0x34_0150,
    ]);
  });
});

describe('a virtqueue', () => {
  it('takes chains by descriptors and by a table of them, in one request too', () => {
    const driver = new Driver(entropy()).start(version1 | indirect);
    driver.offerIndirect(0, [driver.room(3), driver.room(5)]);
    driver.offer(0, [driver.room(2), driver.room(2)]);
    driver.notify(0);
    driver.settle();
    expect(driver.used(0)).toEqual([
      { head: 0, length: 8 },
      { head: 1, length: 4 },
    ]);
    const { table } = driver.queue(0);
    const inner = driver.allocate(16);
    driver.writeDescriptor(inner, driver.room(6), undefined);
    driver.writeDescriptor(table + 16 * 4, driver.room(4), 5);
    // The write flag of a descriptor that leads to a table means nothing.
    driver.writeDescriptor(table + 16 * 5, { at: inner, length: 16, write: true }, undefined, 4);
    driver.makeAvailable(0, 4);
    driver.notify(0);
    driver.settle();
    expect(driver.used(0)).toEqual([{ head: 4, length: 10 }]);
  });

  it('goes round its rings, and round the 16 bits of its indices', () => {
    const driver = new Driver(entropy()).start(version1, 4);
    const room = driver.room(1);
    for (let round = 0; round < 70_000; round++) expect(driver.send(0, [room])).toHaveLength(1);
  });

  it('does not interrupt a driver that wants no interrupt', () => {
    const driver = new Driver(entropy()).start();
    driver.setAvailableFlags(1);
    driver.send(0, [driver.room(8)]);
    expect(driver.slot.interrupting).toBe(false);
    driver.setAvailableFlags(0);
    driver.send(0, [driver.room(8)]);
    expect(driver.slot.interrupting).toBe(true);
  });

  it('interrupts at the event index, and asks to be notified at its own', () => {
    const driver = new Driver(entropy()).start(version1 | eventIndex);
    driver.setAvailableFlags(1);
    driver.setUsedEvent(1);
    driver.send(0, [driver.room(8)]);
    expect([driver.slot.interrupting, driver.availableEvent]).toEqual([false, 1]);
    driver.send(0, [driver.room(8)]);
    expect([driver.slot.interrupting, driver.availableEvent]).toEqual([true, 2]);
    driver.write(register.interruptAck, 1);
    driver.send(0, [driver.room(8)]);
    expect(driver.slot.interrupting).toBe(false);
  });

  const far = ramBase + ramBytes;
  it.each<[string, (driver: Driver) => void]>([
    ['a head beyond the table', (driver) => driver.makeAvailable(0, 8)],
    [
      'a loop',
      (driver) => {
        const { table } = driver.queue(0);
        driver.writeDescriptor(table, driver.room(8), 1);
        driver.writeDescriptor(table + 16, driver.room(8), 0);
        driver.makeAvailable(0, 0);
      },
    ],
    [
      'a descriptor beyond the table',
      (driver) => {
        driver.writeDescriptor(driver.queue(0).table, driver.room(8), 8);
        driver.makeAvailable(0, 0);
      },
    ],
    ['a buffer behind RAM', (driver) => driver.offer(0, [{ at: far - 4, length: 8, write: true }])],
    ['a buffer before RAM', (driver) => driver.offer(0, [{ at: ramBase - 4, length: 8, write: true }])],
    ['a buffer at a device', (driver) => driver.offer(0, [{ at: 0x1000_0000, length: 8, write: true }])],
    ['a buffer of 4 GiB', (driver) => driver.offer(0, [{ at: ramBase, length: 0xffff_ffff, write: true }])],
    [
      'a chain longer than RAM',
      (driver) => driver.offer(0, Array(3).fill({ at: ramBase, length: ramBytes / 2, write: true })),
    ],
    ['a readable buffer after a writable one', (driver) => driver.offer(0, [driver.room(8), driver.put([1])])],
    ['a table of a broken size', (driver) => table(driver, 24, 4)],
    ['an empty table', (driver) => table(driver, 0, 4)],
    ['a table that goes on', (driver) => table(driver, 16, 5)],
    ['more requests than entries', (driver) => driver.memory.setUint16(hostOf(driver.queue(0).driver) + 2, 9, true)],
  ])('needs a reset after %s', (_, misbehave) => {
    const driver = new Driver(entropy()).start(version1 | indirect);
    misbehave(driver);
    driver.notify(0);
    driver.settle();
    expect([driver.broken, driver.escaped]).toEqual([true, false]);
    expect(driver.read(register.interruptStatus)).toBe(2);
    driver.start();
    expect(driver.send(0, [driver.room(8)])).toHaveLength(1);
  });

  it('does not know tables that were not negotiated', () => {
    const driver = new Driver(entropy()).start();
    driver.offerIndirect(0, [driver.room(8)]);
    driver.notify(0);
    driver.settle();
    expect(driver.broken).toBe(true);
  });

  it.each<[string, (driver: Driver) => void]>([
    ['a size that is no power of two', (driver) => driver.write(register.queueSize, 7)],
    ['no size', (driver) => driver.write(register.queueSize, 0)],
    ['a size beyond the largest', (driver) => driver.write(register.queueSize, 65536)],
    ['a table out of line', (driver) => driver.write(register.queueTable, ramBase + 8)],
    ['a used ring out of line', (driver) => driver.write(register.queueDevice, ramBase + 2)],
  ])('is not set up with %s', (_, misbehave) => {
    const driver = new Driver(entropy()).start();
    driver.write(register.queueReady, 0);
    misbehave(driver);
    driver.write(register.queueReady, 1);
    expect([driver.read(register.queueReady), driver.broken]).toEqual([0, true]);
  });
});

function table(driver: Driver, length: number, flags: number): void {
  const at = driver.allocate(64);
  driver.writeDescriptor(at, driver.room(8), undefined);
  driver.writeDescriptor(driver.queue(0).table, { at, length }, flags & 1 ? 0 : undefined, flags & ~1);
  driver.makeAvailable(0, 0);
}
