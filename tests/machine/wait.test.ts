/** `wfi` as an event: who draws a run must know when a hart waits, as no step passes meanwhile. */
import { describe, expect, it } from 'vitest';
import { eventsOf } from '../../src/engine/events.ts';
import type { BoardConfig, Machine } from '../../src/engine/machine/types.ts';
import { machineRunning } from './program.ts';

/** Hart 0 waits twice: for its timer at 10 µs, with interrupts off, and then for ever. The others only for ever. */
const program = `
  csrr t0, mhartid; bnez t0, forever
  li t0, 0x2004000; li t1, 100; sd t1, (t0)
  li t0, 1 << 7; csrw mie, t0
  wfi
  csrw mie, x0
forever: wfi
  j forever
`;

const waiting = async (config: Partial<BoardConfig> = {}): Promise<Machine> => {
  const machine = await machineRunning(program, config);
  machine.listen(['wait']);
  return machine;
};

const told = (machine: Machine): (readonly [number, boolean, number])[] =>
  [...eventsOf(machine.takeEvents())].flatMap((event) =>
    event.kind === 'wait' ? [[event.hart, event.asleep, event.cycle] as const] : [],
  );

describe('waiting', () => {
  it('is told when it begins and when it ends, with the cycles between', async () => {
    const machine = await waiting();
    expect(machine.run(1000).kind).toBe('deadlock');
    const [slept, woke, again, ...more] = told(machine);
    expect([slept?.[1], woke?.[1], again?.[1], more]).toEqual([true, false, true, []]);
    expect(slept?.[2]).toBeLessThan(200);
    expect(woke?.[2]).toBe(10_000);
  });

  it('is told in the same way however the run is split', async () => {
    const whole = await waiting();
    whole.run(1000);
    const parts = await waiting();
    for (let step = 0; step < 60; step++) parts.run(1, true);
    expect(told(parts)).toEqual(told(whole));
  });

  it('is told for each hart', async () => {
    const machine = await waiting({ harts: 3 });
    machine.run(5000);
    const harts = told(machine).map(([hart, asleep]) => `${hart} ${asleep}`);
    expect(harts.filter((text) => text === '0 false')).toHaveLength(1);
    expect(harts).toEqual(expect.arrayContaining(['1 true', '2 true']));
  });
});
