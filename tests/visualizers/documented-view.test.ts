/** The view that docs/views.md shows: it is this one, word for word, and it works. */
import { readFileSync } from 'node:fs';
import { render } from 'svelte/server';
import { describe, expect, it } from 'vitest';
import { noMoment } from '../../src/visualizers/visualizer.ts';
import { batchOf, type GivenEvent } from './batches.ts';
import { visualizer } from './documented/index.ts';
import { layoutRhythm } from './documented/layout.ts';
import { columns } from './documented/model.ts';
import View from './documented/View.svelte';

const documented = readFileSync(new URL('../../docs/views.md', import.meta.url), 'utf8');
const trap = (position: number): GivenEvent => ({ kind: 'trap', position, cause: 8 });

/** As it would stand in src/visualizers. */
const moved = (file: string): string =>
  readFileSync(new URL(`./documented/${file}`, import.meta.url), 'utf8')
    .trimEnd()
    .replaceAll('../../../src/engine/', '../../engine/')
    .replaceAll('../../../src/visualizers/', '../');

describe('the view of docs/views.md', () => {
  it.each(['model.ts', 'layout.ts', 'View.svelte', 'index.ts'])('has this %s', (file) => {
    expect(documented).toContain(moved(file));
  });

  it('counts every trap, however long the run and however it comes in batches', () => {
    const positions = Array.from({ length: 5000 }, (_, index) => index * 97);
    const whole = visualizer.update(visualizer.empty(), batchOf(positions.map(trap)));
    const halves = [positions.slice(0, 2500), positions.slice(2500)];
    const parts = halves.reduce((model, half) => visualizer.update(model, batchOf(half.map(trap))), visualizer.empty());
    expect(parts).toEqual(whole);
    expect(whole.counts).toHaveLength(columns);
    expect(visualizer.describe(whole, { ...noMoment, tip: 485_000 })).toBe('5000 traps in 485000 steps.');
  });

  it('draws a bar for a column with traps, the fullest as tall as the picture', () => {
    const model = visualizer.update(visualizer.empty(), batchOf([1, 2, 3, 40].map(trap)));
    const bars = layoutRhythm(model, 640, 80);
    expect(bars.map(({ start, count, x, height }) => [start, count, x, Math.round(height)])).toEqual([
      [0, 3, 0, 80],
      [32, 1, 20, 27],
    ]);
  });

  it('says in words what it draws, and what would fill it', () => {
    const props = {
      moment: noMoment,
      span: undefined,
      onspan: () => {},
      selected: undefined,
      onselect: () => {},
      onvisit: () => {},
      symbolize: String,
      resolve: () => undefined,
      inspect: () => undefined,
      source: { text: () => undefined, breakpoints: [], ontoggle: () => {}, onreach: () => {} },
      profile: undefined,
      onfind: () => {},
      onprofile: () => {},
    };
    const textOf = (events: readonly GivenEvent[]): string => {
      const model = visualizer.update(visualizer.empty(), batchOf(events));
      return render(View, { props: { ...props, model } }).body.replace(/<[^>]*>/g, ' ');
    };
    expect(textOf([])).toContain('Run the program');
    expect(textOf([trap(3), trap(5)])).toMatch(/Traps by 16 steps\s+0\s+2/);
  });
});
