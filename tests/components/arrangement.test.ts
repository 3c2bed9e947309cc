import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Arrangement,
  leastShare,
  type Place,
  pane,
  panelsOf,
  place,
  remove,
  resizeColumns,
  resizePanes,
  show,
} from '../../src/components/workbench/arrangement.ts';
import {
  addView,
  closeView,
  defaultArrangement,
  narrowed,
  restoreArrangement,
} from '../../src/components/workbench/defaults.ts';
import { geometryOf, zoneAt } from '../../src/components/workbench/geometry.ts';
import { offersFor } from '../../src/components/workbench/places.ts';

/** Columns by `|`, panes by `/`, tabs by spaces; the one that is shown in capitals. */
const drawn = (arrangement: Arrangement): string =>
  arrangement
    .map(({ panes }) =>
      panes
        .map(({ tabs, shown }) => tabs.map((tab) => (tab === shown ? tab.toUpperCase() : tab)).join(' '))
        .join(' / '),
    )
    .join(' | ');

const start = defaultArrangement(['registers', 'traps'], 'page');
const known = ['editor', 'console', 'stops', 'registers', 'traps', 'pages'];

describe('panels', () => {
  it('begin as the editor over the console, beside the views', () => {
    expect(drawn(start)).toBe('EDITOR / CONSOLE stops | REGISTERS traps');
    expect(drawn(defaultArrangement(['registers', 'traps'], 'window'))).toBe(
      'EDITOR / CONSOLE stops | REGISTERS / TRAPS',
    );
    expect(drawn(defaultArrangement([], 'page'))).toBe('EDITOR / CONSOLE stops');
  });

  const moves: readonly (readonly [string, string, Place, string])[] = [
    ['among tabs', 'traps', { kind: 'with', panel: 'console' }, 'EDITOR / console stops TRAPS | REGISTERS'],
    ['below', 'traps', { kind: 'below', panel: 'traps' }, 'EDITOR / CONSOLE stops | REGISTERS / TRAPS'],
    ['above', 'traps', { kind: 'above', panel: 'editor' }, 'TRAPS / EDITOR / CONSOLE stops | REGISTERS'],
    ['to a column at the left', 'console', { kind: 'column', at: 0 }, 'CONSOLE | EDITOR / STOPS | REGISTERS traps'],
    ['to a column in between', 'registers', { kind: 'column', at: 1 }, 'EDITOR / CONSOLE stops | REGISTERS | TRAPS'],
    ['from nowhere', 'pages', { kind: 'with', panel: 'registers' }, 'EDITOR / CONSOLE stops | registers traps PAGES'],
    ['below itself, alone', 'editor', { kind: 'below', panel: 'editor' }, 'EDITOR / CONSOLE stops | REGISTERS traps'],
  ];
  it.each(moves)('move %s', (_, panel, to, expected) => {
    expect(drawn(place(start, panel, to))).toBe(expected);
  });

  it('leave no hole', () => {
    expect(drawn(remove(remove(start, 'registers'), 'traps'))).toBe('EDITOR / CONSOLE stops');
    expect(drawn(remove(start, 'registers'))).toBe('EDITOR / CONSOLE stops | TRAPS');
  });

  it('show themselves', () => {
    expect(drawn(show(start, 'traps'))).toBe('EDITOR / CONSOLE stops | registers TRAPS');
  });

  it('are each there once, and fill the bench, whatever is done', () => {
    const panel = fc.constantFrom(...known);
    const where: fc.Arbitrary<Place> = fc.oneof(
      fc.record({ kind: fc.constantFrom('with', 'above', 'below'), panel }),
      fc.record({ kind: fc.constant('column'), at: fc.nat(4) }),
    ) as fc.Arbitrary<Place>;
    const step = fc.oneof(
      fc.tuple(panel, where).map(
        ([name, to]) =>
          (before: Arrangement) =>
            panelsOf(before).includes(name) ? place(before, name, to) : before,
      ),
      panel.map((name) => (before: Arrangement) => closeView(before, name)),
      panel.map((name) => (before: Arrangement) => addView(before, name, true)),
      fc.tuple(fc.nat(3), fc.double({ min: -2, max: 2, noNaN: true })).map(
        ([border, by]) =>
          (before: Arrangement) =>
            resizePanes(resizeColumns(before, border, by), border, 0, -by),
      ),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const end = steps.reduce<Arrangement>((before, each) => each(before), start);
        const panels = panelsOf(end);
        expect(new Set(panels).size).toBe(panels.length);
        expect(panels).toEqual(expect.arrayContaining(['editor', 'console']));
        const { panes } = geometryOf(end);
        const area = panes.reduce((sum, { rectangle: { width, height } }) => sum + width * height, 0);
        expect(area).toBeCloseTo(1, 6);
        for (const each of panes) expect(each.pane.tabs).toContain(each.pane.shown);
      }),
    );
  });
});

describe('borders', () => {
  it('move until a neighbour is too small', () => {
    const [left, right] = resizeColumns(start, 0, 5);
    expect(right?.share).toBeCloseTo(leastShare);
    expect((left?.share ?? 0) + (right?.share ?? 0)).toBeCloseTo(1);
  });

  it('stand between columns and between panes, and say where they are', () => {
    const { borders } = geometryOf(start);
    expect(borders.map(({ kind, value, before, after }) => [kind, value, before, after])).toEqual([
      ['pane', 74, 'editor', 'console'],
      ['column', 60, 'editor', 'registers'],
    ]);
  });
});

describe('an arrangement that was kept', () => {
  const restored = (value: unknown): string => drawn(restoreArrangement(JSON.stringify(value), known, start));

  it('comes back', () => {
    const arranged = place(resizeColumns(start, 0, 0.1), 'traps', { kind: 'below', panel: 'editor' });
    expect(restoreArrangement(JSON.stringify(arranged), known, start)).toEqual(arranged);
  });

  it('loses what is not known or stands twice, and gets back what a bench needs', () => {
    const kept = [{ share: 3, panes: [pane(['gone', 'traps', 'traps'], 1, 'gone'), pane(['traps'], 9)] }];
    expect(restored(kept)).toBe('EDITOR / CONSOLE stops | TRAPS');
  });

  it.each([null, 'x', {}, [], [{ share: -1, panes: [] }], [{ share: 1, panes: [pane(['gone'])] }]])(
    'is the first one if %j was kept',
    (kept) => {
      expect(restored(kept)).toBe(drawn(start));
    },
  );
});

describe('room for one column', () => {
  it('holds the editor over everything else in turns', () => {
    expect(drawn(narrowed(start, 'traps'))).toBe('EDITOR / console stops registers TRAPS');
    expect(drawn(narrowed(start, 'gone'))).toBe('EDITOR / CONSOLE stops registers traps');
  });
});

describe('a menu of places', () => {
  const labels = (panel: string): string[] => offersFor(start, panel, (name) => name).map(({ label }) => label);

  it('offers a tab a pane or a column of its own, or another pane', () => {
    expect(labels('traps')).toEqual([
      'Pane of its own, above',
      'Pane of its own, below',
      'Column of its own, left',
      'Column of its own, right',
      'Tab beside editor',
      'Tab beside console and 1 more',
    ]);
  });

  it('offers a lone panel what is not already so', () => {
    expect(labels('editor')).toEqual([
      'Column of its own, left',
      'Column of its own, right',
      'Tab beside console and 1 more',
      'Pane below console and 1 more',
      'Tab beside registers and 1 more',
      'Pane below registers and 1 more',
    ]);
  });

  it('leads nowhere that a panel is lost', () => {
    for (const panel of panelsOf(start)) {
      for (const offer of offersFor(start, panel, (name) => name)) {
        expect([...panelsOf(place(start, panel, offer.place))].sort()).toEqual([...panelsOf(start)].sort());
      }
    }
  });
});

it.each([
  [0.5, 0.5, 'with'],
  [0.1, 0.5, 'left'],
  [0.9, 0.5, 'right'],
  [0.5, 0.05, 'above'],
  [0.6, 0.95, 'below'],
])('a tab dropped at %d, %d goes %s', (x, y, zone) => {
  expect(zoneAt(x, y)).toBe(zone);
});
