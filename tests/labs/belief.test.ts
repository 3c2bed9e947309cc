/** What a guest takes for its machine: from its hypervisor's facts, however these are, and from the CSRs of the H extension. */
import { describe, expect, it } from 'vitest';
import type { Belief } from '../../src/engine/belief.ts';
import { findSymbol } from '../../src/engine/image.ts';
import { guestTables, type MemorySpace } from '../../src/engine/inspection.ts';
import { createMachine, defaultBoard } from '../../src/engine/machine/machine.ts';
import type { Machine } from '../../src/engine/machine/types.ts';
import { beliefOf } from '../../src/labs/belief.ts';
import { locateIn } from '../../src/labs/guest-space.ts';
import { mappingsOf } from '../../src/labs/mappings.ts';
import { pathTo } from '../../src/labs/page-tables.ts';
import { runGuest } from '../machine/guest.ts';
import { assembled, machineRunning } from '../machine/program.ts';
import { twoStages } from '../visualizers/two-stages.ts';
import { deprivileged, type Scene } from './deprivileged.ts';

const enough = 2000;

async function stopped(scene: Scene = {}): Promise<Machine> {
  const machine = await machineRunning(deprivileged(scene));
  machine.run(enough);
  return machine;
}

async function believed(scene: Scene = {}): Promise<Belief> {
  const belief = beliefOf(await stopped(scene), 0);
  if (belief === undefined) throw new Error('no guest is current');
  return belief;
}

/** What a garbage list may not break. */
const nothing = { mode: 0, csrs: {}, shadow: undefined, memory: [] };

describe('what a deprivileged guest believes', () => {
  it('has the mode, CSRs, tables and memory of its hypervisor’s facts, and the machine’s registers while it runs', async () => {
    const machine = await stopped();
    const belief = beliefOf(machine, 0);
    expect(machine.state().harts[0]?.mode).toBe(0);
    expect(belief).toMatchObject({ kind: 'deprivileged', runs: true, vm: 3n, mode: 1, pc: 0x1000_0000n });
    expect(belief?.csrs).toEqual({ sepc: 0x1000_0abcn, satp: (8n << 60n) | 0x4_0001n });
    expect(belief?.registers[10]).toBe(7n);
    expect(belief?.shadow).toBe(machine.state().harts[0]?.csrs.satp);
    expect(belief?.memory).toEqual([{ guest: 0x4000_0000n, physical: expect.any(BigInt), bytes: 0x1_0000n }]);
  });

  it('has the registers that its hypervisor has saved, while that handles an exit', async () => {
    const belief = await believed({ guest: 'ecall' });
    expect([belief.runs, belief.mode, belief.pc]).toEqual([false, 1, 0x1000_0100n]);
    expect([belief.registers[0], belief.registers[10], belief.registers[11]]).toEqual([0n, 42n, undefined]);
  });

  it('ends where the hypervisor says that no guest is current', async () => {
    const machine = await stopped({ before: 'gh.markguest zero; gh.markvm zero' });
    expect(beliefOf(machine, 0)).toBeUndefined();
  });

  it('is only a mode where the hypervisor gives no facts', async () => {
    const belief = await believed({ before: 'gh.markguest zero; li t0, 1; gh.markmode t0' });
    expect(belief).toMatchObject({ ...nothing, mode: 1, runs: true, vm: 3n });
  });

  const garbage: readonly (readonly [string, Scene, Partial<Belief>])[] = [
    ['a list outside of RAM', { before: 'li t0, 0x10; gh.markguest t0' }, nothing],
    ['a list at the end of the addresses', { before: 'li t0, -8; gh.markguest t0' }, nothing],
    ['values outside of RAM', { facts: '.dword 0x141, 0x10, 0, 0, 0x1021, -1, 0, 0, 0x1020, 1 << 60, 0, 0' }, nothing],
    ['no such CSR', { facts: '.dword 0x7777, sepc, 0, 0, -1, sepc, 0, 0, 0x1fff' }, nothing],
    ['x0, x32', { facts: '.dword 0x1000, sepc, 0, 0, 0x1020, sepc, 0, 0, 0x1fff' }, { registers: expect.any(Array) }],
    ['a mode that is none', { facts: '.dword 0x1021, sepc, 0, 0, 0x1fff' }, { ...nothing, mode: undefined }],
    ['no memory, and too much', { facts: '.dword 0x1023, 0, 0, 0, 0x1023, -1, 0, -1, 0x1fff' }, nothing],
  ];
  it.each(garbage)('is left out, where it is garbage: %s', async (_, scene, expected) => {
    expect(await believed(scene)).toMatchObject(expected);
  });

  it('is cut where a list has no end', async () => {
    const facts = `.rept 200; .dword 0x1023, 0x1000, 0x2000, 0x1000; .endr`;
    expect((await believed({ facts })).memory).toHaveLength(128);
  });
});

describe('what a guest of the H extension believes', () => {
  const guest = (body: string) => runGuest(twoStages(`li t0, 0x123; csrw sscratch, t0\n${body}`), enough);

  it('is what its CSRs hold, under the names that it has for them', async () => {
    const { machine, csr } = await guest('j .');
    const belief = beliefOf(machine, 0);
    expect(belief).toMatchObject({ kind: 'virtual', runs: true, mode: 1, hgatp: csr('hgatp'), memory: [] });
    expect(belief?.csrs).toMatchObject({ sscratch: 0x123n, satp: csr('vsatp'), stvec: 0n });
    expect(belief?.pc).toBe(machine.state().harts[0]?.pc);
  });

  it('stays while its exit is handled', async () => {
    const { machine, csr } = await guest('ecall');
    const belief = beliefOf(machine, 0);
    expect(machine.state().harts[0]?.mode).toBe(3);
    expect(belief).toMatchObject({ kind: 'virtual', runs: false, mode: 1, pc: csr('mepc') });
    expect(belief?.registers.slice(0, 2)).toEqual([0n, undefined]);
  });

  it('is nothing before there is a guest', async () => {
    const machine = await machineRunning('j .');
    machine.run(1);
    expect(beliefOf(machine, 0)).toBeUndefined();
  });
});

describe('addresses as a guest has them', () => {
  const rows: readonly (readonly [MemorySpace, bigint, number | undefined])[] = [
    ['guest-physical', 0x4000_0000n, 0],
    ['guest-physical', 0x4000_ffffn, 0xffff],
    ['guest-physical', 0x4001_0000n, undefined],
    ['guest-virtual', 0x1000_1004n, 0x5004],
    ['guest-virtual', 0x1000_2000n, 0x7000],
    ['guest-virtual', 0x1000_3000n, undefined],
    ['virtual', 0x1000_2000n, undefined],
    ['virtual', 0x1000_1004n, 0x5004],
  ];
  it.each(rows)('%s %i', async (space, address, inMemory) => {
    const image = assembled(deprivileged());
    const machine = await createMachine({ ...defaultBoard, ram: 2 ** 20 });
    machine.load(image);
    machine.run(enough);
    const memory = findSymbol(image, 'memory')?.address ?? 0n;
    const expected = inMemory === undefined ? undefined : memory + BigInt(inMemory);
    expect(locateIn(machine, space, 0)(address)).toBe(expected);
  });

  it('its own tables are read where its hypervisor has put them', async () => {
    const machine = await stopped();
    const belief = beliefOf(machine, 0);
    if (belief === undefined) throw new Error('no guest is current');
    const root = guestTables(belief);
    expect(pathTo(machine, root, 0x1000_2008n)).toMatchObject({ outcome: 'ok', to: 0x4000_7008n });
    expect(mappingsOf(machine, root).ranges.map(({ from, to }) => [from, to])).toEqual([
      [0x1000_0000n, 0x4000_0000n],
      [0x1000_1000n, 0x4000_5000n],
      [0x1000_2000n, 0x4000_7000n],
    ]);
    expect(pathTo(machine, { ...root, memory: [] }, 0x1000_0000n).outcome).toBe('guest-page-fault');
  });
});
