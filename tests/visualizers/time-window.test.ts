import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brushed, panned, showing, wholeRun, zoomed } from '../../src/visualizers/time-window.ts';

const tip = 10_000;

describe('the part of a run that is shown', () => {
  it('is zoomed around a place, which stays where it is in the picture', () => {
    expect(zoomed({ start: 0, end: 1000 }, 0.5, 250, tip)).toEqual({ start: 125, end: 625 });
  });

  it('is all of the run again when it would be longer', () => {
    expect(zoomed({ start: 0, end: 6000 }, 2, 3000, tip)).toBeUndefined();
    expect(wholeRun(0)).toEqual({ start: 0, end: 1 });
  });

  it('moves by a part of its length, and stops at the ends', () => {
    expect(panned({ start: 3000, end: 6000 }, 1 / 3, tip)).toEqual({ start: 4000, end: 7000 });
    expect(panned({ start: 500, end: 3500 }, -1 / 3, tip)).toEqual({ start: 0, end: 3000 });
    expect(panned({ start: 8500, end: 9500 }, 1, tip)).toEqual({ start: 9000, end: 10_000 });
  });

  it('moves only as far as it takes to see something', () => {
    const span = { start: 100, end: 200 };
    expect(showing(span, 150, tip)).toBe(span);
    expect(showing(span, 400, tip)).toEqual({ start: 350, end: 450 });
  });

  it('is chosen in either direction', () => {
    expect(brushed(700.4, 300.6)).toEqual({ start: 300, end: 701 });
  });

  it('lies within the run and is never empty, however it is zoomed and moved', () => {
    const act = fc.tuple(fc.constantFrom(0.5, 2), fc.nat(tip), fc.double({ min: -1, max: 1, noNaN: true }));
    fc.assert(
      fc.property(fc.array(act, { maxLength: 20 }), (acts) => {
        let span = wholeRun(tip);
        for (const [factor, around, part] of acts) {
          span = panned(zoomed(span, factor, around, tip) ?? wholeRun(tip), part, tip);
          expect(span.start).toBeGreaterThanOrEqual(0);
          expect(span.end).toBeLessThanOrEqual(tip);
          expect(span.end - span.start).toBeGreaterThanOrEqual(20);
        }
      }),
    );
  });
});
