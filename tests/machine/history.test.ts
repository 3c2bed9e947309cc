import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EventBatch, eventKinds, eventsOf } from '../../src/engine/events.ts';
import { findSymbol, type Image } from '../../src/engine/image.ts';
import { History } from '../../src/engine/machine/history.ts';
import { createMachine, defaultBoard } from '../../src/engine/machine/machine.ts';
import { serialize } from '../../src/engine/machine/snapshot-bytes.ts';
import type { BoardConfig, Machine } from '../../src/engine/machine/types.ts';
import { assembled, wordAt } from './program.ts';
import { ramBytes, randomProgram } from './random-program.ts';

async function machineWith(image: Image, config: Partial<BoardConfig> = {}): Promise<Machine> {
  const machine = await createMachine({ ...defaultBoard, ram: ramBytes, ...config });
  machine.load(image);
  return machine;
}

/** A clock by which every slice took as long as two rungs are apart at least, or a part of that. */
const clock = (milliseconds: number): (() => number) => {
  let time = 0;
  return () => {
    time += milliseconds;
    return time;
  };
};

const state = (machine: Machine): unknown => serialize(machine.snapshot());

/** The harts wait; hart 1 sums up what it receives by interrupt and echoes it, hart 0 is sent an interrupt for each byte. */
const echo = assembled(`
        csrr    s0, mhartid
        la      t0, handler
        csrw    mtvec, t0
        li      t0, 1
        bne     s0, t0, 1f
        li      t0, 0xc000000
        sw      s0, 40(t0)
        li      t0, 0xc002100
        li      t1, 0x400
        sw      t1, (t0)
        li      t0, 0x10000000
        sb      s0, 1(t0)
1:      li      t1, 0x808
        csrw    mie, t1
        csrsi   mstatus, 8
2:      addi    s1, s1, 1
        andi    t1, s1, 7
        bnez    t1, 2b
        wfi
        j       2b
        .balign 4
handler: csrr   t0, mcause
        slli    t0, t0, 1
        li      t1, 22
        bne     t0, t1, 3f
        li      t0, 0xc202004
        lw      t1, (t0)
        li      t2, 0x10000000
        lbu     t3, (t2)
        sb      t3, (t2)
        la      t4, sum
        ld      t5, (t4)
        add     t5, t5, t3
        sd      t5, (t4)
        sw      t1, (t0)
        li      t0, 0x2000000
        sw      s0, (t0)
        mret
3:      li      t0, 0x2000000
        slli    t1, s0, 2
        add     t0, t0, t1
        sw      zero, (t0)
        la      t0, told
        ld      t1, (t0)
        addi    t1, t1, 1
        sd      t1, (t0)
        mret
        .data
        .balign 8
sum:    .quad   0
told:   .quad   0`);

type Action = { readonly run: number } | { readonly input: readonly number[] };
const script: fc.Arbitrary<readonly Action[]> = fc.array(
  fc.oneof(
    fc.record({ run: fc.integer({ min: 1, max: 150 }) }),
    fc.record({ input: fc.array(fc.nat(255), { minLength: 1, maxLength: 3 }) }),
  ),
  { minLength: 1, maxLength: 30 },
);

/** Does a script, or its part before a position. */
function perform(
  machine: Pick<History, 'run' | 'input' | 'position'>,
  actions: readonly Action[],
  until = Number.POSITIVE_INFINITY,
): void {
  for (const action of actions) {
    if (machine.position >= until) return;
    if ('run' in action) machine.run(Math.min(action.run, until - machine.position));
    else machine.input(Uint8Array.from(action.input));
  }
}

const joined = (batches: readonly EventBatch[]): unknown[] => batches.flatMap((batch) => [...eventsOf(batch)]);

describe('a history', () => {
  it('finds the state at any position, as a fresh run reaches it', async () => {
    await fc.assert(
      fc.asyncProperty(
        randomProgram,
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 12 }),
        fc.array(fc.nat(1500), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 0, max: 25 }),
        async (image, harts, parts, seeks, milliseconds) => {
          const history = new History(await machineWith(image, { harts, quantum: 50 }), { now: clock(milliseconds) });
          for (const part of parts) history.run(part);
          const tip = state(history.machine);
          for (const target of seeks) {
            history.seek(target);
            const position = Math.min(target, history.tip);
            expect(history.position).toBe(position);
            if (position === history.tip) {
              expect(state(history.machine)).toEqual(tip);
              continue;
            }
            const fresh = await machineWith(image, { harts, quantum: 50 });
            while (fresh.position < position) fresh.run(position - fresh.position);
            expect(state(history.machine)).toEqual(state(fresh));
          }
        },
      ),
      { numRuns: 60 },
    );
  }, 120_000);

  it('repeats what came from outside at the very point at which it came', async () => {
    await fc.assert(
      fc.asyncProperty(
        script,
        fc.array(fc.nat(4000), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 0, max: 25 }),
        async (actions, seeks, milliseconds) => {
          const config = { harts: 3, quantum: 40 };
          const history = new History(await machineWith(echo, config), { now: clock(milliseconds) });
          perform(history, actions);
          const tip = state(history.machine);
          for (const target of seeks) {
            history.seek(target);
            if (target >= history.tip) continue;
            const fresh = await machineWith(echo, config);
            perform(fresh, actions, target);
            expect(state(history.machine)).toEqual(state(fresh));
          }
          history.seek(Number.POSITIVE_INFINITY);
          expect(state(history.machine)).toEqual(tip);
        },
      ),
      { numRuns: 100 },
    );
  }, 120_000);

  it('gives the same events again, on the way to a position and when it runs on', async () => {
    await fc.assert(
      fc.asyncProperty(script, fc.nat(2000), fc.integer({ min: 0, max: 25 }), async (actions, middle, milliseconds) => {
        const history = new History(await machineWith(echo, { harts: 2 }), { now: clock(milliseconds) });
        history.listen(eventKinds);
        perform(history, actions);
        const live = joined([history.machine.takeEvents()]);
        const { tip } = history;
        history.seek(0);
        const again: EventBatch[] = [];
        for (const _ of history.seeking(middle, { since: 0 })) again.push(history.machine.takeEvents());
        while (history.position < tip) {
          history.run(tip - history.position);
          again.push(history.machine.takeEvents());
        }
        history.seek(tip);
        // What happens at the tip without a step is seen by the next run only.
        const before = (event: unknown): boolean => (event as { position: number }).position < tip;
        expect(joined(again).filter(before)).toEqual(live.filter(before));
      }),
      { numRuns: 60 },
    );
  }, 120_000);

  it('forgets the future when something else comes in', async () => {
    const history = new History(await machineWith(echo, { harts: 2 }), { now: clock(30) });
    for (const byte of [1, 2, 3]) {
      history.run(500);
      history.input(Uint8Array.of(byte));
    }
    history.run(500);
    expect(wordAt(history.machine, echo, 'sum')).toBe(6n);
    const last = history.tip;
    history.seek(last - 400);
    const here = history.position;
    history.input(Uint8Array.of(100));
    expect(history.tip).toBe(here);
    expect(history.rungs.every((position) => position <= here)).toBe(true);
    history.run(5000);
    const sum = wordAt(history.machine, echo, 'sum');
    expect(sum).toBeGreaterThanOrEqual(100n);
    const { tip } = history;
    const now = state(history.machine);
    history.seek(10);
    history.seek(tip);
    expect(state(history.machine)).toEqual(now);
  });

  it('can be left in the middle of a long way', async () => {
    const machine = await machineWith(assembled('1: addi s1, s1, 1\nj 1b'));
    const history = new History(machine, { memory: 0, now: clock(5) });
    history.run(2_000_000);
    history.seek(0);
    const way = history.seeking(1_500_000);
    expect(way.next().value).toEqual({ from: 0, position: expect.any(Number), to: 1_500_000 });
    way.return();
    expect(history.position).toBeLessThan(1_500_000);
    expect(machine.state().harts[0]?.registers[9]).toBe(BigInt(history.position / 2));
    history.seek(1_000_000);
    expect(machine.state().harts[0]?.registers[9]).toBe(500_000n);
  });

  it('stays within its memory, with rungs closer the nearer they are', async () => {
    const dirtying = assembled(`
        la      t0, area
        li      t1, 200
1:      slli    t2, t1, 12
        add     t2, t2, t0
        sd      s1, (t2)
        addi    s1, s1, 1
        addi    t1, t1, -1
        bnez    t1, 1b
        li      t1, 200
        j       1b
        .bss
area:   .space  201 * 4096`);
    const memory = 4 * 2 ** 20;
    const history = new History(await machineWith(dirtying, { ram: 2 ** 21 }), { memory, now: clock(12) });
    for (let part = 0; part < 400; part++) {
      history.run(1000);
      expect(history.bytes).toBeLessThanOrEqual(memory);
    }
    const { rungs } = history;
    expect(rungs[0]).toBe(0);
    const gaps = rungs.slice(1).map((position, index) => position - (rungs[index] ?? 0));
    const half = Math.floor(gaps.length / 2);
    const mean = (values: readonly number[]): number => values.reduce((sum, gap) => sum + gap, 0) / values.length;
    expect(gaps.length).toBeGreaterThan(3);
    expect(mean(gaps.slice(0, half))).toBeGreaterThan(mean(gaps.slice(half)));
  });

  it('keeps rungs of a guest that has filled its memory, and changes all of it', async () => {
    const ram = 48 * 2 ** 20;
    const machine = await machineWith(
      assembled(`
        li      t0, 0x80001000
        li      t1, 0x82f00000
1:      sd      t0, (t0)
        addi    t0, t0, 2047
        addi    t0, t0, 2047
        addi    t0, t0, 2
        bltu    t0, t1, 1b
        j       .`),
      { ram },
    );
    const filled = machine.readMemory(0x8000_0000, ram)?.map((byte) => byte || 1);
    expect(machine.writeMemory(0x8000_1000, filled?.subarray(4096) ?? new Uint8Array())).toBe(true);
    const history = new History(machine, { now: clock(12) });
    for (let part = 0; part < 100; part++) history.run(1000);
    const { rungs } = history;
    expect(rungs.length).toBeGreaterThan(3);
    expect(history.bytes).toBeGreaterThan(1.9 * ram);
  });
});

describe('running backwards', () => {
  const program = assembled(`
        la      t0, handler
        csrw    mtvec, t0
        la      s1, cell
1:      addi    s2, s2, 1
        sd      s2, (s1)
        li      t1, 40
2:      addi    t1, t1, -1
        bnez    t1, 2b
mark:   ecall
        j       1b
        .balign 4
handler: csrr   t0, mepc
        addi    t0, t0, 4
        csrw    mepc, t0
        mret
        .data
        .balign 8
cell:   .quad   0`);
  const address = (name: string): bigint => findSymbol(program, name)?.address ?? 0n;

  async function atEnd(milliseconds: number): Promise<History> {
    const history = new History(await machineWith(program), { now: clock(milliseconds) });
    for (let part = 0; part < 20; part++) history.run(137);
    return history;
  }

  it.each([0, 30])('finds the previous trap, and the one before (slices of %i ms)', async (milliseconds) => {
    const history = await atEnd(milliseconds);
    history.listen(['trap']);
    history.machine.takeEvents();
    const places: bigint[] = [];
    for (let back = 0; back < 3; back++) {
      expect(history.previous({ kind: 'event', kinds: ['trap'] })).toBe(true);
      places.push(history.machine.state().harts[0]?.registers[18] ?? 0n);
      expect(history.machine.state().harts[0]?.pc).toBe(address('mark'));
    }
    expect(places).toEqual([places[0], (places[0] ?? 0n) - 1n, (places[0] ?? 0n) - 2n]);
    expect(history.machine.takeEvents().words).toHaveLength(0);
    history.run(1);
    expect([...eventsOf(history.machine.takeEvents())].map(({ kind }) => kind)).toEqual(['trap']);
  });

  it.each([0, 30])('finds the previous pass of a breakpoint (slices of %i ms)', async (milliseconds) => {
    const history = await atEnd(milliseconds);
    const { position } = history;
    expect(history.previous({ kind: 'breakpoint', addresses: [address('handler')] })).toBe(true);
    const handler = history.position;
    expect(handler).toBeLessThan(position);
    expect(history.machine.state().harts[0]?.pc).toBe(address('handler'));
    expect(history.previous({ kind: 'breakpoint', addresses: [address('handler')] })).toBe(true);
    expect(history.position).toBeLessThan(handler);
  });

  it.each([0, 30])('finds the previous write to a place (slices of %i ms)', async (milliseconds) => {
    const history = await atEnd(milliseconds);
    const cell = (): bigint => wordAt(history.machine, program, 'cell');
    const watches = [{ start: Number(address('cell')) + 4, bytes: 1, on: 'store' }] as const;
    const last = cell();
    expect(history.previous({ kind: 'access', watches })).toBe(true);
    expect(cell()).toBe(last - 1n);
    history.run(1);
    expect(cell()).toBe(last);
    expect(history.previous({ kind: 'access', watches })).toBe(true);
    expect(history.previous({ kind: 'access', watches })).toBe(true);
    expect(cell()).toBe(last - 2n);
  });

  it('stays where it is when there was nothing', async () => {
    const history = await atEnd(30);
    const before = state(history.machine);
    expect(history.previous({ kind: 'breakpoint', addresses: [4n] })).toBe(false);
    expect(state(history.machine)).toEqual(before);
  });
});

describe('watches', () => {
  const program = assembled(`
        la      t0, cell
        li      t1, 5
        ld      t2, (t0)
        sd      t1, (t0)
        amoadd.d t2, t1, (t0)
        sb      t1, 8(t0)
        sd      t1, -4(t0)
        j       .
        .data
        .balign 4096
        .space  4096
cell:   .quad   0`);
  const cell = Number(findSymbol(program, 'cell')?.address ?? 0n);

  it('stop after the access, whose effect is there', async () => {
    const machine = await machineWith(program);
    machine.setWatches([{ start: cell, bytes: 8, on: 'store' }]);
    const seen: unknown[] = [];
    for (let stop = machine.run(100); stop.kind === 'watch'; stop = machine.run(100)) {
      seen.push([machine.position, stop.access, stop.physical - cell, wordAt(machine, program, 'cell')]);
    }
    expect(seen).toEqual([
      [5, 'store', 0, 5n],
      [6, 'store', 0, 10n],
      // The store over the page border: its upper half.
      [8, 'store', 0, 0n],
    ]);
  });

  it('tell loads from stores', async () => {
    const machine = await machineWith(program);
    machine.setWatches([{ start: cell, bytes: 1, on: 'load' }]);
    expect(machine.run(100)).toMatchObject({ kind: 'watch', access: 'load', hart: 0 });
    expect(machine.position).toBe(4);
    expect(machine.run(100)).toEqual({ kind: 'limit' });
  });

  it('change nothing that the guest could see', async () => {
    await fc.assert(
      fc.asyncProperty(
        randomProgram,
        fc.nat(ramBytes),
        fc.integer({ min: 1, max: 3 }),
        async (image, offset, harts) => {
          const run = async (watched: boolean): Promise<unknown> => {
            const machine = await machineWith(image, { harts, quantum: 70 });
            machine.listen(eventKinds);
            if (watched) machine.setWatches([{ start: 0x8000_0000 + offset, bytes: 4096, on: 'both' }]);
            while (machine.position < 1000) {
              const stop = machine.run(1000 - machine.position);
              if (stop.kind === 'waiting' || stop.kind === 'deadlock') break;
            }
            return [machine.takeEvents(), state(machine)];
          };
          expect(await run(true)).toEqual(await run(false));
        },
      ),
      { numRuns: 80 },
    );
  }, 60_000);
});
