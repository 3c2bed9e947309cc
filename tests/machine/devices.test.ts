import { describe, expect, it } from 'vitest';
import { Clint } from '../../src/engine/machine/devices/clint.ts';
import { Plic } from '../../src/engine/machine/devices/plic.ts';
import { Rtc } from '../../src/engine/machine/devices/rtc.ts';
import { Uart } from '../../src/engine/machine/devices/uart.ts';

describe('the CLINT', () => {
  it('counts a tick every hundred cycles', () => {
    let cycle = 12_345;
    const clint = new Clint(1, () => cycle);
    expect(clint.read(0xbff8, 4)).toBe(123);
    cycle = 100 * 2 ** 33;
    expect([clint.read(0xbff8, 4), clint.read(0xbffc, 4)]).toEqual([0, 2]);
  });

  it('raises the timer when mtime reaches mtimecmp, and drops it when that is moved on', () => {
    let cycle = 0;
    const clint = new Clint(1, () => cycle);
    const wires = clint.wires(0);
    expect(wires.timerDue(wires.timeAt(cycle))).toBe(false);
    clint.write(0x4000, 4, 50);
    clint.write(0x4004, 4, 0);
    expect(wires.deadline).toBe(5000);
    cycle = 4999;
    expect(wires.timerDue(wires.timeAt(cycle))).toBe(false);
    cycle = 5000;
    expect(wires.timerDue(wires.timeAt(cycle))).toBe(true);
    clint.write(0x4000, 4, 60);
    expect(wires.timerDue(wires.timeAt(cycle))).toBe(false);
  });

  it('lets mtime be written', () => {
    const clint = new Clint(1, () => 1000);
    clint.write(0xbff8, 4, 500);
    expect(clint.wires(0).timeAt(1000)).toBe(500);
  });

  it('holds a software interrupt in one bit', () => {
    const clint = new Clint(1, () => 0);
    clint.write(0, 4, 0xff);
    expect(clint.read(0, 4)).toBe(1);
    expect(clint.wires(0).softwarePending).toBe(true);
  });
});

describe('the UART', () => {
  const received = (...bytes: number[]): Uart => {
    const uart = new Uart(() => {});
    uart.receive(Uint8Array.from(bytes));
    return uart;
  };

  it('sends bytes, and is always ready for the next', () => {
    const sent: number[] = [];
    const uart = new Uart((byte) => sent.push(byte));
    uart.write(0, 1, 0x141);
    expect(sent).toEqual([0x41]);
    expect(uart.read(5, 1)).toBe(0x60);
  });

  it('hands over received bytes in order', () => {
    const uart = received(1, 2);
    expect([uart.read(5, 1), uart.read(0, 1), uart.read(0, 1), uart.read(5, 1)]).toEqual([0x61, 1, 2, 0x60]);
  });

  it('interrupts for a received byte only if asked to', () => {
    const uart = received(1);
    expect(uart.interrupting).toBe(false);
    uart.write(1, 1, 1);
    expect(uart.interrupting).toBe(true);
    expect(uart.read(2, 1)).toBe(4);
    uart.read(0, 1);
    expect(uart.interrupting).toBe(false);
  });

  it('interrupts once when the transmitter has become empty, until that is read', () => {
    const uart = new Uart(() => {});
    uart.write(1, 1, 2);
    expect(uart.read(2, 1)).toBe(2);
    expect(uart.interrupting).toBe(false);
    uart.write(0, 1, 0x41);
    expect(uart.interrupting).toBe(true);
  });

  it('asks once for an empty transmitter, even of a driver that never looks why', () => {
    const uart = new Uart(() => {});
    uart.write(1, 1, 2);
    expect(uart.interrupting).toBe(true);
    uart.announced();
    expect(uart.interrupting).toBe(false);
    uart.write(0, 1, 0x41);
    expect(uart.interrupting).toBe(true);
  });

  it('asks again for the transmitter when a received byte had been handled first', () => {
    const uart = received(1);
    uart.write(1, 1, 3);
    uart.announced();
    expect(uart.read(2, 1)).toBe(4);
    uart.read(0, 1);
    expect([uart.interrupting, uart.read(2, 1)]).toEqual([true, 2]);
  });

  it('goes on from a saved state', () => {
    const uart = received(1, 2);
    const saved = uart.save();
    uart.read(0, 1);
    uart.write(1, 1, 1);
    uart.load(saved);
    expect([uart.read(1, 1), uart.read(0, 1), uart.read(0, 1)]).toEqual([0, 1, 2]);
    expect(saved.received).toEqual([1, 2]);
  });

  it('keeps the divisor apart behind its latch', () => {
    const sent: number[] = [];
    const uart = new Uart((byte) => sent.push(byte));
    uart.write(3, 1, 0x80);
    uart.write(0, 1, 3);
    uart.write(3, 1, 0x03);
    expect(sent).toEqual([]);
    expect(uart.read(3, 1)).toBe(3);
  });

  it('loops back what it sends', () => {
    const sent: number[] = [];
    const uart = new Uart((byte) => sent.push(byte));
    uart.write(4, 1, 0x10);
    uart.write(0, 1, 7);
    expect(sent).toEqual([]);
    expect(uart.read(0, 1)).toBe(7);
  });
});

describe('the PLIC', () => {
  const enabled = (): Plic => {
    const plic = new Plic(1);
    plic.write(4 * 10, 4, 1);
    plic.write(4 * 11, 4, 2);
    plic.write(0x2080, 4, (1 << 10) | (1 << 11));
    return plic;
  };
  const claimAt = 0x20_1004;

  it('interrupts the context that enabled the source', () => {
    const plic = enabled();
    plic.setLine(10, true);
    expect([plic.interrupting(0), plic.interrupting(1)]).toEqual([false, true]);
  });

  it('gives the highest priority first, then nothing', () => {
    const plic = enabled();
    plic.setLine(10, true);
    plic.setLine(11, true);
    expect([plic.read(claimAt, 4), plic.read(claimAt, 4), plic.read(claimAt, 4)]).toEqual([11, 10, 0]);
    expect(plic.interrupting(1)).toBe(false);
  });

  it('asks again after completion if the line is still high', () => {
    const plic = enabled();
    plic.setLine(10, true);
    plic.read(claimAt, 4);
    plic.write(claimAt, 4, 10);
    expect(plic.interrupting(1)).toBe(true);
    plic.read(claimAt, 4);
    plic.setLine(10, false);
    plic.write(claimAt, 4, 10);
    expect(plic.interrupting(1)).toBe(false);
  });

  it('holds back what is not above the threshold', () => {
    const plic = enabled();
    plic.setLine(10, true);
    plic.write(0x20_1000, 4, 1);
    expect(plic.interrupting(1)).toBe(false);
    plic.setLine(11, true);
    expect(plic.interrupting(1)).toBe(true);
  });

  it('keeps a request that it accepted when the line falls', () => {
    const plic = enabled();
    plic.setLine(10, true);
    plic.setLine(10, false);
    expect([plic.interrupting(1), plic.read(claimAt, 4)]).toEqual([true, 10]);
    plic.write(claimAt, 4, 10);
    expect(plic.interrupting(1)).toBe(false);
  });

  it('has two contexts for each hart', () => {
    const plic = new Plic(4);
    plic.write(4 * 10, 4, 1);
    plic.write(0x2000 + 0x80 * 7, 4, 1 << 10);
    plic.setLine(10, true);
    expect(Array.from({ length: 9 }, (_, context) => plic.interrupting(context))).toEqual([
      ...Array(7).fill(false),
      true,
      false,
    ]);
    expect(plic.read(0x20_0004 + 0x1000 * 7, 4)).toBe(10);
  });

  it('goes on from a saved state', () => {
    const plic = enabled();
    plic.setLine(10, true);
    const saved = plic.save();
    plic.read(claimAt, 4);
    plic.write(0x2080, 4, 0);
    plic.load(saved);
    expect([plic.interrupting(1), plic.read(claimAt, 4)]).toEqual([true, 10]);
  });

  it('has no source 0', () => {
    const plic = enabled();
    plic.write(0, 4, 7);
    plic.write(0x2080, 4, 0xffff_ffff);
    expect(plic.read(0x2080, 4)).toBe(0xffff_fffe);
  });
});

describe('the real-time clock', () => {
  const epoch = 1_735_689_600_000_000_000n;
  const clockAt = (): { clock: Rtc; at: (cycle: number) => void } => {
    let now = 0;
    const clock = new Rtc(epoch, () => now);
    return {
      clock,
      at: (cycle) => {
        now = cycle;
        clock.advance();
      },
    };
  };
  const timeOf = (clock: Rtc): bigint => BigInt(clock.read(0, 4)) + (BigInt(clock.read(4, 4)) << 32n);
  const setAlarm = (clock: Rtc, time: bigint): void => {
    clock.write(0x0c, 4, Number(time >> 32n));
    clock.write(0x08, 4, Number(time & 0xffff_ffffn));
  };

  it('shows the epoch and counts nanoseconds', () => {
    const { clock, at } = clockAt();
    expect(timeOf(clock)).toBe(epoch);
    at(5_000_000_000);
    expect(timeOf(clock)).toBe(epoch + 5_000_000_000n);
  });

  it('holds the high half until the low one is read again', () => {
    const { clock, at } = clockAt();
    clock.write(0, 4, 0xffff_ffff);
    clock.read(0, 4);
    const high = clock.read(4, 4);
    at(1);
    expect(clock.read(4, 4)).toBe(high);
    expect([clock.read(0, 4), clock.read(4, 4)]).toEqual([0, high + 1]);
  });

  it('rings at its alarm, once, and only if it may', () => {
    const { clock, at } = clockAt();
    setAlarm(clock, epoch + 700n);
    expect([clock.deadline, clock.read(0x18, 4)]).toEqual([700, 1]);
    at(699);
    clock.write(0x10, 4, 1);
    expect(clock.interrupting).toBe(false);
    at(700);
    expect([clock.interrupting, clock.read(0x18, 4), clock.deadline]).toEqual([true, 0, Number.POSITIVE_INFINITY]);
    clock.write(0x10, 4, 0);
    expect(clock.interrupting).toBe(false);
    clock.write(0x10, 4, 1);
    clock.write(0x1c, 4, 1);
    expect(clock.interrupting).toBe(false);
  });

  it('rings at once for an alarm that has passed, and not for one that was cleared', () => {
    const { clock, at } = clockAt();
    clock.write(0x10, 4, 1);
    setAlarm(clock, epoch + 10n);
    clock.write(0x14, 4, 1);
    at(20);
    expect(clock.interrupting).toBe(false);
    setAlarm(clock, epoch + 10n);
    expect(clock.interrupting).toBe(true);
  });

  it('can be set', () => {
    const { clock, at } = clockAt();
    at(77);
    clock.write(4, 4, 5);
    clock.write(0, 4, 6);
    expect(timeOf(clock)).toBe((5n << 32n) + 6n);
  });
});
