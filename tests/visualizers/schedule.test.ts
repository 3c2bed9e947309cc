import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeSchedule, fairnessOf, figuresOf, legendOf } from '../../src/visualizers/schedule/explain.ts';
import { changeLabels, handles, mayLabel, newHart, standingOccupant } from '../../src/visualizers/schedule/hart.ts';
import { emptySchedule, updateSchedule } from '../../src/visualizers/schedule/model.ts';
import { firstTask, mostTasks, supervisor } from '../../src/visualizers/schedule/occupants.ts';
import { guestTask, noSpaces, userTask } from '../../src/visualizers/schedule/spaces.ts';
import { fairness } from '../../src/visualizers/schedule/tallies.ts';
import { batchOf, type GivenEvent } from './batches.ts';

import {
  back,
  ecall,
  figureOf,
  hgatp,
  mark,
  modelOf,
  numberOf,
  satp,
  segmentsOf,
  timer,
  twoProcesses,
  wait,
} from './schedule-events.ts';

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
