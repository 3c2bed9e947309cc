/** Watches see every way in which memory is written, in either tier, and say who it was. */
import { describe, expect, it } from 'vitest';
import { findSymbol, type Image } from '../../src/engine/image.ts';
import { History } from '../../src/engine/machine/history.ts';
import { createMachine, defaultBoard } from '../../src/engine/machine/machine.ts';
import type { Machine, Stop } from '../../src/engine/machine/types.ts';
import { assembled } from './program.ts';
import { board, conditional, reading, stores, storing, walking } from './watched-writers.ts';

const tiers = ['never', 2] as const;

async function machineWith(image: Image, hotAfter: 'never' | number): Promise<Machine> {
  const machine = await createMachine({ ...defaultBoard, ...board });
  machine.setTiering({ hotAfter });
  machine.load(image);
  return machine;
}

const addressOf = (image: Image, name: string): number => Number(findSymbol(image, name)?.address ?? 0n);

/** Every stop of a run at stores to a place. */
async function stopsAt(text: string, place: string, offset: number, hotAfter: 'never' | number) {
  const image = assembled(text);
  const machine = await machineWith(image, hotAfter);
  machine.setWatches([{ start: addressOf(image, place) + offset, bytes: 8, on: 'store' }]);
  const stops: Extract<Stop, { kind: 'watch' }>[] = [];
  for (let stop = machine.run(100_000); stop.kind === 'watch'; stop = machine.run(100_000)) {
    expect(machine.position - stop.position).toBe(typeof stop.by === 'object' ? 0 : 1);
    stops.push(stop);
  }
  return { image, machine, stops };
}

describe.each(tiers)('a watch (hot after %s)', (tier) => {
  it.each(stores)('sees %s', async (_, instruction) => {
    const { image, stops } = await stopsAt(storing(instruction), 'cell', 0, tier);
    expect(stops.map(({ pc, by }) => [Number(pc), by])).toEqual([[addressOf(image, 'here'), 'instruction']]);
  });

  it('sees a store-conditional, whether it succeeds or not', async () => {
    const { image, stops } = await stopsAt(conditional, 'cell', 0, tier);
    expect(stops.map(({ pc }) => Number(pc))).toEqual([addressOf(image, 'here'), addressOf(image, 'failed')]);
  });

  it('sees A and D set by a walk, at the instruction that made it', async () => {
    const { image, stops } = await stopsAt(walking, 'root', 16, tier);
    const again = [
      [addressOf(image, 'again'), 'instruction'],
      [addressOf(image, 'here'), 'walk'],
    ];
    const fetched = [[addressOf(image, 'super'), 'walk']];
    const seen = stops.slice(1).map(({ pc, by }) => [Number(pc), by]);
    expect(seen.slice(0, 3)).toEqual([...fetched, ...again]);
    expect(seen).toHaveLength(1 + 2 * 12);
  });

  it('sees what a disk writes, between two steps', async () => {
    const { image, stops } = await stopsAt(reading, 'cell', 0, tier);
    expect(stops).toMatchObject([{ by: { device: 'virtio0-block' }, access: 'store', bytes: 512 }]);
    const [stop] = stops;
    expect([addressOf(image, 'wait'), addressOf(image, 'wait') + 4]).toContain(Number(stop?.pc));
  });

  it('stops before the interrupt that the device raises is taken, with its bytes there', async () => {
    const image = assembled(reading);
    const machine = await machineWith(image, tier);
    const cell = addressOf(image, 'cell');
    machine.setWatches([{ start: cell, bytes: 1, on: 'store' }]);
    const stop = machine.run(100_000);
    expect(stop).toMatchObject({ kind: 'watch', position: machine.position });
    expect(machine.readMemory(cell, 2)).toEqual(Uint8Array.of(0xd0, 0xd1));
  });
});

describe('going back to a write', () => {
  it.each([
    ['a walk', walking, 'root', 16, 'here'],
    ['a cache block', storing('cbo.zero (s0)'), 'cell', 8, 'here'],
    ['a misaligned store', storing('sd t1, -4(s0)'), 'cell', 0, 'here'],
  ])('comes to before %s', async (_, text, place, offset, label) => {
    const image = assembled(text);
    const machine = await machineWith(image, 'never');
    const history = new History(machine);
    history.run(3000);
    const start = addressOf(image, place) + offset;
    expect(history.previous({ kind: 'access', watches: [{ start, bytes: 8, on: 'store' }] })).toBe(true);
    expect(Number(machine.core().pc)).toBe(addressOf(image, label));
  });

  it('comes to before a disk does it', async () => {
    const image = assembled(reading);
    const machine = await machineWith(image, 'never');
    const history = new History(machine);
    expect(history.run(1_000_000)).toEqual({ kind: 'exit', code: 0 });
    const cell = addressOf(image, 'cell');
    expect(history.previous({ kind: 'access', watches: [{ start: cell, bytes: 8, on: 'store' }] })).toBe(true);
    expect(machine.readMemory(cell, 1)).toEqual(Uint8Array.of(0));
    history.run(1);
    expect(machine.readMemory(cell, 1)).toEqual(Uint8Array.of(0xd0));
  });
});
