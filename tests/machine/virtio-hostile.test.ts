/** A driver that does anything at all: the device neither throws, nor hangs, nor reaches beyond RAM. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BlockDevice } from '../../src/engine/machine/devices/virtio/block.ts';
import { ConsoleDevice } from '../../src/engine/machine/devices/virtio/console.ts';
import type { VirtioDevice } from '../../src/engine/machine/devices/virtio/device.ts';
import { Disk } from '../../src/engine/machine/devices/virtio/disk.ts';
import { EntropyDevice } from '../../src/engine/machine/devices/virtio/entropy.ts';
import { NetDevice } from '../../src/engine/machine/devices/virtio/net.ts';
import { deviceStatus, register } from '../../src/engine/machine/devices/virtio/registers.ts';
import { ramBase } from '../../src/engine/machine/memory-map.ts';
import { EthernetSegment } from '../../src/engine/machine/segment.ts';
import { Driver, hostOf, ramBytes, version1 } from './virtio-driver.ts';

const { acknowledge, driver: driverBit, driverOk, featuresOk } = deviceStatus;

describe('a hostile driver', () => {
  const devices: readonly (() => VirtioDevice)[] = [
    () => new EntropyDevice(1, 10),
    () => new BlockDevice(new Disk(new Uint8Array(8192)), { latency: 10 }),
    () => new ConsoleDevice({ columns: 80, rows: 24, latency: 10 }, () => {}),
    () => {
      const segment = new EthernetSegment(10);
      const other = segment.attach();
      const device = new NetDevice({ mac: new Uint8Array(6), port: segment.attach(), latency: 10 });
      for (let frame = 0; frame < 20; frame++) other.send(new Uint8Array(60).fill(0xff), frame);
      return device;
    },
  ];
  /** Addresses at and around what matters: rings, RAM's borders, devices. */
  const address = fc.oneof(
    fc.nat(0x400).map((offset) => ramBase + 16 * offset),
    fc.nat(32).map((offset) => ramBase + ramBytes - 16 + offset),
    fc.nat(32).map((offset) => ramBase - 16 + offset),
    fc.constantFrom(0, 0x1000_1000, 0xffff_ffff),
  );
  const small = fc.oneof(fc.nat(40), fc.nat(0xffff_ffff));
  const poke = fc.record({ at: fc.nat(0x3fff), value: fc.oneof(address, small, fc.nat(8), fc.constant(0x0001_0002)) });
  const registers = [0x14, 0x20, 0x24, 0x28, 0x30, 0x38, 0x3c, 0x40, 0x44, 0x50, 0x64, 0x70, 0x84, 0x90, 0xa0, 0x100];
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('notify' as const), queue: fc.nat(3) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('register' as const),
        at: fc.constantFrom(...registers),
        value: fc.oneof(small, address),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('poke' as const), pokes: fc.array(poke, { maxLength: 40 }) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('start' as const), features: fc.nat(3), size: fc.nat(3) }) },
  );
  type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

  /** Rings close together at the start of RAM, where the pokes go. */
  function start(driver: Driver, features: number, size: number): void {
    driver.write(register.status, 0);
    driver.write(register.status, acknowledge | driverBit);
    driver.acceptFeatures(version1 | (BigInt(features) << 28n));
    driver.write(register.status, driver.status | featuresOk);
    for (let queue = 0; queue < 3; queue++) {
      const at = ramBase + 0x1000 * queue;
      driver.write(register.queueSelect, queue);
      driver.write(register.queueSize, 2 << size);
      driver.write(register.queueTable, at);
      driver.write(register.queueDriver, at + 0x100);
      driver.write(register.queueDevice, at + 0x180);
      driver.write(register.queueReady, 1);
    }
    driver.write(register.status, driver.status | driverOk);
  }

  function take(driver: Driver, each: Step): void {
    if (each.kind === 'notify') driver.notify(each.queue);
    else if (each.kind === 'register') driver.write(each.at, each.value);
    else if (each.kind === 'start') start(driver, each.features, each.size);
    else for (const { at, value } of each.pokes) driver.memory.setUint32(hostOf(ramBase) + (at & ~3), value, true);
  }

  it.each([1, 2] as const)('neither stops the device for good nor leaves RAM, transport version %s', (version) => {
    fc.assert(
      fc.property(fc.constantFrom(...devices), fc.array(step, { maxLength: 40 }), (make, steps) => {
        const driver = new Driver(make(), version);
        start(driver, 0, 1);
        for (const each of steps) {
          take(driver, each);
          driver.settle(50);
        }
        expect(driver.escaped).toBe(false);
      }),
      { numRuns: 150 },
    );
  });

  it('is heard on well-formed rings with wild descriptors', () => {
    const descriptor = fc.record({
      at: address,
      length: fc.oneof(fc.nat(600), small),
      flags: fc.nat(7),
      next: fc.nat(9),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...devices),
        fc.array(descriptor, { minLength: 8, maxLength: 8 }),
        fc.nat(7),
        (make, list, head) => {
          const driver = new Driver(make());
          start(driver, 1, 2);
          list.forEach(({ at, length, flags, next }, index) => {
            driver.writeDescriptor(ramBase + 16 * index, { at, length }, undefined, flags);
            driver.memory.setUint16(hostOf(ramBase) + 16 * index + 14, next, true);
          });
          driver.memory.setUint16(hostOf(ramBase) + 0x104, head, true);
          driver.memory.setUint16(hostOf(ramBase) + 0x102, 1, true);
          driver.notify(0);
          driver.settle(50);
          expect(driver.escaped).toBe(false);
          start(driver, 1, 2);
          expect(driver.broken).toBe(false);
        },
      ),
      { numRuns: 300 },
    );
  });
});
