/** What becomes of hot code, as the machine tells it. */
import { describe, expect, it } from 'vitest';
import { createMachine, defaultBoard } from '../../../src/engine/machine/machine.ts';
import type { Machine } from '../../../src/engine/machine/types.ts';
import { build } from '../../../src/engine/toolchain/build.ts';

const start = 0x8000_0000n;

async function running(text: string, hotAfter: number | 'never' = 10): Promise<Machine> {
  const built = build([{ name: 'hot.S', text: `        .globl  _start\n${text}` }]);
  if (!built.ok) throw new Error(built.diagnostics.map(({ message }) => message).join('\n'));
  const machine = await createMachine(defaultBoard);
  machine.setTiering({ hotAfter });
  machine.load(built.image);
  return machine;
}

/** Translators work between slices: runs a little at a time. */
function runInParts(machine: Machine, steps: number): void {
  for (let part = 0; part < 20; part++) machine.run(steps / 20);
}

const counting = `
_start: addi    a0, a0, 1
        addi    a1, a1, 2
        j       _start
        .balign 4096
far:    j       far
`;

describe('hot code', () => {
  it('is interpreted at first, and its visits are counted', async () => {
    const machine = await running(counting);
    machine.run(3 * 6);
    expect(machine.inspectCode(start)).toEqual({ va: start, tier: 'interpreted', visits: 5, region: undefined });
  });

  it('is translated when it was jumped to often enough', async () => {
    const machine = await running(counting);
    runInParts(machine, 6000);
    const { tier, region } = machine.inspectCode(start + 4n) ?? {};
    expect(tier).toBe('translated');
    expect(region).toMatchObject({ entries: [start], blocks: 1, instructions: 3 });
    expect(region?.entered).toBeGreaterThan(0);
    expect(region?.size).toBeGreaterThan(0);
  });

  it('shows what it became as text', async () => {
    const machine = await running(counting);
    runInParts(machine, 6000);
    const text = machine.inspectCode(start)?.region?.text.map((line) => line.trim()) ?? [];
    expect(text).toContain('loop $3');
    expect(text).toContain('local.set $x10');
    expect(text.filter((line) => line === 'i64.add')).toHaveLength(2);
  });

  it('stays interpreted where the tiering says so', async () => {
    const machine = await running(counting, 'never');
    runInParts(machine, 6000);
    expect(machine.inspectCode(start)?.tier).toBe('interpreted');
  });

  it.each([0, -5, Number.NaN, 1.5, Number.POSITIVE_INFINITY])('runs with a tiering of %s as well', async (hotAfter) => {
    const machine = await running(counting, hotAfter);
    runInParts(machine, 6000);
    expect(machine.state().harts[0]?.registers[10]).toBe(2000n);
  });

  it('is forgotten when it is written over', async () => {
    const machine = await running(counting);
    runInParts(machine, 6000);
    machine.writeMemory(Number(start), new Uint8Array([0x13, 0x05, 0x25, 0x00]));
    expect(machine.inspectCode(start)?.tier).toBe('interpreted');
    const before = machine.state().harts[0]?.registers[10] ?? 0n;
    machine.run(3);
    expect(machine.state().harts[0]?.registers[10]).toBe(before + 2n);
  });

  it('outlives a snapshot that has the same code, and not one that has other code', async () => {
    const machine = await running(counting);
    const fresh = machine.snapshot();
    runInParts(machine, 6000);
    machine.restore(fresh);
    expect(machine.inspectCode(start)?.tier).toBe('translated');
    machine.writeMemory(Number(start), new Uint8Array([0x13, 0x05, 0x25, 0x00]));
    const changed = machine.snapshot();
    machine.restore(fresh);
    runInParts(machine, 6000);
    expect(machine.inspectCode(start)?.tier).toBe('translated');
    machine.restore(changed);
    expect(machine.inspectCode(start)?.tier).toBe('interpreted');
  });

  it('is undefined where there is no code', async () => {
    const machine = await running(counting);
    expect(machine.inspectCode(0x1000_0000n)).toBeUndefined();
  });

  it('is dropped where it runs least, when there is too much of it', async () => {
    const pages = 60;
    const mostBytes = 20_000;
    const machine = await running(`
_start: la      s0, first
        li      s1, ${pages}
again:  jalr    s0
        li      t0, 4096
        add     s0, s0, t0
        addi    s1, s1, -1
        bnez    s1, again
        j       _start
        .balign 4096
first:
        .rept   ${pages}
        li      t1, 20
1:      .rept   40
        addi    a0, a0, 1
        .endr
        addi    t1, t1, -1
        bnez    t1, 1b
        ret
        .balign 4096
        .endr
`);
    machine.setTiering({ hotAfter: 10, mostBytes });
    for (let part = 0; part < 200; part++) machine.run(1000);
    const kept = Array.from({ length: pages }, (_, page) => machine.inspectCode(start + 4096n * BigInt(page + 1) + 4n));
    const sizes = kept.flatMap((each) => each?.region?.size ?? []);
    expect(sizes.length).toBeGreaterThan(1);
    expect(sizes.length).toBeLessThan(pages);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(2 * mostBytes);
  });
});
