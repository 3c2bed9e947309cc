/** The view that docs/views.md shows: it is this one, word for word, and it works. */
import { readFileSync } from 'node:fs';
import { render } from 'svelte/server';
import { describe, expect, it } from 'vitest';
import { noMoment } from '../../src/visualizers/visualizer.ts';
import { batchOf, type GivenEvent } from './batches.ts';
import { visualizer } from './documented/index.ts';
import { layoutCauses } from './documented/layout.ts';
import View from './documented/View.svelte';

const documented = readFileSync(new URL('../../docs/views.md', import.meta.url), 'utf8');
const trap = (position: number, cause = 8): GivenEvent => ({ kind: 'trap', position, cause });

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

  it('counts every trap, however the run comes in batches', () => {
    const positions = Array.from({ length: 500 }, (_, index) => index * 97);
    const whole = visualizer.update(visualizer.empty(), batchOf(positions.map((at) => trap(at))));
    const halves = [positions.slice(0, 250), positions.slice(250)];
    const parts = halves.reduce(
      (model, half) => visualizer.update(model, batchOf(half.map((at) => trap(at)))),
      visualizer.empty(),
    );
    expect(parts).toEqual(whole);
    expect([...whole]).toEqual([['Environment call from U-mode', { count: 500, last: 499 * 97 }]]);
    expect(visualizer.describe(whole, noMoment)).toBe('Different causes of traps so far: 1.');
  });

  it('draws a bar for each cause, the most frequent first and as wide as it may be', () => {
    const model = visualizer.update(visualizer.empty(), batchOf([trap(1, 13), trap(2), trap(3), trap(4), trap(5)]));
    expect(layoutCauses(model, 80)).toEqual([
      { title: 'Environment call from U-mode', count: 4, last: 5, width: 80 },
      { title: 'Load page fault', count: 1, last: 1, width: 20 },
    ]);
  });

  it('says in words what it draws, and what would fill it', () => {
    const props = {
      moment: noMoment,
      span: undefined,
      side: 'machine' as const,
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
    expect(textOf([trap(3), trap(5)])).toMatch(/Traps by cause;[\s\S]*Environment call from U-mode\s+2/);
  });
});
