import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MappedRange, Mappings } from '../../src/engine/inspection.ts';
import type { TlbSlot } from '../../src/engine/state.ts';
import { mappingsOf } from '../../src/labs/mappings.ts';
import { changeText, freshnessOf, slotRows, spaceText, type Tables } from '../../src/visualizers/tlb/entries.ts';
import { layoutTlb, nameWidth } from '../../src/visualizers/tlb/layout.ts';
import { mostPositions, PositionLog } from '../../src/visualizers/tlb/log.ts';
import { emptyTlb, fillsAround, type TlbModel, updateTlb } from '../../src/visualizers/tlb/model.ts';
import { hex } from '../../src/visualizers/visualizer.ts';
import { runGuest } from '../machine/guest.ts';
import { batchOf, type GivenEvent } from './batches.ts';
import { twoStages } from './two-stages.ts';

const fill = (position: number, unit = 1): GivenEvent => ({ kind: 'fill', position, unit });
const modelOf = (events: readonly GivenEvent[]): TlbModel => updateTlb(emptyTlb(), batchOf(events));
const whole = { start: 0, end: 10_000 };

describe('fills over time', () => {
  it('are counted by part of the run', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { maxLength: 600 }), fc.nat(1000), fc.nat(1000), (given, start, end) => {
        const positions = [...given].sort((a, b) => a - b);
        const log = new PositionLog();
        for (const position of positions) log.push(position);
        expect(log.between(start, end)).toBe(positions.filter((each) => each >= start && each < end).length);
        expect(log.before(end)).toBe(positions.findLast((each) => each < end));
        expect(log.from(start)).toBe(positions.find((each) => each >= start));
      }),
    );
  });

  it('are forgotten by halves, and still counted', () => {
    const log = new PositionLog();
    for (let position = 0; position <= mostPositions; position++) log.push(position);
    expect(log.total).toBe(mostPositions + 1);
    expect(log.since).toBe(mostPositions / 2);
    expect(log.before(Infinity)).toBe(mostPositions);
  });

  it('can be gone to, to where the machine stands right after them', () => {
    const model = modelOf([fill(5), fill(9, 0), fill(9), fill(20)]);
    expect(fillsAround(model, 0)).toEqual({ previous: undefined, next: 6 });
    expect(fillsAround(model, 6)).toEqual({ previous: undefined, next: 10 });
    expect(fillsAround(model, 10)).toEqual({ previous: 6, next: 21 });
    expect(fillsAround(model, 30)).toEqual({ previous: 21, next: undefined });
  });

  it('keep every column within the frame, and lose none', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(10_000), { maxLength: 400 }), fc.integer({ min: 280, max: 1000 }), (given, width) => {
        const model = modelOf([...given].sort((a, b) => a - b).map((position) => fill(position, position % 2)));
        const { lanes } = layoutTlb(model, whole, width, 104);
        const columns = lanes.flatMap((lane) => lane.columns);
        expect(columns.reduce((sum, { count }) => sum + count, 0)).toBe(given.length);
        expect(columns.every(({ x, width: wide, y }) => x >= nameWidth && x + wide <= width && y >= 0)).toBe(true);
      }),
    );
  });
});

const slot = (given: Partial<TlbSlot>): TlbSlot => ({
  slot: 0,
  va: 0x4000n,
  pa: 0x8000n,
  level: 0,
  asid: 1,
  virtual: false,
  vmid: undefined,
  flags: 0xc7,
  hostFlags: 0xff,
  ...given,
});

describe('slots', () => {
  it('say what has changed since the stop before', () => {
    const before = [slot({ slot: 0 }), slot({ slot: 1 }), slot({ slot: 2 })];
    const now = [slot({ slot: 0 }), slot({ slot: 1, va: 0x7000n }), slot({ slot: 3 })];
    expect(slotRows(now, before).map(({ slot: number, change }) => [number, change])).toEqual([
      [0, 'none'],
      [1, 'replaced'],
      [2, 'emptied'],
      [3, 'filled'],
    ]);
    expect(slotRows(now, undefined).every(({ change }) => change === 'none')).toBe(true);
  });

  it('say what becomes of them later, where one has come back', () => {
    const later = [slot({ slot: 0 }), slot({ slot: 1 }), slot({ slot: 2, va: 0x9000n })];
    const now = [slot({ slot: 0 }), slot({ slot: 1, va: 0x7000n }), slot({ slot: 3 })];
    const texts = (back: boolean): string[] => slotRows(now, later).map((row) => changeText(row, back));
    expect(texts(true)).toEqual(['', `later ${hex(slot({ slot: 1 }).va)}`, 'later 0x9000', 'gone later']);
    expect(texts(false)).toEqual(['', `new, in place of ${hex(slot({ slot: 1 }).va)}`, '0x9000 is gone', 'new']);
  });

  it.each([
    [{}, 'ASID 1'],
    [{ virtual: true, vmid: 7 }, 'VMID 7, ASID 1'],
    [{ virtual: true, vmid: 7, asid: undefined }, 'VMID 7, no first stage'],
    [{ virtual: true }, 'guest, ASID 1'],
  ])('name their address space: %j', (given, expected) => {
    expect(spaceText(slot(given))).toBe(expected);
  });
});

describe('an entry against the tables', () => {
  const atp = (id: bigint): bigint => (8n << 60n) | (id << 44n);
  const mappings = (...ranges: readonly Partial<MappedRange>[]): Mappings => ({
    ranges: ranges.map((given) => ({ from: 0x4000n, to: 0x8000n, bytes: 0x2000n, flags: 0x07, levels: 1, ...given })),
    tables: 3,
    complete: true,
  });
  const csrs = { satp: atp(1n), vsatp: atp(3n), hgatp: atp(7n) };
  const none: Tables = { single: undefined, guest: undefined, host: undefined };
  const guest = { virtual: true, vmid: 7, asid: 3, hostFlags: 0xd7, pa: 0x9000n };
  const hosted = mappings({ from: 0x8000n, to: 0x9000n, flags: 0x17 });

  it.each([
    ['that still say so, whatever A and D are', {}, { single: mappings({}) }, 'agrees'],
    ['within a range', { va: 0x5000n, pa: 0x9000n }, { single: mappings({}) }, 'agrees'],
    ['that lead elsewhere', {}, { single: mappings({ to: 0xa000n }) }, 'differs'],
    ['that permit something else', {}, { single: mappings({ flags: 0x03 }) }, 'differs'],
    ['that map nothing there', {}, { single: mappings() }, 'unmapped'],
    ['of another address space', { asid: 2 }, { single: mappings({}) }, 'other'],
    [
      'of another address space, when it is global',
      { asid: 2, flags: 0xe7 },
      { single: mappings({ flags: 0x27 }) },
      'agrees',
    ],
    ['that were not gone through to the end', {}, { single: { ...mappings(), complete: false } }, 'other'],
    ['of both stages', guest, { guest: mappings({}), host: hosted }, 'agrees'],
    ['of another machine', { ...guest, vmid: 8 }, { guest: mappings({}), host: hosted }, 'other'],
    [
      'of the host, that lead elsewhere',
      guest,
      { guest: mappings({}), host: mappings({ from: 0x8000n, to: 0xb000n }) },
      'differs',
    ],
    ['of the host, that map nothing there', guest, { guest: mappings({}), host: mappings() }, 'unmapped'],
    ['of the guest, that permit something else', guest, { guest: mappings({ flags: 0x03 }), host: hosted }, 'differs'],
    [
      'of the host alone',
      { ...guest, asid: undefined, va: 0x8000n, flags: 0xff },
      { guest: undefined, host: hosted },
      'agrees',
    ],
  ] as const)('%s', (_, given, tables, expected) => {
    expect(freshnessOf(slot(given), { csrs }, { ...none, ...tables })).toBe(expected);
  });

  it('agrees for all that a machine has filled under two stages', async () => {
    const { machine } = await runGuest(twoStages('li a1, 0x20000000; ld a0, 0(a1); sd a0, 8(a1); ecall'));
    const [hart] = machine.state().harts;
    if (hart === undefined) throw new Error('no hart');
    const { vsatp = 0n, hgatp = 0n } = hart.csrs;
    const tables = {
      single: undefined,
      guest: mappingsOf(machine, { stage: 'guest', atp: vsatp, hgatp }),
      host: mappingsOf(machine, { stage: 'host', atp: hgatp, hgatp: 0n }),
    };
    const entries = [...hart.tlb.instruction, ...hart.tlb.data];
    expect(entries.length).toBeGreaterThan(1);
    expect(entries.map((entry) => [entry.virtual, freshnessOf(entry, hart, tables)])).toEqual(
      entries.map(() => [true, 'agrees']),
    );
  });
});
