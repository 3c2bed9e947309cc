import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EventOf, eventsOf } from '../../src/engine/events.ts';
import type { Image } from '../../src/engine/image.ts';
import { createMachine, defaultBoard } from '../../src/engine/machine/machine.ts';
import type { Machine } from '../../src/engine/machine/types.ts';
import { assembled, machineRunning, ramBase, wordAt } from './program.ts';

const budget = 5_000_000;

async function machineFor(image: Image, harts: number, quantum = 1000): Promise<Machine> {
  const machine = await createMachine({ ...defaultBoard, ram: 2 ** 20, harts, quantum });
  machine.load(image);
  return machine;
}

/** Ends the run with exit code 0. */
const finish = 'li t5, 0x100000\nli t6, 0x5555\nsw t6, 0(t5)\nj .\n';

/** Every hart runs `body` with its number in s0, then adds one to `done`; hart 0 ends the run when all have. */
const onEach = (harts: number, body: string): string => `
        csrr    s0, mhartid
        ${body}
        la      t0, done
        li      t1, 1
        amoadd.d zero, t1, (t0)
1:      bnez    s0, 1b
2:      ld      t1, (t0)
        li      t2, ${harts}
        blt     t1, t2, 2b
        ${finish}
        .data
        .balign 8
done:   .quad   0
lock:   .quad   0
sum:    .quad   0
seen:   .space  64
`;

describe('several harts', () => {
  it('each knows its number, and all begin at the entry', async () => {
    const image = assembled(onEach(8, 'la t0, seen\nslli t1, s0, 3\nadd t0, t0, t1\naddi t1, s0, 100\nsd t1, (t0)\n'));
    const machine = await machineFor(image, 8);
    expect(machine.run(budget)).toEqual({ kind: 'exit', code: 0 });
    expect(Array.from({ length: 8 }, (_, hart) => wordAt(machine, image, 'seen', hart))).toEqual(
      Array.from({ length: 8 }, (_, hart) => BigInt(100 + hart)),
    );
    expect(machine.state().harts.map(({ csrs }) => csrs.mhartid)).toEqual([0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n]);
  });

  const increments = 300;
  const critical = 'la t3, sum\nld t4, (t3)\nnop\naddi t4, t4, 1\nsd t4, (t3)\n';
  const spinlocks = [
    ['LR/SC', '3: lr.d t1, (t0)\nbnez t1, 3b\nli t1, 1\nsc.d t2, t1, (t0)\nbnez t2, 3b\n'],
    ['amoswap', 'li t2, 1\n3: amoswap.d t1, t2, (t0)\nbnez t1, 3b\n'],
  ] as const;
  const rows = spinlocks.flatMap(([name, take]) => [2, 3, 5, 8].map((harts) => [name, harts, take] as const));

  it.each(rows)('a lock by %s keeps %i harts apart', async (_, harts, take) => {
    const body = `li s1, ${increments}\n4: la t0, lock\n${take}${critical}la t0, lock\nsd zero, (t0)\naddi s1, s1, -1\nbnez s1, 4b\n`;
    const image = assembled(onEach(harts, body));
    for (const quantum of [17, 1000]) {
      const machine = await machineFor(image, harts, quantum);
      expect(machine.run(budget)).toEqual({ kind: 'exit', code: 0 });
      expect(wordAt(machine, image, 'sum')).toBe(BigInt(increments * harts));
    }
  });

  it('without a lock, updates are lost: turns do interleave', async () => {
    const body = `li s1, 3000\n4: ${critical}addi s1, s1, -1\nbnez s1, 4b\n`;
    const image = assembled(onEach(4, body));
    const machine = await machineFor(image, 4, 101);
    machine.run(budget);
    expect(wordAt(machine, image, 'sum')).toBeLessThan(12_000n);
  });

  it('a reservation does not outlast a turn', async () => {
    // Hart 1 stores between the LR and the SC of hart 0, with the old value: only the reservation could tell.
    const body =
      'la t0, sum\nbnez s0, 5f\nlr.d t1, (t0)\nli t2, 50\n4: addi t2, t2, -1\nbnez t2, 4b\nsc.d s5, t1, (t0)\n5:\n';
    const image = assembled(onEach(2, body));
    const failed = async (quantum: number): Promise<bigint | undefined> => {
      const machine = await machineFor(image, 2, quantum);
      machine.run(budget);
      return machine.state().harts[0]?.registers[21];
    };
    expect([await failed(1000), await failed(20)]).toEqual([0n, 1n]);
  });

  it('a software interrupt from one hart wakes another', async () => {
    const image = assembled(`
        csrr    s0, mhartid
        la      t0, handler
        csrw    mtvec, t0
        bnez    s0, sleeper
        li      t1, 300
1:      addi    t1, t1, -1
        bnez    t1, 1b
        li      t0, 0x2000000
        li      t1, 1
        sw      t1, 8(t0)
        la      t0, woken
2:      ld      t1, (t0)
        beqz    t1, 2b
        ${finish}
sleeper: csrwi  mie, 8
        csrsi   mstatus, 8
3:      wfi
        j       3b
        .balign 4
handler: li     t0, 0x2000000
        slli    t1, s0, 2
        add     t0, t0, t1
        sw      zero, (t0)
        la      t0, woken
        sd      s0, (t0)
        mret
        .data
        .balign 8
woken:  .quad   0`);
    const machine = await machineFor(image, 4);
    machine.listen(['trap', 'pending']);
    expect(machine.run(budget)).toEqual({ kind: 'exit', code: 0 });
    expect(wordAt(machine, image, 'woken')).toBe(2n);
    const events = [...eventsOf(machine.takeEvents())];
    expect(events.map(({ kind, hart }) => [kind, hart])).toEqual([
      ['pending', 2],
      ['trap', 2],
      ['pending', 2],
    ]);
    expect(machine.state().harts.map(({ waiting }) => waiting)).toEqual([false, true, true, true]);
  });

  it('each has a timer of its own, and time jumps to the first when all wait', async () => {
    const image = assembled(`
        csrr    s0, mhartid
        la      t0, handler
        csrw    mtvec, t0
        li      t0, 0x2004000
        slli    t1, s0, 3
        add     t0, t0, t1
        li      t1, 4
        sub     t1, t1, s0
        li      t2, 1000000
        mul     t1, t1, t2
        sd      t1, (t0)
        li      t1, 0x80
        csrw    mie, t1
        csrsi   mstatus, 8
1:      wfi
        j       1b
        .balign 4
handler: li     t1, -1
        sd      t1, (t0)
        bnez    s0, 2f
        ${finish}
2:      mret`);
    const machine = await machineFor(image, 4);
    machine.listen(['trap']);
    expect(machine.run(10_000)).toEqual({ kind: 'exit', code: 0 });
    const traps = [...eventsOf(machine.takeEvents())].filter(
      (event): event is EventOf<'trap'> => event.kind === 'trap',
    );
    expect(traps.map(({ hart, cause, cycle }) => [hart, cause, Math.floor(cycle / 1e6)])).toEqual([
      [3, 7, 100],
      [2, 7, 200],
      [1, 7, 300],
      [0, 7, 400],
    ]);
  });

  it('two PLIC contexts belong to each: M, then S', async () => {
    // Hart 1 enables source 10 for its S context, and nothing else does.
    const machine = await machineRunning(
      `
        csrr    s0, mhartid
        li      t0, 1
        bne     s0, t0, 2f
        li      t0, 0xc000000
        li      t1, 1
        sw      t1, 40(t0)
        li      t0, 0xc002180
        li      t1, 0x400
        sw      t1, (t0)
        li      t0, 0x10000000
        li      t1, 1
        sb      t1, 1(t0)
        li      t1, 0x200
        csrw    mie, t1
2:      wfi
        csrr    s1, mip
        j       2b`,
      { harts: 3 },
    );
    expect(machine.run(budget)).toEqual({ kind: 'waiting' });
    machine.input(Uint8Array.of(65));
    machine.run(1000);
    expect(machine.state().harts.map(({ csrs }) => csrs.mip)).toEqual([0n, 0x200n, 0n]);
    expect(machine.state().harts.map(({ registers }) => registers[9])).toEqual([0n, 0x200n, 0n]);
  });

  it('nobody can be woken: a deadlock, said once', async () => {
    const machine = await machineRunning('wfi\nj .', { harts: 3 });
    machine.listen(['stop']);
    expect([machine.run(100), machine.run(100)]).toEqual([{ kind: 'deadlock' }, { kind: 'deadlock' }]);
    expect([...eventsOf(machine.takeEvents())]).toHaveLength(1);
  });

  it('breakpoints hold on every hart', async () => {
    const machine = await machineRunning('nop\nnop\nj .', { harts: 2 });
    machine.setBreakpoints([BigInt(ramBase + 4)]);
    expect([machine.run(10_000), machine.run(10_000)]).toEqual([
      { kind: 'breakpoint', hart: 0, pc: BigInt(ramBase + 4) },
      { kind: 'breakpoint', hart: 1, pc: BigInt(ramBase + 4) },
    ]);
  });

  it('get the same share of time, whatever their instructions cost', async () => {
    const text = 'csrr s0, mhartid\nbeqz s0, 2f\n1: j 1b\n2: fence.i\nj 2b';
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 2000 }), fc.integer({ min: 1, max: 5000 }), async (quantum, steps) => {
        const machine = await machineRunning(text, { harts: 2, quantum });
        machine.run(steps);
        const [a, b] = machine.state().harts.map(({ csrs }) => Number(csrs.mcycle));
        expect(Math.abs((a ?? 0) - (b ?? 0))).toBeLessThanOrEqual(quantum + 6);
      }),
      { numRuns: 50 },
    );
  });

  it('there are 1 to 8', async () => {
    await expect(createMachine({ ...defaultBoard, harts: 9 })).rejects.toThrow('1 to 8 harts, not 9');
    await expect(createMachine({ ...defaultBoard, harts: 0 })).rejects.toThrow(RangeError);
  });
});

describe('pending interrupts', () => {
  it('are recorded at the instruction that changes them, however the run is split', async () => {
    const events = async (parts: readonly number[]): Promise<unknown> => {
      const machine = await machineRunning('li t0, 2\ncsrw mip, t0\nnop\nnop\ncsrw mip, zero\nj .');
      machine.listen(['pending']);
      for (const steps of parts) machine.run(steps);
      return [...eventsOf(machine.takeEvents())].map(({ position }) => position);
    };
    expect(await events([20])).toEqual([1, 4]);
    expect(await events([2, 1, 1, 16])).toEqual([1, 4]);
  });
});
