/** What is done to a machine from outside while code is hot: between two runs, in every tier alike. */
import { describe, expect, it } from 'vitest';
import { eventKinds, eventsOf } from '../../../src/engine/events.ts';
import { findSymbol } from '../../../src/engine/image.ts';
import { createMachine } from '../../../src/engine/machine/machine.ts';
import { serialize } from '../../../src/engine/machine/snapshot-bytes.ts';
import type { Machine } from '../../../src/engine/machine/types.ts';
import type { HotAfter } from './drive.ts';
import type { Guest } from './guest.ts';
import { places } from './places.ts';
import { addi, argument, guestOfSpecial, type Special } from './special.ts';

const counting: Special = {
  name: 'a loop that counts',
  text: `
        la      t3, target
1:      addi    a0, a0, 1
target: addi    a1, a1, 1
        sd      a0, (s4)
        ld      a2, (s4)
        j       1b`,
  expect: {},
};
const guest = guestOfSpecial(counting);
const target = findSymbol(guest.image, 'target')?.address ?? 0n;
const loopSteps = 5;

const tiers: readonly HotAfter[] = ['never', 1, 2];

async function started(tier: HotAfter, from: Guest = guest): Promise<Machine> {
  const machine = await createMachine(from.board);
  machine.load(from.image);
  machine.listen(eventKinds);
  machine.setTiering({ hotAfter: tier });
  return machine;
}

/** Before the loop's first instruction, in its midst, well after it got hot. */
async function inLoop(tier: HotAfter): Promise<Machine> {
  const machine = await started(tier);
  machine.setBreakpoints([target - 4n]);
  machine.run(1000);
  machine.setBreakpoints([]);
  machine.run(100 * loopSteps);
  return machine;
}

const bytesOf = (word: number): Uint8Array => new Uint8Array(Int32Array.of(word).buffer);
const counts = (machine: Machine): readonly (bigint | undefined)[] =>
  [10, 11, 12].map((index) => machine.state().harts[0]?.registers[index]);

/** Does the same to a machine of each tier, and gives what all of them saw. */
async function alike<T>(act: (machine: Machine) => T | Promise<T>): Promise<T> {
  const seen: (readonly [T, Uint8Array])[] = [];
  for (const tier of tiers) {
    const machine = await inLoop(tier);
    seen.push([await act(machine), serialize(machine.snapshot())]);
  }
  const [first] = seen;
  for (const other of seen) expect(other).toEqual(first);
  if (first === undefined) throw new Error('There is no tier.');
  return first[0];
}

describe('in hot code', () => {
  it('a breakpoint stops before its instruction, every time round, until it is gone', async () => {
    const stops = await alike((machine) => {
      machine.setBreakpoints([target]);
      const seen = [1, 2, 3].map(() => [machine.run(100), counts(machine)]);
      machine.setBreakpoints([]);
      return [...seen, machine.run(50), counts(machine)];
    });
    const stop = { kind: 'breakpoint', hart: 0, pc: target };
    expect(stops.slice(0, 3)).toEqual([
      [stop, [101n, 100n, 100n]],
      [stop, [102n, 101n, 101n]],
      [stop, [103n, 102n, 102n]],
    ]);
    expect(stops.slice(3)).toEqual([{ kind: 'limit' }, [113n, 112n, 112n]]);
  });

  it('a watch stops behind the store of a hot loop', async () => {
    const stops = await alike((machine) => {
      machine.setWatches([{ start: places.data, bytes: 1, on: 'store' }]);
      return [machine.run(100), counts(machine), machine.run(100), counts(machine), machine.position];
    });
    expect(stops.slice(0, 2)).toMatchObject([
      { kind: 'watch', access: 'store', physical: places.data },
      [101n, 101n, 100n],
    ]);
  });

  it('a watch of loads stops behind the load', async () => {
    const [stop] = await alike((machine) => {
      machine.setWatches([{ start: places.data + 7, bytes: 1, on: 'load' }]);
      return [machine.run(100), counts(machine)];
    });
    expect(stop).toMatchObject({ kind: 'watch', access: 'load' });
  });

  it('the debugger writes an instruction', async () => {
    const seen = await alike((machine) => {
      machine.writeMemory(Number(target), bytesOf(addi(argument(1), 3)));
      machine.run(10 * loopSteps);
      machine.writeMemory(Number(target), bytesOf(addi(argument(1), 1)));
      machine.run(10 * loopSteps);
      return counts(machine);
    });
    expect(seen).toEqual([120n, 140n, 120n]);
  });

  it('the debugger writes registers and pc', async () => {
    const seen = await alike((machine) => {
      machine.run(2);
      machine.setRegister(10, 1000n);
      machine.run(1);
      machine.setRegister('pc', target);
      machine.run(1 + 10 * loopSteps);
      return counts(machine);
    });
    expect(seen[0]).toBe(1010n);
  });

  it('a snapshot brings other code back, and other code again', async () => {
    const seen = await alike((machine) => {
      const before = machine.snapshot();
      machine.writeMemory(Number(target), bytesOf(addi(argument(1), 100)));
      machine.run(10 * loopSteps);
      const changed = machine.snapshot();
      const results = [counts(machine)];
      for (const snapshot of [before, changed, before]) {
        machine.restore(snapshot);
        machine.run(10 * loopSteps);
        results.push(counts(machine));
      }
      return results;
    });
    expect(seen.map(([, sum]) => sum)).toEqual([1100n, 110n, 2100n, 110n]);
  });

  it('an image that is loaded anew replaces the code', async () => {
    const other = guestOfSpecial({ ...counting, text: counting.text.replace('a1, a1, 1', 'a1, a1, 5') });
    const seen = await alike((machine) => {
      machine.load(other.image);
      machine.run(1000);
      return machine.state().harts[0]?.registers.slice(10, 12);
    });
    expect(Number(seen?.[1] ?? 0n)).toBeGreaterThan(4 * Number(seen?.[0] ?? 0n));
  });

  it('listening begins and ends', async () => {
    await alike((machine) => {
      machine.listen([]);
      machine.run(100);
      machine.listen(['trap']);
      machine.run(100);
      return machine.takeEvents();
    });
  });
});

describe('a timer interrupt', () => {
  const ticking = (nops: number): Guest =>
    guestOfSpecial({
      ...counting,
      period: 3,
      text: `
        ${'nop\n'.repeat(nops)}
1:      addi    a0, a0, 1
        c.addi  a1, 3
        sd      a0, (s4)
        mul     a2, a0, a1
        ld      a3, (s4)
        fmv.d.x fa0, a3
        xor     a4, a4, a2
        bnez    a0, 1b`,
    });

  it('comes at the same step in every tier, wherever in a hot loop that is', async () => {
    const interrupted = new Set<bigint>();
    for (let nops = 0; nops < 8; nops++) {
      const machines = await Promise.all(tiers.map((tier) => started(tier, ticking(nops))));
      for (const machine of machines) machine.run(4000);
      const [first, ...others] = machines.map(
        (machine) => [machine.takeEvents(), serialize(machine.snapshot())] as const,
      );
      for (const other of others) expect(other).toEqual(first);
      for (const event of eventsOf(first?.[0] ?? { words: new Uint32Array() })) {
        if (event.kind === 'trap') interrupted.add(event.pc);
      }
    }
    expect(interrupted.size).toBeGreaterThanOrEqual(8);
  });
});
