import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BlockDevice, type BlockOptions } from '../../src/engine/machine/devices/virtio/block.ts';
import { Disk } from '../../src/engine/machine/devices/virtio/disk.ts';
import { bit, Driver, version1 } from './virtio-driver.ts';

const sectors = 64;
const base = Uint8Array.from({ length: 512 * sectors }, (_, index) => (index >> 9) + (index & 0xff));
const type = { in: 0, out: 1, flush: 4, id: 8, discard: 11, writeZeroes: 13 } as const;

function blockDriver(options: Partial<BlockOptions> = {}): { driver: Driver; disk: Disk } {
  const disk = new Disk(base);
  return { driver: new Driver(new BlockDevice(disk, { latency: 100, ...options })).start(), disk };
}

function header(kind: number, sector: bigint): Uint8Array {
  const view = new DataView(new ArrayBuffer(16));
  view.setUint32(0, kind, true);
  view.setBigUint64(8, sector, true);
  return new Uint8Array(view.buffer);
}

interface Answer {
  readonly status: number | undefined;
  readonly length: number | undefined;
  readonly data: number[];
}

/** One request: header, `data` for the device or `room` by it, status. */
function request(driver: Driver, kind: number, sector: bigint, data: Uint8Array, room = 0): Answer {
  const input = data.length > 0 ? [driver.put(data)] : [];
  const output = room > 0 ? [driver.room(room)] : [];
  const status = driver.room(1);
  const [used] = driver.send(0, [driver.put(header(kind, sector)), ...input, ...output, status]);
  return {
    status: driver.get(status)[0],
    length: used?.length,
    data: output.flatMap((buffer) => driver.get(buffer)),
  };
}

const none = new Uint8Array();
const range = (sector: bigint, count: number, flags = 0): Uint8Array => {
  const bytes = header(0, 0n);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, sector, true);
  view.setUint32(8, count, true);
  view.setUint32(12, flags, true);
  return bytes;
};

describe('the block device', () => {
  it('says what it is and how large', () => {
    const { driver } = blockDriver();
    expect([driver.read(0), driver.read(4), driver.read(8), driver.read(12)]).toEqual([0x7472_6976, 2, 2, 0x554d_4551]);
    expect([driver.read(0x100), driver.read(0x104), driver.read(0x114)]).toEqual([sectors, 0, 512]);
  });

  it('reads sectors', () => {
    const { driver } = blockDriver();
    const { status, length, data } = request(driver, type.in, 3n, none, 1024);
    expect([status, length]).toEqual([0, 1025]);
    expect(data).toEqual([...base.subarray(3 * 512, 5 * 512)]);
  });

  it('writes sectors, and leaves the base alone', () => {
    const { driver } = blockDriver();
    const before = base.slice();
    const bytes = new Uint8Array(512).fill(0xa5);
    expect(request(driver, type.out, 7n, bytes)).toMatchObject({ status: 0, length: 1 });
    expect(request(driver, type.in, 7n, none, 512).data).toEqual([...bytes]);
    expect(request(driver, type.in, 6n, none, 512).data).toEqual([...base.subarray(6 * 512, 7 * 512)]);
    expect(base).toEqual(before);
  });

  it('takes any framing: header, data and status cut anywhere', () => {
    const { driver } = blockDriver();
    const { at } = driver.put(header(type.in, 1n));
    const room = driver.room(513);
    const cut = [
      { at, length: 5 },
      { at: at + 5, length: 11 },
      { ...room, length: 300 },
      { ...room, at: room.at + 300, length: 213 },
    ];
    expect(driver.send(0, cut)).toEqual([{ head: 0, length: 513 }]);
    expect(driver.get(room)).toEqual([...base.subarray(512, 1024), 0]);
  });

  it.each<[string, number, bigint, Uint8Array, number, number]>([
    ['a flush', type.flush, 0n, none, 0, 0],
    ['a read that is not whole sectors', type.in, 0n, none, 100, 1],
    ['a read behind the end', type.in, BigInt(sectors - 1), none, 1024, 1],
    ['a read far behind the end', type.in, 2n ** 63n, none, 512, 1],
    ['a write behind the end', type.out, BigInt(sectors), new Uint8Array(512), 0, 1],
    ['a write that is not whole sectors', type.out, 0n, new Uint8Array(511), 0, 1],
    ['an unknown request', 99, 0n, none, 0, 2],
    ['a discard', type.discard, 0n, range(0n, 8), 0, 0],
    ['a discard that is cut off', type.discard, 0n, range(0n, 8).subarray(0, 15), 0, 1],
    ['a discard with a flag', type.discard, 0n, range(0n, 8, 1), 0, 2],
    ['a discard behind the end', type.discard, 0n, range(60n, 8), 0, 1],
    ['zeroes that may unmap', type.writeZeroes, 0n, range(0n, 8, 1), 0, 0],
    ['zeroes with a reserved flag', type.writeZeroes, 0n, range(0n, 8, 2), 0, 2],
  ])('answers %s', (_, kind, sector, data, room, status) => {
    expect(request(blockDriver().driver, kind, sector, data, room).status).toBe(status);
  });

  it('writes zeroes over exactly what was asked for', () => {
    const { driver } = blockDriver();
    const two = Uint8Array.of(...range(1n, 9), ...range(20n, 1));
    expect(request(driver, type.writeZeroes, 0n, two).status).toBe(0);
    const expected = base.slice();
    expected.fill(0, 512, 512 * 10);
    expected.fill(0, 512 * 20, 512 * 21);
    expect(request(driver, type.in, 0n, none, 512 * 30).data).toEqual([...expected.subarray(0, 512 * 30)]);
  });

  it('gives its serial, padded', () => {
    const { driver } = blockDriver({ serial: 'guest' });
    const { data, length } = request(driver, type.id, 0n, none, 20);
    expect(new TextDecoder().decode(Uint8Array.from(data))).toBe('guest'.padEnd(20, '\0'));
    expect(length).toBe(21);
  });

  it('refuses to write when it is read-only, and says that it is', () => {
    const { driver, disk } = blockDriver({ readOnly: true });
    expect(driver.offeredFeatures() & bit(5)).toBe(bit(5));
    expect(request(driver, type.out, 0n, new Uint8Array(512)).status).toBe(1);
    expect(request(driver, type.writeZeroes, 0n, range(0n, 1)).status).toBe(1);
    expect(disk.save().size).toBe(0);
  });

  it('needs a reset after a request that it cannot answer', () => {
    for (const buffers of [(driver: Driver) => [driver.put(header(0, 0n))], (driver: Driver) => [driver.room(20)]]) {
      const { driver } = blockDriver();
      expect(driver.send(0, buffers(driver))).toEqual([]);
      expect(driver.broken).toBe(true);
      expect(driver.read(0x60)).toBe(2);
      driver.start();
      expect(driver.broken).toBe(false);
      expect(request(driver, type.flush, 0n, none).status).toBe(0);
    }
  });

  it('takes its time for each request, one after the other', () => {
    const { driver } = blockDriver();
    const offer = (): void => {
      driver.offer(0, [driver.put(header(type.flush, 0n)), driver.room(1)]);
    };
    offer();
    driver.notify(0);
    offer();
    driver.cycle = 99;
    driver.slot.advance();
    expect([driver.used(0).length, driver.slot.interrupting]).toEqual([0, false]);
    driver.cycle = 100;
    driver.slot.advance();
    expect([driver.used(0).length, driver.slot.interrupting]).toEqual([1, true]);
    expect(driver.slot.deadline).toBe(200);
    driver.cycle = 250;
    driver.slot.advance();
    expect(driver.used(0).length).toBe(1);
    expect(driver.slot.deadline).toBe(Number.POSITIVE_INFINITY);
  });

  it('goes on from a saved state as it would have gone on', () => {
    const { driver } = blockDriver();
    request(driver, type.out, 2n, new Uint8Array(512).fill(1));
    const saved = driver.save();
    const copy = structuredClone(saved);
    const run = (): unknown => {
      request(driver, type.out, 3n, new Uint8Array(512).fill(9));
      return [request(driver, type.in, 2n, none, 1024), driver.save()];
    };
    const once = run();
    driver.load(saved);
    expect(run()).toEqual(once);
    expect(saved).toEqual(copy);
  });

  it('works over the legacy transport', () => {
    const driver = new Driver(new BlockDevice(new Disk(base), { latency: 1 }), 1);
    expect(driver.read(4)).toBe(1);
    expect(driver.offeredFeatures() & version1).toBe(0n);
    driver.write(0x70, 3);
    driver.acceptFeatures(bit(9));
    driver.setUpLegacyQueue(0, 16);
    driver.write(0x70, 7);
    expect(request(driver, type.in, 3n, none, 512)).toMatchObject({ status: 0, length: 513 });
    driver.write(0x30, 0);
    expect(driver.read(0x40)).toBeGreaterThan(0);
    driver.write(0x70, 0);
    expect(driver.read(0x40)).toBe(0);
  });
});

describe('a disk', () => {
  const size = 3 * 4096 + 512;
  const offset = fc.nat(size - 1);
  const length = fc.nat(6000);
  const step = fc.oneof(
    fc.record({ kind: fc.constant('write' as const), offset, length, fill: fc.nat(255) }),
    fc.record({ kind: fc.constant('zero' as const), offset, length, fill: fc.constant(0) }),
  );

  it('reads as an array that was written in the same way, also from states saved on the way', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.nat(size), (steps, baseBytes) => {
        const source = Uint8Array.from({ length: baseBytes }, (_, index) => (index * 7) & 0xff);
        const pristine = source.slice();
        const disk = new Disk(source, size);
        const reference = new Uint8Array(disk.size);
        reference.set(source);
        const saved = steps.map((each) => {
          const state = { disk: disk.save(), reference: reference.slice() };
          const end = Math.min(each.offset + each.length, disk.size);
          reference.fill(each.fill, each.offset, end);
          if (each.kind === 'zero') disk.zero(each.offset, end - each.offset);
          else disk.write(each.offset, new Uint8Array(end - each.offset).fill(each.fill));
          return state;
        });
        const contents = new Uint8Array(disk.size);
        disk.read(0, contents);
        expect(contents).toEqual(reference);
        for (const state of saved) {
          disk.load(state.disk);
          disk.read(0, contents);
          expect(contents).toEqual(state.reference);
        }
        expect(source).toEqual(pristine);
      }),
      { numRuns: 50 },
    );
  });

  it('has whole sectors, zeros behind its base', () => {
    const disk = new Disk(Uint8Array.of(1, 2, 3));
    const target = new Uint8Array(512).fill(9);
    disk.read(0, target);
    expect([disk.sectors, ...target.subarray(0, 5)]).toEqual([1, 1, 2, 3, 0, 0]);
  });
});
