import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explainSegment, legendOf } from '../../src/visualizers/schedule/explain.ts';
import { barAt, layoutSchedule } from '../../src/visualizers/schedule/layout.ts';
import type { GivenEvent } from './batches.ts';

import { back, ecall, modelOf, timer, twoProcesses, wait } from './schedule-events.ts';

describe('the chart', () => {
  const model = modelOf(twoProcesses);
  const span = { start: 0, end: 100 };
  const frame = { left: 100, width: 908 };

  it('has a row for each hart and for each task', () => {
    expect(layoutSchedule(model, span, 100, frame).rows.map(({ name }) => name)).toEqual([
      'hart 0',
      'ASID 1',
      'ASID 2',
    ]);
  });

  it('draws who has a hart in its row, and in the task’s', () => {
    const { rows, bars } = layoutSchedule(model, span, 100, frame);
    const inRow = (name: string): number[] => {
      const row = rows.find((each) => each.name === name);
      return bars
        .filter(({ y }) => y > (row?.y ?? 0) && y < (row?.y ?? 0) + (row?.height ?? 0))
        .map(({ x }) => Math.round(x));
    };
    expect(inRow('ASID 2')).toEqual([380]);
    expect(inRow('ASID 1')).toEqual([180, 588, 676]);
    expect(inRow('hart 0')).toHaveLength(10);
  });

  it('draws a wait only while another task has the hart', () => {
    const { waits } = layoutSchedule(model, span, 100, frame);
    expect(waits.map(({ x1, x2, state }) => [Math.round(x1), Math.round(x2), state])).toEqual([
      [340, 588, 'ready'],
      [540, 900, 'ready'],
    ]);
  });

  it('knows who waits where a part of the run begins', () => {
    const { waits } = layoutSchedule(model, { start: 40, end: 60 }, 100, frame);
    expect(waits.map(({ x1, state }) => [Math.round(x1), state])).toContainEqual([100, 'ready']);
  });

  it('breaks the axis where a hart waits, as no steps pass', () => {
    const idling = modelOf([back(1, 3, 1), wait(20, 200, true), wait(20, 5200, false), timer(21, 1)]);
    expect(layoutSchedule(idling, span, 100, frame).breaks.map(({ cycles }) => cycles)).toEqual([5000]);
  });

  it('keeps every bar within its frame', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 2, maxLength: 60 }),
        fc.nat(50),
        (lengths, start) => {
          let position = 0;
          const events = lengths.map((length, index) => {
            position += length;
            return index % 2 === 0 ? back(position, 1, 0) : timer(position);
          });
          const shown = { start, end: start + 400 };
          const { bars } = layoutSchedule(modelOf(events), shown, position, frame);
          expect(bars.every(({ x, width }) => x >= frame.left - 0.01 && x + width <= frame.width + 1)).toBe(true);
        },
      ),
    );
  });

  it('adds up what is too much to draw one by one', () => {
    const many = Array.from({ length: 20_000 }, (_, n) => (n % 2 === 0 ? back(10 * n, 1, 0) : timer(10 * n)));
    const crowded = modelOf(many);
    const { bars, areas } = layoutSchedule(crowded, { start: 0, end: 200_000 }, 200_000, frame);
    expect(bars).toEqual([]);
    expect(areas.map(({ key }) => key)).toEqual(['hart 0 S', 'hart 0 U', 'U-mode']);
    expect(layoutSchedule(crowded, { start: 1000, end: 1400 }, 200_000, frame).bars.length).toBeGreaterThan(10);
  });

  it('has in its legend who ran, and nobody else', () => {
    const modesOf = (...events: readonly GivenEvent[]): string[] => legendOf(modelOf(events)).map(({ mode }) => mode);
    expect(modesOf(back(10, 3, 0), ecall(20))).toEqual(['M', 'S', 'U']);
    expect(modesOf(back(10, 3, 0), { ...ecall(20), to: 3 } as GivenEvent)).toEqual(['M', 'U']);
  });

  it('takes a click for the bar under it', () => {
    const { bars } = layoutSchedule(model, span, 100, frame);
    expect(barAt(bars, 400, 12)?.segment?.position).toBe(35);
    expect(barAt(bars, 400, 500)).toBeUndefined();
  });

  it('says in sentences how a task lost the hart, and what the kernel did with it', () => {
    expect(explainSegment(model, 1)).toBe(
      'Hart 0 from step 10 on: ASID 1 has it, for 20 steps, 200 cycles. It is interrupted: Supervisor timer interrupt; kernel goes on.',
    );
    expect(explainSegment(model, 2)).toMatch(
      /It returns to ASID 2\. It is part of the switch from ASID 1 to ASID 2\.$/,
    );
  });
});
