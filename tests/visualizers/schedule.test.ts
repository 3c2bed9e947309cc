import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csrByName } from '../../src/engine/isa/csrs.ts';
import { type MarkerLabel, markerLabels } from '../../src/engine/isa/markers.ts';
import { stretchesOf } from '../../src/visualizers/schedule/columns.ts';
import {
  describeSchedule,
  explainSegment,
  fairnessOf,
  figuresOf,
  legendOf,
  waitsLegend,
} from '../../src/visualizers/schedule/explain.ts';
import { changeLabels, handles, mayLabel, newHart, standingOccupant } from '../../src/visualizers/schedule/hart.ts';
import { barAt, layoutSchedule } from '../../src/visualizers/schedule/layout.ts';
import { emptySchedule, type ScheduleModel, updateSchedule } from '../../src/visualizers/schedule/model.ts';
import { firstTask, mostTasks, supervisor } from '../../src/visualizers/schedule/occupants.ts';
import { segmentAt } from '../../src/visualizers/schedule/segments.ts';
import { guestTask, noSpaces, userTask } from '../../src/visualizers/schedule/spaces.ts';
import { fairness } from '../../src/visualizers/schedule/tallies.ts';
import { taskWaits } from '../../src/visualizers/schedule/waits.ts';
import { batchOf, type GivenEvent } from './batches.ts';

const modelOf = (events: readonly GivenEvent[]): ScheduleModel => updateSchedule(emptySchedule(), batchOf(events));
const numberOf = (name: string): number => csrByName(name)?.number ?? 0;

/** Cycles are ten times the position, where nothing else is said. */
const at = (position: number, hart = 0): { position: number; cycle: number; hart: number } => ({
  position,
  cycle: 10 * position,
  hart,
});
const satp = (position: number, asid: number, hart = 0): GivenEvent => ({
  kind: 'csr',
  ...at(position, hart),
  number: numberOf('satp'),
  value: (8n << 60n) | (BigInt(asid) << 44n) | 0x80005n,
});
const hgatp = (position: number, vmid: number): GivenEvent => ({
  kind: 'csr',
  ...at(position),
  number: numberOf('hgatp'),
  value: (8n << 60n) | (BigInt(vmid) << 44n),
});
const timer = (position: number, from = 0, hart = 0): GivenEvent => ({
  kind: 'trap',
  ...at(position, hart),
  cause: 5,
  interrupt: true,
  from,
  to: 1,
});
const ecall = (position: number, from = 0, hart = 0): GivenEvent => ({
  kind: 'trap',
  ...at(position, hart),
  cause: 8,
  from,
  to: 1,
});
const back = (position: number, from: number, to: number, hart = 0): GivenEvent => ({
  kind: 'return',
  ...at(position, hart),
  from,
  to,
});
const wait = (position: number, cycle: number, asleep: boolean): GivenEvent => ({
  kind: 'wait',
  position,
  cycle,
  hart: 0,
  asleep,
});

const mark = (position: number, label: MarkerLabel, value: number, hart = 0): GivenEvent => ({
  kind: 'marker',
  ...at(position, hart),
  label: markerLabels.indexOf(label),
  value: BigInt(value),
});

const segmentsOf = (model: ScheduleModel): string[] =>
  Array.from({ length: model.log.total }, (_, ordinal) => {
    const segment = segmentAt(model.log, ordinal);
    return `${segment?.hart} ${segment?.position} ${model.occupants[segment?.occupant ?? -1]?.name}`;
  });
const figureOf = (model: ScheduleModel, name: string) => figuresOf(model).find((each) => each.name === name)?.tally;

/** Two processes under a timer: 1 runs twice, 2 in between. */
const twoProcesses = [
  back(5, 3, 1),
  satp(8, 1),
  back(10, 1, 0),
  timer(30),
  satp(33, 2),
  back(35, 1, 0),
  timer(55),
  satp(57, 1),
  back(61, 1, 0),
  ecall(71),
  back(72, 1, 0),
  timer(81),
];

describe('who has a hart', () => {
  it('is a process by the ASID of satp when the kernel returns to it', () => {
    expect(segmentsOf(modelOf(twoProcesses))).toEqual([
      '0 5 kernel',
      '0 10 ASID 1',
      '0 30 kernel',
      '0 35 ASID 2',
      '0 55 kernel',
      '0 61 ASID 1',
      '0 71 kernel',
      '0 72 ASID 1',
      '0 81 kernel',
    ]);
  });

  it('is a virtual machine by the VMID of hgatp, kernel and user of it alike', () => {
    const guest = [
      hgatp(1, 7),
      back(2, 1, 5),
      back(3, 5, 4),
      { ...ecall(4, 4), to: 5 },
      { ...ecall(6, 5), to: 1 },
    ] as const;
    expect(segmentsOf(modelOf([back(0, 3, 1), ...guest]))).toEqual(['0 0 kernel', '0 2 VMID 7', '0 6 kernel']);
    expect(figuresOf(modelOf([back(0, 3, 1), ...guest, back(9, 1, 5)])).map(({ name }) => name)).toContain(
      'hypervisor',
    );
  });

  it('is a process of a virtual machine by vsatp, or its kernel, where one looks into it', () => {
    const vsatp = (position: number, asid: number): GivenEvent =>
      ({ ...satp(position, asid), number: numberOf('vsatp') }) as GivenEvent;
    const call = (position: number): GivenEvent => ({ ...ecall(position, 4), to: 5 }) as GivenEvent;
    const guest = [
      hgatp(1, 7),
      back(2, 1, 5),
      vsatp(3, 1),
      back(4, 5, 4),
      call(8),
      vsatp(9, 2),
      back(10, 5, 4),
      call(15),
      back(16, 5, 4),
    ];
    const model = updateSchedule(emptySchedule(true), batchOf(guest));
    expect(segmentsOf(model)).toEqual([
      '0 2 VMID 7 kernel',
      '0 4 VMID 7 ASID 1',
      '0 8 VMID 7 kernel',
      '0 10 VMID 7 ASID 2',
      '0 15 VMID 7 kernel',
      '0 16 VMID 7 ASID 2',
    ]);
    expect(model.switches).toMatchObject({ count: 1, cycles: 20 });
  });

  it('is nobody while the hart waits', () => {
    expect(segmentsOf(modelOf([back(1, 3, 1), wait(2, 20, true), wait(2, 900, false), timer(2, 1)]))).toEqual([
      '0 1 kernel',
      '0 2 idle',
      '0 2 kernel',
    ]);
  });

  it('is told for each hart', () => {
    const model = modelOf([satp(1, 4), back(2, 1, 0), satp(3, 5, 1), back(4, 1, 0, 1)]);
    expect(segmentsOf(model)).toEqual(['0 2 ASID 4', '1 4 ASID 5']);
  });

  it('is a thread of the kernel by its label, but for the traps that the kernel handles', () => {
    const hart = { ...newHart(0), mode: 1 };
    expect(standingOccupant(hart)).toBe(supervisor);
    changeLabels(hart, { kind: 'task', value: 2 });
    expect(standingOccupant(hart)).toBe('user');
    handles(hart, 1, true);
    expect(standingOccupant(hart)).toBe(supervisor);
    handles(hart, 1, false);
    expect(standingOccupant(hart)).toBe('user');
  });

  it('is of the least privileged mode in which its label was seen: a thread of the kernel, or a process of it', () => {
    const started = [mark(1, 'task', 1), mark(9, 'task', 2)];
    const threads = legendOf(modelOf(started));
    const process = legendOf(modelOf([...started, back(12, 3, 0)]));
    expect(threads).toEqual([{ mode: 'M', name: 'M-mode, threads' }]);
    expect(process).toEqual([
      { mode: 'M', name: 'M-mode, threads' },
      { mode: 'U', name: 'processes' },
    ]);
  });

  it('is not for a guest to label', () => {
    expect(mayLabel({ ...newHart(0), mode: 5 })).toBe(false);
    expect(mayLabel({ ...newHart(0), mode: 0, labels: { task: undefined, vm: 1, vcpu: undefined } })).toBe(false);
    expect(mayLabel({ ...newHart(0), mode: 1 })).toBe(true);
  });

  const names: readonly (readonly [string, string, string])[] = [
    ['an ASID', userTask({ ...noSpaces, satpHigh: (8 << 28) | (3 << 12) }, newHart(0).labels).name, 'ASID 3'],
    [
      'a root, without an ASID',
      userTask({ ...noSpaces, satpLow: 0x80123, satpHigh: 8 << 28 }, newHart(0).labels).name,
      'root 0x80123000',
    ],
    ['its mode, without translation', userTask(noSpaces, newHart(0).labels).name, 'U-mode'],
    ['the task that the kernel labels it with', userTask(noSpaces, { ...newHart(0).labels, task: 12 }).name, 'task 12'],
    [
      'the guest that a hypervisor without hardware’s help labels',
      userTask(noSpaces, { task: undefined, vm: 2, vcpu: 1 }).name,
      'VM 2 vCPU 1',
    ],
    [
      'a VMID and the labelled virtual CPU',
      guestTask({ ...noSpaces, vmid: 1 }, { ...newHart(0).labels, vcpu: 3 }).name,
      'VMID 1 vCPU 3',
    ],
  ];
  it.each(names)('is named by %s', (_, name, expected) => {
    expect(name).toBe(expected);
  });

  it('tells so many tasks apart, and counts the others together', () => {
    const many = Array.from({ length: 300 }, (_, n) => [
      satp(10 * n, n + 1),
      back(10 * n + 1, 1, 0),
      ecall(10 * n + 5),
    ]).flat();
    const model = modelOf(many);
    expect(model.occupants).toHaveLength(firstTask + mostTasks + 1);
    expect(figureOf(model, 'other tasks')?.cycles).toBe(40 * (300 - mostTasks));
  });

  it('is the same however the events were batched', () => {
    const event = fc.oneof(
      fc.constant((position: number) => timer(position)),
      fc.constant((position: number) => ecall(position)),
      fc.constant((position: number) => back(position, 1, 0)),
      fc.nat(3).map((asid) => (position: number) => satp(position, asid)),
      fc.constantFrom('ready', 'blocked', 'task').map((label) => (position: number) => mark(position, label, 2)),
      fc.boolean().map((asleep) => (position: number) => wait(position, 10 * position, asleep)),
      fc.constant((position: number) => back(position, 1, 0, 1)),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 150 }), fc.nat(150), (makers, cut) => {
        const events = makers.map((make, index) => make(index * 3));
        const whole = modelOf(events);
        const parts = updateSchedule(modelOf(events.slice(0, cut)), batchOf(events.slice(cut)));
        expect(segmentsOf(parts)).toEqual(segmentsOf(whole));
        expect(figuresOf(parts)).toEqual(figuresOf(whole));
        expect(parts.switches).toEqual(whole.switches);
        expect(parts.density).toEqual(whole.density);
      }),
    );
  });
});

describe('the figures', () => {
  const model = modelOf(twoProcesses);

  it('give each task its cycles, its stints and the longest of them', () => {
    expect(figureOf(model, 'ASID 1')).toMatchObject({ cycles: 390, dispatches: 2, longestStint: 200 });
    expect(figureOf(model, 'ASID 2')).toMatchObject({ cycles: 200, dispatches: 1 });
  });

  it('take a task that was interrupted for ready, and call stolen what another one had of the hart', () => {
    const expected = {
      preemptions: 1,
      waits: 1,
      latency: 310,
      longestLatency: 310,
      stolen: 200,
      yields: 0,
      said: false,
    };
    expect(figureOf(model, 'ASID 1')).toMatchObject(expected);
  });

  it('tell who gave way by itself apart from who was preempted', () => {
    const gives = [
      satp(1, 1),
      back(2, 1, 0),
      ecall(5),
      satp(6, 2),
      back(7, 1, 0),
      timer(9),
      satp(10, 1),
      back(11, 1, 0),
    ];
    expect(figureOf(modelOf(gives), 'ASID 1')).toMatchObject({ preemptions: 0, stolen: 0, yields: 1, blocked: 60 });
  });

  it('count a switch from the trap to the return into the other task, without waiting', () => {
    expect(model.switches).toEqual({ count: 2, cycles: 110, least: 50, most: 60, mostAt: 55 });
    const idling = [satp(1, 1), back(2, 1, 0), ecall(5), wait(6, 60, true), wait(6, 1060, false), satp(7, 2)];
    const resumed = { ...back(8, 1, 0), cycle: 1080 };
    expect(modelOf([...idling, resumed]).switches).toMatchObject({ count: 1, cycles: 30 });
  });

  it('do not count an interruption of a task as a switch', () => {
    expect(modelOf([satp(1, 1), back(2, 1, 0), timer(5), back(7, 1, 0)]).switches.count).toBe(0);
  });

  it('follow a task that goes on on another hart', () => {
    const moved = modelOf([
      satp(1, 1),
      back(2, 1, 0),
      timer(10),
      satp(11, 1, 1),
      back(14, 1, 0, 1),
      satp(15, 2),
      back(16, 1, 0),
    ]);
    expect(figureOf(moved, 'ASID 1')).toMatchObject({ dispatches: 2, preemptions: 1, latency: 40, waiting: undefined });
  });

  it.each([
    [[1, 1, 1, 1], 1],
    [[1, 0, 0, 0], 0.25],
    [[], 1],
  ])('judge the shares %j by Jain’s index', (shares, expected) => {
    expect(fairness(shares)).toBeCloseTo(expected);
  });

  it('are told in a sentence', () => {
    expect(describeSchedule(model)).toMatch(
      /^Of the harts’ cycles: ASID 1 48\.\d%, .*2 switches between tasks, 55 cycles each\. From ready to running it took 310 cycles at most, for ASID 1\.$/,
    );
    expect(fairnessOf(figuresOf(model))).toBeGreaterThan(0.8);
  });
});

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
