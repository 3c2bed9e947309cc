/** What onlookers read from page tables is what the machine's own walk finds. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MappedRange, TableRoot } from '../../src/engine/inspection.ts';
import type { Machine } from '../../src/engine/machine/types.ts';
import { mappingsOf } from '../../src/labs/mappings.ts';
import { pathTo } from '../../src/labs/page-tables.ts';
import { placesOf } from '../../src/labs/places.ts';
import { csr, imageOf, machineRunning, ramBase } from '../machine/program.ts';

const ram = 2 ** 20;
const firstTable = ramBase + 0x4_0000;
const tableAt = (number: number): number => firstTable + number * 4096;
const leafFlags = 0xd1; // D A U V; with R it may be loaded from
const leaf = (page: number, xwr: number): bigint => (BigInt(page) << 10n) | BigInt(leafFlags | xwr);
const pointerTo = (table: number): bigint => (BigInt(tableAt(table)) >> 2n) | 1n;

interface Entry {
  readonly table: number;
  readonly index: number;
  readonly value: bigint;
}

/** Few tables and few indices, so that they meet; pages anywhere. */
const entry = fc.record({
  table: fc.nat(11),
  index: fc.constantFrom(0, 1, 2, 3, 256, 511),
  value: fc.oneof(
    fc.nat(11).map(pointerTo),
    fc.tuple(fc.nat(0xffff), fc.constantFrom(2, 6, 10, 14)).map(([page, xwr]) => leaf(page, xwr)),
    fc.tuple(fc.nat(3), fc.constantFrom(2, 6, 10, 14)).map(([giga, xwr]) => leaf(giga << 18, xwr)),
    fc.constantFrom(leaf(3, 4), leaf(7, 2) | (1n << 60n), 0n, leaf(9, 2) & ~1n),
  ),
});

/** Indices that the tables use, and some offset. */
const index = fc.constantFrom(0n, 1n, 2n, 256n, 511n);
const address = fc
  .tuple(index, index, index, fc.bigInt(0n, 4095n))
  .map(([top, middle, low, offset]) =>
    BigInt.asUintN(64, BigInt.asIntN(39, (top << 30n) | (middle << 21n) | (low << 12n) | offset)),
  );

/** Stands before the first instruction of S- or VS-mode, whose tables these are. */
async function machineIn(virtual: boolean): Promise<Machine> {
  const machine = await machineRunning(
    `
        li t0, -1; csrw pmpaddr0, t0; li t0, 0x1f; csrw pmpcfg0, t0
        li t0, 8 << 60 | ${tableAt(0)} >> 12; csrw satp, t0; csrw vsatp, t0
        li t0, 8 << 60 | ${tableAt(8)} >> 12; csrw hgatp, t0
        li t0, ${virtual ? 1 : 0} << 39 | 1 << 11; csrs mstatus, t0
        la t0, there; csrw mepc, t0; mret
there:  j there`,
    { ram },
  );
  while (machine.core().mode === 3) machine.run(1);
  return machine;
}

function fill(machine: Machine, entries: readonly Entry[]): void {
  machine.writeMemory(firstTable, new Uint8Array(16 * 4096));
  for (const { table, index, value } of entries) put(machine, table, index, value);
}

function put(machine: Machine, table: number, index: number, value: bigint): void {
  machine.writeMemory(tableAt(table) + 8 * index, new Uint8Array(BigUint64Array.of(value).buffer));
}

const rootOf = (machine: Machine, virtual: boolean): TableRoot =>
  virtual
    ? { stage: 'guest', atp: csr(machine, 'vsatp'), hgatp: csr(machine, 'hgatp') }
    : { stage: 'single', atp: csr(machine, 'satp'), hgatp: 0n };

const entries = fc.array(entry, { maxLength: 40 });

describe('the path of an address', () => {
  it('ends where a walk of the machine does', async () => {
    const machine = await machineIn(false);
    const root = rootOf(machine, false);
    fc.assert(
      fc.property(entries, fc.array(address, { minLength: 8, maxLength: 8 }), (given, addresses) => {
        fill(machine, given);
        for (const va of addresses) {
          const { mapped, pa, steps } = machine.translate(va);
          const { to, tables } = pathTo(machine, root, va);
          expect(to).toBe(mapped ? pa : undefined);
          expect(tables.filter(({ physical }) => physical !== undefined)).toHaveLength(steps.length);
        }
      }),
    );
  });

  it('goes through the host’s tables where they are a guest’s', async () => {
    const machine = await machineIn(true);
    const root = rootOf(machine, true);
    const host: TableRoot = { stage: 'host', atp: root.hgatp, hgatp: 0n };
    fc.assert(
      fc.property(entries, fc.boolean(), fc.array(address, { minLength: 8, maxLength: 8 }), (given, identity, some) => {
        fill(machine, given);
        if (identity) put(machine, 8, 2, leaf(ramBase / 4096, 14));
        for (const va of some) {
          const { mapped, pa } = machine.translate(va);
          const { to } = pathTo(machine, root, va);
          expect(to === undefined ? undefined : pathTo(machine, host, to).to).toBe(mapped ? pa : undefined);
        }
      }),
    );
  });

  it.each([
    ['what is not canonical', 1n << 40n, [], 'not-canonical'],
    ['an entry that is not valid', 0n, [], 'not-valid'],
    ['reserved permissions', 0n, [[0, 0, 5n]], 'reserved'],
    ['a superpage that is not aligned', 0n, [[0, 0, leaf(1, 2)]], 'misaligned-superpage'],
    ['a table outside of RAM', 0n, [[0, 0, 1n]], 'access-fault'],
    ['a last table that leads on', 0n, [0, 1, 2].map((table) => [table, 0, pointerTo(table + 1)]), 'no-leaf'],
  ] as const)('says that it ends at %s', async (_, va, given, outcome) => {
    const machine = await machineIn(false);
    fill(machine, []);
    for (const [table, index, value] of given as readonly (readonly [number, number, bigint])[])
      put(machine, table, index, value);
    expect(pathTo(machine, rootOf(machine, false), va).outcome).toBe(outcome);
  });
});

const lookUp = (ranges: readonly MappedRange[], address: bigint): bigint | undefined => {
  const range = ranges.find(({ from, bytes }) => from <= address && address < from + bytes);
  return range === undefined ? undefined : range.to + address - range.from;
};

describe('all mappings', () => {
  it.each([false, true])('say of every address what its path says (guest: %s)', async (virtual) => {
    const machine = await machineIn(virtual);
    const root = rootOf(machine, virtual);
    fc.assert(
      fc.property(entries, fc.array(address, { minLength: 8, maxLength: 8 }), (given, addresses) => {
        fill(machine, given);
        put(machine, 8, 2, leaf(ramBase / 4096, 14));
        const { ranges, complete } = mappingsOf(machine, root);
        fc.pre(complete);
        for (const va of addresses) expect(lookUp(ranges, va)).toBe(pathTo(machine, root, va).to);
      }),
    );
  });

  it('are joined where addresses and permissions go on', async () => {
    const machine = await machineIn(false);
    fill(machine, []);
    put(machine, 0, 0, pointerTo(1));
    put(machine, 1, 0, pointerTo(2));
    put(machine, 1, 1, leaf(0x400, 6));
    for (let index = 0; index < 512; index++) put(machine, 2, index, leaf(0x200 + index, 6));
    put(machine, 2, 0, leaf(0x200, 2));
    const { ranges, tables } = mappingsOf(machine, rootOf(machine, false));
    expect(tables).toBe(3);
    expect(ranges.map(({ from, to, bytes, levels }) => [from, to, bytes, levels])).toEqual([
      [0n, 0x20_0000n, 0x1000n, 1],
      [0x1000n, 0x20_1000n, 0x3f_f000n, 3],
    ]);
  });

  it('of tables that lead to themselves are cut off, and say so', async () => {
    const machine = await machineIn(false);
    fill(machine, []);
    for (let index = 0; index < 512; index++) put(machine, 0, index, pointerTo(0));
    expect(mappingsOf(machine, rootOf(machine, false)).complete).toBe(false);
  });
});

it('places name devices, RAM and what was loaded', async () => {
  const machine = await machineIn(false);
  const places = placesOf(machine, imageOf([0, 0]));
  expect(places.map(({ kind }) => kind).filter((kind) => kind !== 'device')).toEqual(['ram', 'segment']);
  expect(places.find(({ name }) => name === 'UART')?.physical).toBe(0x1000_0000n);
});
