import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explainCrossing } from '../../src/visualizers/traps/explain.ts';
import { layoutTraps, leftMargin, markNear } from '../../src/visualizers/traps/layout.ts';
import { emptyTraps, firstFrom, ledgerRows, type TrapsModel, updateTraps } from '../../src/visualizers/traps/model.ts';
import { batchOf, type GivenEvent } from './batches.ts';

const fresh = (): TrapsModel => ({ ...emptyTraps, crossings: [] });
const modelOf = (events: readonly GivenEvent[]): TrapsModel => updateTraps(fresh(), batchOf(events));
const ecall = (position: number): GivenEvent => ({ kind: 'trap', position, cause: 8, from: 0, to: 1, target: 0x100n });
const timer = (position: number, from = 1): GivenEvent => ({
  kind: 'trap',
  position,
  cause: 7,
  interrupt: true,
  from,
  to: 3,
});
const back = (position: number, from: number, to: number): GivenEvent => ({ kind: 'return', position, from, to });
const size = { width: 600, height: 190 };

describe('the ledger', () => {
  it('counts by cause and floors, the most frequent first', () => {
    const rows = ledgerRows(modelOf([timer(1), back(2, 3, 1), ecall(5), back(8, 1, 0), ecall(10), back(14, 1, 0)]));
    expect(rows.map(({ cause, count, steps, first }) => ({ cause, count, steps, first }))).toEqual([
      { cause: 8, count: 2, steps: 7, first: 5 },
      { cause: 7, count: 1, steps: 1, first: 1 },
    ]);
  });

  it('does not charge a handler for a trap that came while it ran', () => {
    const rows = ledgerRows(modelOf([ecall(10), timer(12), back(17, 3, 1), back(20, 1, 0)]));
    expect(rows.map(({ cause, steps }) => [cause, steps])).toEqual([
      [8, 5],
      [7, 5],
    ]);
  });

  it('stands a return without a trap, as the first entry into a program', () => {
    const model = modelOf([back(3, 3, 1), back(9, 1, 0)]);
    expect(model.total).toBe(0);
    expect(model.crossings).toHaveLength(2);
  });

  it('is the same however the events were batched', () => {
    const event = fc.oneof(
      fc.constant((position: number) => ecall(position)),
      fc.constant((position: number) => timer(position)),
      fc.constant((position: number) => back(position, 1, 0)),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 200 }), fc.nat(200), (makers, cut) => {
        const events = makers.map((make, index) => make(index * 3));
        const whole = modelOf(events);
        const parts = updateTraps(modelOf(events.slice(0, cut)), batchOf(events.slice(cut)));
        expect(ledgerRows(parts)).toEqual(ledgerRows(whole));
        expect(parts.crossings).toEqual(whole.crossings);
      }),
    );
  });
});

describe('the picture', () => {
  it('draws the way down at a trap and up at a return', () => {
    const model = modelOf([ecall(50), back(75, 1, 0)]);
    const { marks, path } = layoutTraps(model, { start: 0, end: 100 }, size);
    expect(marks).toHaveLength(2);
    expect(marks[0]?.y2).toBeGreaterThan(marks[0]?.y1 ?? Infinity);
    expect(marks[1]?.y2).toBe(marks[0]?.y1);
    expect(path).toMatch(/^M[\d.]+,[\d.]+(H[\d.]+V[\d.]+V[\d.]+){2}H[\d.]+$/);
  });

  it('keeps every mark within its frame and in the order of time', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(10_000), { minLength: 1, maxLength: 300 }), (positions) => {
        const model = modelOf([...positions].sort((a, b) => a - b).map((position) => ecall(position)));
        const { marks } = layoutTraps(model, { start: 0, end: 10_000 }, size);
        const places = marks.map(({ x }) => x);
        expect(places).toEqual([...places].sort((a, b) => a - b));
        expect(places.every((x) => x >= leftMargin && x <= size.width)).toBe(true);
      }),
    );
  });

  it('adds up in columns what is too much to draw one by one, and loses none', () => {
    const model = modelOf(Array.from({ length: 5000 }, (_, index) => ecall(index * 2)));
    const { marks, bars } = layoutTraps(model, { start: 0, end: 10_000 }, size);
    expect(marks).toEqual([]);
    expect(bars.length).toBeLessThan(200);
    expect(bars.reduce((sum, { count }) => sum + count, 0)).toBe(5000);
  });

  it('takes a click for the nearest mark within a finger’s width', () => {
    const { marks } = layoutTraps(modelOf([ecall(10), ecall(90)]), { start: 0, end: 100 }, size);
    const [first] = marks;
    expect(markNear(marks, (first?.x ?? 0) + 5)).toBe(first);
    expect(markNear(marks, (first?.x ?? 0) + 40)).toBeUndefined();
  });

  it('finds the first crossing from a position on', () => {
    const { crossings } = modelOf([ecall(10), ecall(20), ecall(30)]);
    expect([0, 10, 11, 30, 31].map((position) => firstFrom(crossings, position))).toEqual([0, 0, 1, 2, 3]);
  });
});

describe('the sentence', () => {
  const name = (address: bigint): string => `at_${address.toString(16)}`;
  const rows: readonly (readonly [string, GivenEvent, RegExp])[] = [
    [
      'an exception',
      ecall(1234),
      /^At step 1,234, at_0 in U-mode raised: environment call from u-mode\. S-mode took it at at_100\.$/,
    ],
    ['an interrupt', timer(5), /^At step 5, before at_0 in S-mode: machine timer interrupt\. M-mode took it/],
    [
      'a fault, with its address',
      { kind: 'trap', cause: 13, from: 0, to: 1, tval: 0x40n },
      /load page fault at address 0x40/,
    ],
    ['a return', back(9, 1, 0), /^At step 9, S-mode returned from at_0 to U-mode, at at_0\.$/],
  ];
  it.each(rows)('tells of %s', (_, event, expected) => {
    const [crossing] = modelOf([event]).crossings;
    expect(crossing === undefined ? '' : explainCrossing(crossing, name)).toMatch(expected);
  });
});
