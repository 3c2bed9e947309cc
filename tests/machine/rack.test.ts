import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventKinds, eventsOf } from '../../src/engine/events.ts';
import { History } from '../../src/engine/machine/history.ts';
import { defaultBoard } from '../../src/engine/machine/machine.ts';
import { createRack, type Rack } from '../../src/engine/machine/rack.ts';
import { EthernetSegment } from '../../src/engine/machine/segment.ts';
import { SnapshotError } from '../../src/engine/machine/snapshot.ts';
import { serialize } from '../../src/engine/machine/snapshot-bytes.ts';
import type { BoardConfig } from '../../src/engine/machine/types.ts';
import { assembled, wordAt } from './program.ts';

const queue = (number: number): string => `
        li      t0, ${number}
        sw      t0, 0x30(s0)
        li      t0, 4
        sw      t0, 0x38(s0)
        la      t0, descriptors${number}
        sw      t0, 0x80(s0)
        la      t0, available${number}
        sw      t0, 0x90(s0)
        la      t0, used${number}
        sw      t0, 0xa0(s0)
        li      t0, 1
        sw      t0, 0x44(s0)
`;

const status = (value: number): string => `li t0, ${value}\nsw t0, 0x70(s0)\n`;

/** Whoever receives a frame, or a byte from outside, sends a frame. The machine with address 1 begins. */
const echo = assembled(`
        li      s0, 0x10001000
        ${status(1)}${status(3)}
        li      t0, 1
        sw      t0, 0x24(s0)
        sw      t0, 0x20(s0)
        ${status(11)}${queue(0)}${queue(1)}${status(15)}
        li      s3, 0x10000000
        li      t0, 1
        sb      t0, 1(s3)
        li      s1, 0xc000000
        sw      t0, 4(s1)
        sw      t0, 40(s1)
        li      t1, 0xc002000
        li      t0, 0x402
        sw      t0, (t1)
        li      s1, 0xc200000
        li      t0, 0x800
        csrw    mie, t0
        lbu     t0, 0x105(s0)
        li      t1, 1
        beq     t0, t1, send
loop:   wfi
        lw      s4, 4(s1)
        beqz    s4, loop
        lw      t0, 0x60(s0)
        sw      t0, 0x64(s0)
        lbu     t2, 5(s3)
        andi    t2, t2, 1
        beqz    t2, 1f
        lbu     t3, (s3)
        la      t0, bytes
        ld      t1, (t0)
        add     t1, t1, t3
        sd      t1, (t0)
1:      sw      s4, 4(s1)
        la      t0, used0
        lhu     t0, 2(t0)
        bne     t0, s2, 2f
        bnez    t2, send
        j       loop
2:      mv      s2, t0
        addi    t0, t0, 1
        la      t1, available0
        sh      t0, 2(t1)
        sw      zero, 0x50(s0)
        la      t0, hops
        ld      t1, (t0)
        addi    t1, t1, 1
        sd      t1, (t0)
send:   la      t0, available1
        lhu     t1, 2(t0)
        addi    t1, t1, 1
        sh      t1, 2(t0)
        li      t0, 1
        sw      t0, 0x50(s0)
        j       loop
        .data
        .balign 16
descriptors0: .quad received
        .word   1526, 2
        .space  48
descriptors1: .quad frame
        .word   72, 0
        .space  48
        .balign 16
available0: .half 0, 1, 0, 0, 0, 0, 0, 0
available1: .half 0, 0, 0, 0, 0, 0, 0, 0
        .balign 16
used0:  .space  64
used1:  .space  64
frame:  .space  12
        .byte   255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 9
        .space  48
        .balign 8
hops:   .quad   0
bytes:  .quad   0
        .bss
received: .space 1536`);

async function rackOf(count: number, boards: Partial<BoardConfig> = {}, quantum?: number): Promise<Rack> {
  const segment = new EthernetSegment();
  const machines = Array.from({ length: count }, (_, index): BoardConfig => {
    const net = { kind: 'net', mac: Uint8Array.of(2, 0, 0, 0, 0, index + 1), port: segment.attach() } as const;
    return { ...defaultBoard, ram: 2 ** 16, virtio: [net], ...boards };
  });
  const rack = await createRack({ machines, segments: [segment], ...(quantum !== undefined && { quantum }) });
  for (const machine of rack.machines) machine.load(echo);
  return rack;
}

const state = (rack: Rack): unknown => {
  const { machines, ...rest } = rack.snapshot();
  return [machines.map(serialize), rest];
};
const hops = (rack: Rack): number[] => rack.machines.map((machine) => Number(wordAt(machine, echo, 'hops')));

describe('a rack', () => {
  it('carries frames between its machines', async () => {
    const rack = await rackOf(2);
    expect(rack.run(20_000)).toEqual({ kind: 'limit' });
    const [one = 0, two = 0] = hops(rack);
    expect(one).toBeGreaterThan(50);
    expect(Math.abs(one - two)).toBeLessThanOrEqual(1);
    expect(Math.abs((rack.machines[0]?.cycle ?? 0) - (rack.machines[1]?.cycle ?? 0))).toBeLessThan(20_000);
  });

  it('is the same however the run is split, also for machines of several harts', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3 }),
        fc.constantFrom(1, 1, 3),
        fc.integer({ min: 100, max: 10_000 }),
        fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 20 }),
        async (count, harts, quantum, parts) => {
          const run = async (steps: readonly number[]): Promise<unknown> => {
            const rack = await rackOf(count, { harts }, quantum);
            rack.listen(eventKinds.filter((kind) => kind !== 'stop'));
            for (const part of steps) rack.run(part);
            return [rack.machines.map((machine) => machine.takeEvents()), state(rack)];
          };
          expect(await run(parts)).toEqual(await run([parts.reduce((sum, part) => sum + part, 0)]));
        },
      ),
      { numRuns: 50 },
    );
  }, 60_000);

  it('does not show in which order machines take turns', async () => {
    const run = async (order: readonly number[]): Promise<unknown[][]> => {
      const segment = new EthernetSegment();
      const ports = [segment.attach(), segment.attach()];
      const boards = [0, 1].map((index): BoardConfig => {
        const mac = Uint8Array.of(2, 0, 0, 0, 0, index + 1);
        return { ...defaultBoard, ram: 2 ** 16, virtio: [{ kind: 'net', mac, ...withPort(ports[index]) }] };
      });
      const machines = order.flatMap((index) => boards[index] ?? []);
      const rack = await createRack({ machines, segments: [segment] });
      for (const machine of rack.machines) machine.load(echo);
      rack.listen(['request', 'trap', 'device']);
      rack.run(40_000);
      return order.map((_, at) => {
        const events = [...eventsOf((rack.machines[order.indexOf(at)] ?? fail()).takeEvents())];
        return events.filter(({ cycle }) => cycle < 1_000_000).map(({ kind, cycle, pc }) => [kind, cycle, pc]);
      });
    };
    const seen = await run([0, 1]);
    expect(seen.map((events) => events.length > 100)).toEqual([true, true]);
    expect(await run([1, 0])).toEqual(seen);
  });

  it('of one is its machine', async () => {
    const rack = await rackOf(1);
    expect(rack.run(10_000)).toEqual({ kind: 'waiting' });
    rack.input(Uint8Array.of(5));
    rack.run(10_000);
    expect(wordAt(rack.machines[0] ?? fail(), echo, 'bytes')).toBe(5n);
  });

  it('waits when all of its machines do, and goes on by what comes into any', async () => {
    const rack = await rackOf(3);
    for (const machine of rack.machines) machine.load(assembled('wfi\nj .'));
    expect(rack.run(1000)).toEqual({ kind: 'deadlock' });
    const { position } = rack;
    expect(rack.run(1000)).toEqual({ kind: 'deadlock' });
    expect(rack.position).toBe(position);
  });

  it('has a history: any position is found again, with frames under way and input to any machine', async () => {
    const action = fc.oneof(
      fc.record({ run: fc.integer({ min: 1, max: 300 }) }),
      fc.record({ input: fc.nat(255), machine: fc.nat(1) }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(action, { minLength: 1, maxLength: 20 }),
        fc.array(fc.nat(3000), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 0, max: 25 }),
        fc.constantFrom(1, 2),
        async (actions, seeks, milliseconds, harts) => {
          let time = 0;
          const now = (): number => {
            time += milliseconds;
            return time;
          };
          const perform = (target: Pick<Rack, 'run' | 'input' | 'position'>, until: number): void => {
            for (const each of actions) {
              if (target.position >= until) return;
              if ('run' in each) target.run(Math.min(each.run, until - target.position));
              else target.input(Uint8Array.of(each.input), undefined, each.machine);
            }
          };
          const history = new History(await rackOf(2, { harts }), { now });
          perform(history, Number.POSITIVE_INFINITY);
          const tip = state(history.machine);
          for (const target of seeks) {
            history.seek(target);
            if (target >= history.tip) continue;
            const fresh = await rackOf(2, { harts });
            perform(fresh, target);
            expect(state(history.machine)).toEqual(state(fresh));
          }
          history.seek(Number.POSITIVE_INFINITY);
          expect(state(history.machine)).toEqual(tip);
        },
      ),
      { numRuns: 60 },
    );
  }, 60_000);

  it('runs backwards to what happened on any machine', async () => {
    const history = new History(await rackOf(2));
    history.run(20_000);
    const positions: number[] = [];
    for (let back = 0; back < 4; back++) {
      expect(history.previous({ kind: 'event', kinds: ['request'] })).toBe(true);
      positions.push(history.position);
    }
    expect(positions).toEqual([...new Set(positions)].sort((a, b) => b - a));
    history.listen(['request']);
    history.run(1);
    expect([...eventsOf(history.machine.takeEvents())]).not.toHaveLength(0);
  });

  it('refuses what does not fit', async () => {
    const two = await rackOf(2);
    const before = state(two);
    expect(() => two.restore({ ...two.snapshot(), machines: [] })).toThrow(SnapshotError);
    const other = await rackOf(2, { harts: 2 });
    expect(() => two.restore(other.snapshot())).toThrow(/its harts is 2/);
    expect(state(two)).toEqual(before);
    await expect(rackOf(2, {}, 20_000)).rejects.toThrow(/turn of 20000 cycles/);
    await expect(createRack({ machines: [] })).rejects.toThrow('at least one machine');
  });
});

const withPort = <P>(port: P | undefined): { readonly port?: P } => (port === undefined ? {} : { port });

function fail(): never {
  throw new Error('there is no such machine');
}
