import { describe, expect, it } from 'vitest';
import { ConsoleDevice } from '../../src/engine/machine/devices/virtio/console.ts';
import { EntropyDevice } from '../../src/engine/machine/devices/virtio/entropy.ts';
import { register } from '../../src/engine/machine/devices/virtio/registers.ts';
import { bit, Driver, version1 } from './virtio-driver.ts';

const text = (bytes: readonly number[]): string => new TextDecoder().decode(Uint8Array.from(bytes));
const bytes = (of: string): Uint8Array => new TextEncoder().encode(of);

describe('the console', () => {
  const receive = 0;
  const transmit = 1;

  function started(): { driver: Driver; console: ConsoleDevice; printed: () => string } {
    const sent: number[] = [];
    const console = new ConsoleDevice({ columns: 80, rows: 24, latency: 10 }, (more) => sent.push(...more));
    const driver = new Driver(console).start(version1 | bit(0) | bit(2), 8, 2);
    return { driver, console, printed: () => text(sent) };
  }

  it('prints what the driver sends, in order', () => {
    const { driver, printed } = started();
    expect(driver.send(transmit, [driver.put(bytes('hel')), driver.put(bytes('lo'))])).toEqual([
      { head: 0, length: 0 },
    ]);
    driver.send(transmit, [driver.put(bytes(', you'))]);
    expect(printed()).toBe('hello, you');
  });

  it('hands input over in the buffers that wait for it, as much as fits', () => {
    const { driver, console } = started();
    const rooms = [driver.room(4), driver.room(4)];
    for (const room of rooms) driver.offer(receive, [room]);
    driver.notify(receive);
    driver.settle();
    expect(driver.used(receive)).toEqual([]);
    console.input(bytes('abcdef'));
    driver.settle();
    expect(driver.used(receive).map(({ length }) => length)).toEqual([4, 2]);
    expect(rooms.map((room) => text(driver.get(room, room === rooms[0] ? 4 : 2)))).toEqual(['abcd', 'ef']);
  });

  it('keeps input until there is a buffer', () => {
    const { driver, console } = started();
    console.input(bytes('early'));
    console.input(bytes('!'));
    driver.settle();
    const room = driver.room(16);
    expect(driver.send(receive, [room])).toEqual([{ head: 0, length: 6 }]);
    expect(text(driver.get(room, 6))).toBe('early!');
  });

  it('tells of a new size by a configuration change', () => {
    const { driver, console } = started();
    const generation = driver.read(register.generation);
    console.resize(132, 43);
    expect(driver.read(register.interruptStatus)).toBe(2);
    expect(driver.read(register.generation)).not.toBe(generation);
    expect([driver.read(0x100, 2), driver.read(0x102, 2)]).toEqual([132, 43]);
  });

  it('prints an emergency before anybody has set it up', () => {
    const sent: number[] = [];
    const driver = new Driver(new ConsoleDevice({ columns: 80, rows: 24, latency: 1 }, (more) => sent.push(...more)));
    driver.write(0x108, 0x121);
    expect(sent).toEqual([0x21]);
  });

  it('has its pending input in its state', () => {
    const { driver, console } = started();
    console.input(bytes('abc'));
    const saved = driver.save();
    const read = (): string => {
      const room = driver.room(8);
      const [used] = driver.send(receive, [room]);
      return text(driver.get(room, used?.length));
    };
    expect(read()).toBe('abc');
    driver.load(saved);
    expect(read()).toBe('abc');
  });
});

describe('the entropy device', () => {
  const drawn = (driver: Driver, length: number): number[] => {
    const room = driver.room(length);
    const [used] = driver.send(0, [room]);
    return driver.get(room, used?.length);
  };

  it('gives the same bytes for the same seed, others for another, and others the next time', () => {
    const bytesOf = (seed: number): number[] => drawn(new Driver(new EntropyDevice(seed, 1)).start(), 64);
    expect(bytesOf(7)).toEqual(bytesOf(7));
    expect(bytesOf(7)).not.toEqual(bytesOf(8));
    const driver = new Driver(new EntropyDevice(7, 1)).start();
    expect(drawn(driver, 64)).not.toEqual(drawn(driver, 64));
  });

  it('looks random: every byte value turns up about as often as any other', () => {
    const counts = new Array<number>(256).fill(0);
    const driver = new Driver(new EntropyDevice(1, 1)).start();
    for (let round = 0; round < 16; round++)
      for (const byte of drawn(driver, 4096)) counts[byte] = (counts[byte] ?? 0) + 1;
    // Chi-square with 255 degrees of freedom lies below 331 in 999 of 1000 cases, above 190 as often.
    const chi = counts.reduce((sum, count) => sum + (count - 256) ** 2 / 256, 0);
    expect(chi).toBeLessThan(331);
    expect(chi).toBeGreaterThan(190);
  });

  it('gives less than was asked for rather than work for long', () => {
    const driver = new Driver(new EntropyDevice(1, 1)).start();
    expect(drawn(driver, 10_000).length).toBe(4096);
  });

  it('goes on from a saved state', () => {
    const driver = new Driver(new EntropyDevice(3, 1)).start();
    drawn(driver, 5);
    const saved = driver.save();
    const next = drawn(driver, 32);
    driver.load(saved);
    expect(drawn(driver, 32)).toEqual(next);
  });
});
