import { describe, expect, it } from 'vitest';
import { stretchesOf } from '../../src/visualizers/schedule/columns.ts';
import { waitsLegend } from '../../src/visualizers/schedule/explain.ts';
import { layoutSchedule } from '../../src/visualizers/schedule/layout.ts';
import { taskWaits } from '../../src/visualizers/schedule/waits.ts';
import type { GivenEvent } from './batches.ts';

import { back, ecall, figureOf, hgatp, mark, modelOf, timer, twoProcesses, wait } from './schedule-events.ts';

/** Task 1 waits for what task 2 brings; the kernel says so. In cycles, ten times the positions. */
const told = [
  back(5, 3, 1),
  mark(8, 'task', 1),
  back(10, 1, 0),
  ecall(20),
  mark(22, 'blocked', 1),
  mark(23, 'task', 2),
  back(25, 1, 0),
  timer(40),
  mark(42, 'ready', 1),
  back(44, 1, 0),
  ecall(60),
  mark(61, 'ready', 2),
  mark(62, 'task', 1),
  back(64, 1, 0),
  ecall(80),
];

/** Somebody ran, and trapped. */
const inKernel = [back(1, 3, 0), ecall(5)];

describe('what software says of its tasks', () => {
  const model = modelOf(told);

  it('is believed: blocked until it is said to be ready, then the latency, and what another task had of it', () => {
    expect(figureOf(model, 'task 1')).toMatchObject({
      ...{ said: true, blocks: 1, blocked: 200, waits: 1, latency: 220, longestLatency: 220 },
      // Of the 220 cycles, task 2 ran from 440 to 600.
      stolen: 160,
    });
  });

  it('says that a task that gave way can run', () => {
    expect(figureOf(model, 'task 2')).toMatchObject({
      ...{ said: true, yields: 1, blocks: 0 },
      waiting: { state: 'ready', since: 610 },
    });
  });

  const rows: readonly (readonly [string, readonly GivenEvent[], string, Record<string, unknown>])[] = [
    [
      'a task that is ready before it ever ran',
      [...inKernel, mark(10, 'ready', 7), mark(20, 'task', 7), back(25, 1, 0)],
      'task 7',
      { waits: 1, latency: 150, stolen: 0, dispatches: 1 },
    ],
    [
      'blocked, and nobody else to run: the hart waits, and the same task goes on',
      [
        mark(1, 'task', 1),
        back(2, 1, 0),
        ecall(10),
        mark(11, 'blocked', 1),
        wait(12, 120, true),
        wait(12, 900, false),
        { ...mark(14, 'ready', 1), cycle: 920 },
        { ...back(15, 1, 0), cycle: 950 },
      ],
      'task 1',
      { blocks: 1, blocked: 810, waits: 1, latency: 30, stolen: 0, yields: 0 },
    ],
    [
      'said twice: since the first time',
      [...inKernel, mark(10, 'ready', 7), mark(15, 'ready', 7), mark(20, 'task', 7), back(25, 1, 0)],
      'task 7',
      { waits: 1, latency: 150 },
    ],
    [
      'blocked while it was ready: that was no latency',
      [...inKernel, mark(10, 'ready', 7), mark(15, 'blocked', 7), mark(20, 'task', 7), back(25, 1, 0)],
      'task 7',
      { waits: 0, blocks: 1, blocked: 100 },
    ],
    [
      'said before it lost the hart: from then on',
      [
        back(1, 3, 1),
        mark(2, 'task', 1),
        mark(9, 'blocked', 1),
        mark(10, 'task', 2),
        timer(20, 1),
        mark(21, 'ready', 1),
        mark(22, 'task', 1),
        back(30, 1, 1),
      ],
      'task 1',
      { blocks: 1, blocked: 110, waits: 1, latency: 90 },
    ],
    [
      'interrupted, and said to be ready a little later: since the interrupt',
      [
        mark(1, 'task', 1),
        back(2, 1, 0),
        timer(10),
        mark(12, 'ready', 1),
        mark(13, 'task', 2),
        back(15, 1, 0),
        timer(25),
        mark(26, 'task', 1),
        back(30, 1, 0),
      ],
      'task 1',
      { preemptions: 1, waits: 1, latency: 180, stolen: 100, said: true },
    ],
  ];
  it.each(rows)('%s', (_, events, name, expected) => {
    expect(figureOf(modelOf(events), name)).toMatchObject(expected);
  });

  it('is not for a guest to say', () => {
    const guest = [hgatp(1, 7), back(2, 1, 5), mark(3, 'ready', 9)];
    expect(modelOf(guest).occupants.map(({ name }) => name)).not.toContain('task 9');
  });

  const waitsIn = (events: readonly GivenEvent[], start: number, end: number): string[] => {
    const shown = modelOf(events);
    const span = { start, end };
    return taskWaits(shown, [...stretchesOf(shown, { start: 0, end }, end)], span).map(
      ({ task, from, to, state, said }) =>
        `${shown.occupants[task]?.name} ${from}–${to} ${state}${said ? ' said' : ''}`,
    );
  };

  it('parts the wait that is drawn, from statement to statement', () => {
    expect(waitsIn(told, 0, 90)).toEqual([
      'task 1 20–22 away',
      'task 1 22–42 blocked said',
      'task 1 42–64 ready said',
      'task 2 60–61 away',
      'task 2 61–90 ready said',
    ]);
  });

  it('is drawn before a task has ever run, and while nobody else runs', () => {
    expect(waitsIn(rows[0]?.[1] ?? [], 0, 40)).toContain('task 7 10–25 ready said');
    expect(waitsIn(rows[1]?.[1] ?? [], 0, 40)).toEqual(['task 1 11–14 blocked said', 'task 1 14–15 ready said']);
  });

  it('is drawn as ready and as blocked, and the legend names both', () => {
    const { waits } = layoutSchedule(model, { start: 30, end: 90 }, 90, { left: 100, width: 908 });
    expect(waits.map(({ state, begins }) => `${state} ${begins}`)).toContain('blocked false');
    expect(waits.map(({ state }) => state)).toContain('ready');
    expect(waitsLegend(model).map(({ state }) => state)).toEqual(['ready', 'blocked', 'away']);
    expect(waitsLegend(modelOf(twoProcesses)).map(({ state }) => state)).toEqual(['ready', 'away']);
  });
});
