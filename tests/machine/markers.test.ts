/** Trace markers: events for whoever listens, and nothing else, in both tiers. */
import { describe, expect, it } from 'vitest';
import { type EventKind, eventsOf, type MachineEvent } from '../../src/engine/events.ts';
import { markerLabels } from '../../src/engine/isa/markers.ts';
import { createMachine, defaultBoard } from '../../src/engine/machine/machine.ts';
import { serialize } from '../../src/engine/machine/snapshot-bytes.ts';
import { build } from '../../src/engine/toolchain/build.ts';

const rounds = 40;

const program = `
        .globl  _start
_start: li      s0, ${rounds}
1:      slti    x0, s0, 0x471
        addi    a0, a0, 3
        gh.marknote a0
        slti    x0, s0, 0x46f
        slti    x0, s0, 0x478
        addi    s0, s0, -1
        bnez    s0, 1b
        li      a1, -1
        gh.markmode a1
        li      t0, 0x100000
        li      t1, 0x5555
        sw      t1, 0(t0)
`;

const tiers = { interpreted: 'never', translated: 2 } as const;

async function outcome(hotAfter: number | 'never', kinds: readonly EventKind[]) {
  const built = build([{ name: 'main.s', text: program }]);
  if (!built.ok) throw new Error(JSON.stringify(built.diagnostics));
  const machine = await createMachine({ ...defaultBoard, ram: 1 << 20 });
  machine.setTiering({ hotAfter });
  machine.load(built.image);
  machine.listen(kinds);
  expect(machine.run(100_000)).toEqual({ kind: 'exit', code: 0 });
  const events = [...eventsOf(machine.takeEvents())];
  return { events, state: serialize(machine.snapshot()), position: machine.position };
}

const shown = (event: MachineEvent): unknown =>
  event.kind === 'marker' ? [event.position, markerLabels[event.label], event.value, event.pc] : event;

describe('trace markers', () => {
  it.each(Object.entries(tiers))('are events with a label and a value (%s)', async (_, hotAfter) => {
    const { events } = await outcome(hotAfter, ['marker']);
    expect(events.slice(0, 3).map(shown)).toEqual([
      [1, 'vm', BigInt(rounds), 0x8000_0004n],
      [3, 'note', 3n, 0x8000_000cn],
      [8, 'vm', BigInt(rounds - 1), 0x8000_0004n],
    ]);
    expect(events).toHaveLength(2 * rounds + 1);
    expect(shown(events.at(-1) as MachineEvent)).toEqual([2 + 7 * rounds, 'mode', 2n ** 64n - 1n, 0x8000_0024n]);
  });

  it('change nothing, whether somebody listens or not, in either tier', async () => {
    const outcomes = await Promise.all(
      Object.values(tiers).flatMap((hotAfter) => [outcome(hotAfter, []), outcome(hotAfter, ['marker'])]),
    );
    const [first, ...others] = outcomes;
    for (const { state, position } of others) expect([state, position]).toEqual([first?.state, first?.position]);
    expect(outcomes.map(({ events }) => events.length)).toEqual([0, 81, 0, 81]);
  });
});
