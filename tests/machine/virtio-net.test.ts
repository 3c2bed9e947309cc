import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NetDevice, type NetState } from '../../src/engine/machine/devices/virtio/net.ts';
import { EthernetSegment, type SegmentPort } from '../../src/engine/machine/segment.ts';
import { bit, Driver, version1 } from './virtio-driver.ts';

const receive = 0;
const transmit = 1;
const control = 2;
const latency = 1000;
const headerBytes = 12;

const mac = (last: number): Uint8Array => Uint8Array.of(0x52, 0x54, 0, 0, 0, last);
const broadcast = new Uint8Array(6).fill(0xff);
const group = Uint8Array.of(0x33, 0x33, 0, 0, 0, 1);

function frame(to: Uint8Array, payload: number, length = 60): Uint8Array {
  const bytes = new Uint8Array(length).fill(payload);
  bytes.set(to);
  return bytes;
}

const basic = version1 | bit(5) | bit(16);
const filtering = basic | bit(17) | bit(18) | bit(20) | bit(23);

function station(segment: EthernetSegment, last: number, features = basic): Driver {
  const device = new NetDevice({ mac: mac(last), port: segment.attach(), latency: 10 });
  return new Driver(device).start(features, 8, 3);
}

function send(driver: Driver, bytes: Uint8Array): void {
  driver.send(transmit, [driver.put(new Uint8Array(headerBytes)), driver.put(bytes)]);
}

/** Lets a station have what arrives by `cycle` in a fresh buffer, and gives the frame. */
function receiveAt(driver: Driver, cycle: number, room = 1526): number[] | undefined {
  const buffer = driver.room(room);
  driver.offer(receive, [buffer]);
  driver.cycle = cycle;
  driver.slot.advance();
  const [used] = driver.used(receive);
  return used && driver.get(buffer, used.length);
}

describe('a network device', () => {
  it('says its address and that its link is up, or down without a cable', () => {
    const up = station(new EthernetSegment(latency), 7);
    expect(Array.from({ length: 6 }, (_, index) => up.read(0x100 + index, 1))).toEqual([...mac(7)]);
    expect(up.read(0x106, 2)).toBe(1);
    expect(new Driver(new NetDevice({ mac: mac(1), latency: 1 })).read(0x106, 2)).toBe(0);
  });

  it('sends a frame that the others receive after the cable’s latency, with an empty header', () => {
    const segment = new EthernetSegment(latency);
    const [one, two] = [station(segment, 1), station(segment, 2)];
    const bytes = frame(mac(2), 0xab);
    send(one, bytes);
    const due = one.cycle + latency;
    expect(two.slot.deadline).toBe(due);
    two.cycle = due - 1;
    two.slot.advance();
    expect(two.slot.interrupting).toBe(false);
    expect(receiveAt(two, due)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, ...bytes]);
    expect(two.slot.interrupting).toBe(true);
    expect(one.slot.deadline).toBe(Number.POSITIVE_INFINITY);
  });

  it('takes a buffer of several parts', () => {
    const segment = new EthernetSegment(latency);
    const [one, two] = [station(segment, 1), station(segment, 2)];
    send(one, frame(mac(2), 5));
    const parts = [two.room(4), two.room(30), two.room(200)];
    two.offer(receive, parts);
    two.settle();
    expect(two.used(receive)).toEqual([{ head: 0, length: headerBytes + 60 }]);
    expect(parts.flatMap((part) => two.get(part)).slice(headerBytes, headerBytes + 60)).toEqual([...frame(mac(2), 5)]);
  });

  it('loses a frame that has no buffer, or too small a one, and goes on', () => {
    const segment = new EthernetSegment(latency);
    const [one, two] = [station(segment, 1), station(segment, 2)];
    send(one, frame(mac(2), 1));
    two.settle();
    const dropped = (): number => (two.slot.save().device as NetState).dropped;
    expect(dropped()).toBe(1);
    send(one, frame(mac(2), 2));
    expect(receiveAt(two, one.cycle + latency, 20)).toBeUndefined();
    expect([dropped(), two.broken]).toEqual([2, false]);
  });

  it.each([
    [13, false],
    [14, true],
    [1514, true],
    [1518, true],
    [1519, false],
  ])('sends a frame of %i bytes: %s', (length, sent) => {
    const segment = new EthernetSegment(latency);
    const [one, two] = [station(segment, 1), station(segment, 2)];
    send(one, frame(mac(2), 9, length));
    expect(Number.isFinite(two.slot.deadline)).toBe(sent);
  });

  it('gets everything as long as its driver cannot say what it wants', () => {
    const segment = new EthernetSegment(latency);
    const [one, two] = [station(segment, 1), station(segment, 2)];
    send(one, frame(mac(77), 1));
    expect(receiveAt(two, 100_000)).toBeDefined();
  });

  const command = (driver: Driver, kind: number, code: number, data: Uint8Array | readonly number[]): number => {
    const ack = driver.room(1);
    driver.send(control, [driver.put([kind, code]), driver.put(data), ack]);
    return driver.get(ack)[0] ?? -1;
  };
  const table = (...macs: Uint8Array[]): number[] => [macs.length, 0, 0, 0, ...macs.flatMap((each) => [...each])];

  it.each<[string, (driver: Driver) => void, Uint8Array, boolean]>([
    ['its own address', () => {}, mac(2), true],
    ['another address', () => {}, mac(3), false],
    ['a broadcast', () => {}, broadcast, true],
    ['a group', () => {}, group, false],
    ['another address, promiscuous', (driver) => command(driver, 0, 0, [1]), mac(3), true],
    ['a group, all of them', (driver) => command(driver, 0, 1, [1]), group, true],
    ['a group it listed', (driver) => command(driver, 1, 0, [...table(), ...table(group)]), group, true],
    ['an address it listed', (driver) => command(driver, 1, 0, [...table(mac(3)), ...table()]), mac(3), true],
    ['its new address', (driver) => command(driver, 1, 1, mac(9)), mac(9), true],
    ['its old address', (driver) => command(driver, 1, 1, mac(9)), mac(2), false],
    ['a broadcast it does not want', (driver) => command(driver, 0, 5, [1]), broadcast, false],
  ])('lets in what it was asked to: %s', (_, prepare, to, admitted) => {
    const segment = new EthernetSegment(latency);
    const [one, two] = [station(segment, 1), station(segment, 2, filtering)];
    prepare(two);
    send(one, frame(to, 1));
    expect(receiveAt(two, 1_000_000) !== undefined).toBe(admitted);
  });

  it.each<[string, number, number, number[], number]>([
    ['a mode', 0, 0, [1], 0],
    ['a mode without a value', 0, 0, [], 1],
    ['an unknown mode', 0, 9, [1], 1],
    ['an unknown class', 9, 0, [1], 1],
    ['an address that is cut off', 1, 1, [1, 2, 3], 1],
    ['tables that are cut off', 1, 0, [1, 0, 0, 0, 1, 2], 1],
    ['a table of four thousand million', 1, 0, [255, 255, 255, 255, 0, 0, 0, 0], 1],
  ])('acknowledges %s', (_, kind, code, data, ack) => {
    expect(command(station(new EthernetSegment(latency), 1, filtering), kind, code, data)).toBe(ack);
  });

  it('accepts no filter commands without the queue that they need', () => {
    const segment = new EthernetSegment(latency);
    const driver = station(segment, 1, basic | bit(18));
    expect(driver.status & 8).toBe(0);
  });
});

describe('a segment', () => {
  const drain = (port: SegmentPort, cycle: number): number[] => {
    const list: number[] = [];
    for (let bytes = port.receive(cycle); bytes !== undefined; bytes = port.receive(cycle)) list.push(bytes[0] ?? -1);
    return list;
  };

  it('delivers in the order of sending, to all but the sender', () => {
    const segment = new EthernetSegment(latency);
    const [a, b, c] = [segment.attach(), segment.attach(), segment.attach()];
    a.send(Uint8Array.of(1), 0);
    b.send(Uint8Array.of(2), 5);
    a.send(Uint8Array.of(3), 5);
    expect(drain(c, latency + 4)).toEqual([1]);
    expect(drain(c, latency + 5)).toEqual([3, 2]);
    expect(drain(a, 10_000)).toEqual([2]);
    expect(drain(b, 10_000)).toEqual([1, 3]);
  });

  it('delivers the same whichever machine ran its turn first', () => {
    const sending = fc.record({ from: fc.nat(2), at: fc.nat(latency - 1), byte: fc.nat(255) });
    fc.assert(
      fc.property(
        fc.array(sending, { maxLength: 20 }),
        fc.constantFrom([0, 1, 2], [2, 1, 0], [1, 2, 0]),
        (list, order) => {
          const deliveries = (turns: readonly number[]): number[][] => {
            const segment = new EthernetSegment(latency);
            const ports = [0, 1, 2].map(() => segment.attach());
            const inTime = [...list].sort((a, b) => a.at - b.at);
            for (const turn of turns) {
              for (const { from, at, byte } of inTime) if (from === turn) ports[from]?.send(Uint8Array.of(byte), at);
            }
            return ports.map((port) => drain(port, 10 * latency));
          };
          expect(deliveries(order)).toEqual(deliveries([0, 1, 2]));
        },
      ),
    );
  });

  it('keeps what is under way in its state', () => {
    const segment = new EthernetSegment(latency);
    const [a, b] = [segment.attach(), segment.attach()];
    a.send(Uint8Array.of(1), 0);
    const saved = segment.save();
    a.send(Uint8Array.of(2), 1);
    expect(drain(b, 5000)).toEqual([1, 2]);
    segment.load(saved);
    expect(drain(b, 5000)).toEqual([1]);
    expect(structuredClone(saved)).toEqual(saved);
  });

  it('loses what is too much for the cable', () => {
    const segment = new EthernetSegment(latency);
    const [a, b] = [segment.attach(), segment.attach()];
    for (let count = 0; count < 2000; count++) a.send(Uint8Array.of(count), count);
    expect(drain(b, 10_000).length).toBe(1024);
  });
});
