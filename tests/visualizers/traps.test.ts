import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csrByName } from '../../src/engine/isa/csrs.ts';
import { type MarkerLabel, markerLabels } from '../../src/engine/isa/markers.ts';
import { chunkSize, firstFrom, gapOf, headChunks, tailChunks } from '../../src/visualizers/chunked-log.ts';
import { crossingAt } from '../../src/visualizers/traps/crossings.ts';
import { explainCrossing } from '../../src/visualizers/traps/explain.ts';
import { letterIn } from '../../src/visualizers/traps/lanes.ts';
import { layoutTraps, markNear } from '../../src/visualizers/traps/layout.ts';
import { ledgerRows } from '../../src/visualizers/traps/ledger.ts';
import { emptyTraps, type TrapsModel, updateTraps } from '../../src/visualizers/traps/model.ts';
import { topPlaces } from '../../src/visualizers/traps/places.ts';
import { presenceOf } from '../../src/visualizers/traps/presence.ts';
import { batchOf, type GivenEvent } from './batches.ts';

const modelOf = (events: readonly GivenEvent[]): TrapsModel => updateTraps(emptyTraps(), batchOf(events));
const crossingsOf = (model: TrapsModel) =>
  Array.from({ length: model.log.total }, (_, ordinal) => crossingAt(model.log, ordinal));

interface Given {
  readonly cause: number;
  readonly from: number;
  readonly to: number;
  readonly interrupt?: boolean;
}
const trap = (position: number, given: Given): GivenEvent => ({
  kind: 'trap',
  position,
  cycle: 10 * position,
  target: 0x100n,
  ...given,
});
const ecall = (position: number): GivenEvent => trap(position, { cause: 8, from: 0, to: 1 });
const timer = (position: number, from = 1): GivenEvent => trap(position, { cause: 7, interrupt: true, from, to: 3 });
const back = (position: number, from: number, to: number, hart = 0): GivenEvent => ({
  kind: 'return',
  position,
  cycle: 10 * position,
  from,
  to,
  hart,
});
const machine = (position: number, vmid: number, hart = 0): GivenEvent => ({
  kind: 'csr',
  position,
  hart,
  number: csrByName('hgatp')?.number ?? 0,
  value: (8n << 60n) | (BigInt(vmid) << 44n),
});
const frame = { left: 30, width: 608, hart: undefined };

describe('the ledger', () => {
  const costs = (events: readonly GivenEvent[]) =>
    ledgerRows(modelOf(events).ledger).map(({ cause, count, steps, cycles }) => [cause, count, steps, cycles]);

  it('counts by cause and modes, the most frequent first', () => {
    expect(costs([timer(1), back(2, 3, 1), ecall(5), back(8, 1, 0), ecall(10), back(14, 1, 0)])).toEqual([
      [8, 2, 7, 70],
      [7, 1, 1, 10],
    ]);
  });

  it('does not charge a handler for a trap that came while it ran', () => {
    expect(costs([ecall(10), timer(12), back(17, 3, 1), back(20, 1, 0)])).toEqual([
      [8, 1, 5, 50],
      [7, 1, 5, 50],
    ]);
  });

  it('charges a trap within a trap of the same level apart', () => {
    const fault = trap(12, { cause: 13, from: 1, to: 1 });
    expect(costs([ecall(10), fault, back(15, 1, 1), back(20, 1, 0)])).toEqual([
      [8, 1, 7, 70],
      [13, 1, 3, 30],
    ]);
  });

  it('charges nobody for a process that a kernel went on with', () => {
    const events = [ecall(10), back(14, 1, 0), ecall(30), back(31, 1, 0), back(99, 1, 0)];
    expect(costs(events)).toEqual([[8, 2, 5, 50]]);
  });

  it('charges the guest’s kernel and its hypervisor each for what they do', () => {
    const events = [
      machine(1, 1),
      trap(10, { cause: 8, from: 4, to: 5 }),
      trap(14, { cause: 10, from: 5, to: 1 }),
      back(20, 1, 5),
      back(23, 5, 4),
    ];
    expect(costs(events)).toEqual([
      [8, 1, 7, 70],
      [10, 1, 6, 60],
    ]);
  });

  it('charges no trap with waiting', () => {
    const wait = (position: number, cycle: number, asleep: boolean): GivenEvent => ({
      kind: 'wait',
      position,
      cycle,
      asleep,
    });
    const last = { ...back(15, 1, 0), cycle: 1050 };
    expect(costs([ecall(10), wait(12, 120, true), wait(12, 1000, false), last])).toEqual([[8, 1, 5, 70]]);
  });

  it('keeps virtual machines apart, and harts together', () => {
    const exit = (position: number, hart: number): GivenEvent => ({
      ...trap(position, { cause: 10, from: 5, to: 1 }),
      hart,
    });
    const { ledger, guests } = modelOf([
      machine(1, 7),
      machine(2, 9, 1),
      exit(3, 0),
      exit(4, 1),
      machine(5, 9),
      exit(6, 0),
    ]);
    expect(ledgerRows(ledger).map(({ guest, count }) => [guests.vmids[guest ?? -1], count])).toEqual([
      [9, 2],
      [7, 1],
    ]);
  });

  it('stands a return without a trap, as the first entry into a program', () => {
    const model = modelOf([back(3, 3, 1), back(9, 1, 0)]);
    expect(model.total).toBe(0);
    expect(model.log.total).toBe(2);
  });

  it('tells the places that most traps came from, and how many others there were', () => {
    const at = (pc: bigint): GivenEvent => ({ ...ecall(Number(pc)), pc }) as GivenEvent;
    const { places } = modelOf([1n, 2n, 2n, 3n].map(at));
    expect(topPlaces(places, 0, 1)).toEqual({ top: [{ address: 2n, count: 2 }], known: 3 });
  });

  it('is the same however the events were batched', () => {
    const event = fc.oneof(
      fc.constant((position: number) => ecall(position)),
      fc.constant((position: number) => timer(position)),
      fc.constant((position: number) => back(position, 1, 0)),
      fc.nat(3).map((vmid) => (position: number) => machine(position, vmid)),
      fc.constant((position: number) => trap(position, { cause: 10, from: 5, to: 1 })),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 200 }), fc.nat(200), (makers, cut) => {
        const events = makers.map((make, index) => make(index * 3));
        const whole = modelOf(events);
        const parts = updateTraps(modelOf(events.slice(0, cut)), batchOf(events.slice(cut)));
        expect(ledgerRows(parts.ledger)).toEqual(ledgerRows(whole.ledger));
        expect(crossingsOf(parts)).toEqual(crossingsOf(whole));
        expect(parts.density).toEqual(whole.density);
      }),
    );
  });
});

describe('a very long run', () => {
  const kept = (headChunks + tailChunks) * chunkSize;
  const total = kept + 3 * chunkSize;
  let model = emptyTraps();
  const part = Array.from({ length: chunkSize }, (_, index) => index);
  for (let first = 0; first < total; first += chunkSize) {
    model = updateTraps(model, batchOf(part.map((index) => ecall(2 * (first + index)))));
  }

  it('keeps its beginning and its end one by one, in bounded memory, and counts all', () => {
    expect(ledgerRows(model.ledger)[0]?.count).toBe(total);
    expect(model.log.chunks).toHaveLength(headChunks + tailChunks);
    expect(crossingAt(model.log, 5)?.position).toBe(10);
    expect(crossingAt(model.log, total - 1)?.position).toBe(2 * (total - 1));
    expect(gapOf(model.log)?.start).toBe(2 * (headChunks * chunkSize - 1) + 1);
    expect(crossingAt(model.log, headChunks * chunkSize)).toBeUndefined();
  });

  it('draws all of it, the gap as well', () => {
    const { columns, most } = layoutTraps(model, { start: 0, end: 2 * total }, 2 * total, frame);
    expect(columns.find(({ key }) => key === 1)?.bars[0]?.path.match(/M/g)?.length).toBe(114);
    expect(most).toBeGreaterThan(total / 120);
    const { start, end } = gapOf(model.log) ?? { start: 0, end: 0 };
    expect(layoutTraps(model, { start: start + 10, end: end - 10 }, 2 * total, frame).columns).not.toEqual([]);
  });

  it('knows where in the run a position is', () => {
    const far = 2 * (total - 100);
    expect(firstFrom(model.log, far)).toBe(total - 100);
    expect(firstFrom(model.log, 2 * total)).toBe(total);
  });
});

describe('the picture', () => {
  it('draws the way down at a trap and up at a return', () => {
    const model = modelOf([ecall(50), back(75, 1, 0)]);
    const { marks, paths } = layoutTraps(model, { start: 0, end: 100 }, 100, frame);
    expect(marks).toHaveLength(2);
    expect(marks[0]?.y2).toBeGreaterThan(marks[0]?.y1 ?? Infinity);
    expect(marks[1]?.y2).toBe(marks[0]?.y1);
    expect(paths[0]).toMatch(/^M[\d.]+,[\d.]+(H[\d.]+M[\d.]+,[\d.]+){2}H[\d.]+$/);
  });

  it('gives each virtual machine lanes of its own, above the others, with M on the ground', () => {
    const events = [machine(1, 7), back(2, 1, 5), trap(3, { cause: 10, from: 5, to: 1 }), machine(4, 8), back(5, 1, 4)];
    const { lanes } = layoutTraps(modelOf(events), { start: 0, end: 10 }, 10, frame);
    expect(lanes.map(({ letter, machine: name }) => `${letter} ${name}`.trim())).toEqual([
      'VU VMID 7',
      'VS VMID 7',
      'VU VMID 8',
      'VS VMID 8',
      'U',
      'S',
      'M',
    ]);
  });

  it('gives each hart lanes of its own, or shows the one that was chosen', () => {
    const model = modelOf([ecall(1), { ...ecall(2), hart: 1 }]);
    const span = { start: 0, end: 10 };
    expect(layoutTraps(model, span, 10, frame).groups.map(({ hart }) => hart)).toEqual([0, 1]);
    expect(layoutTraps(model, span, 10, { ...frame, hart: 1 }).marks.map(({ crossing }) => crossing.position)).toEqual([
      2,
    ]);
  });

  it('tells traps, interrupts, hypercalls and returns apart', () => {
    const events = [ecall(10), timer(20), trap(30, { cause: 10, from: 5, to: 1 }), back(40, 1, 5)];
    const { marks } = layoutTraps(modelOf(events), { start: 0, end: 50 }, 50, frame);
    expect(marks.map(({ kind }) => kind)).toEqual(['exception', 'interrupt', 'hypercall', 'return']);
  });

  it('keeps every mark within its frame and in the order of time', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(10_000), { minLength: 1, maxLength: 100 }), (positions) => {
        const model = modelOf([...positions].sort((a, b) => a - b).map((position) => ecall(position)));
        const { marks } = layoutTraps(model, { start: 0, end: 10_001 }, 10_001, frame);
        const places = marks.map(({ x }) => x);
        expect(places).toHaveLength(positions.length);
        expect(places).toEqual([...places].sort((a, b) => a - b));
        expect(places.every((x) => x >= frame.left && x <= frame.width)).toBe(true);
      }),
    );
  });

  it('adds up in columns what is too much to draw one by one', () => {
    const model = modelOf(Array.from({ length: 5000 }, (_, index) => ecall(index * 2)));
    const { marks, columns, most } = layoutTraps(model, { start: 0, end: 10_000 }, 10_000, frame);
    expect(marks).toEqual([]);
    expect(columns.map(({ key }) => key)).toEqual([0, 1, 3]);
    expect(most).toBe(Math.ceil(5000 / 114));
  });

  it('takes a click for the nearest mark within a finger’s width', () => {
    const { marks } = layoutTraps(modelOf([ecall(10), ecall(90)]), { start: 0, end: 100 }, 100, frame);
    const [first] = marks;
    expect(markNear(marks, (first?.x ?? 0) + 5)).toBe(first);
    expect(markNear(marks, (first?.x ?? 0) + 40)).toBeUndefined();
  });

  it('finds the first crossing from a position on', () => {
    const { log } = modelOf([ecall(10), ecall(20), ecall(30)]);
    expect([0, 10, 11, 30, 31].map((position) => firstFrom(log, position))).toEqual([0, 0, 1, 2, 3]);
  });

  it('tells in a table how long each mode had the hart', () => {
    const rows = presenceOf(modelOf([ecall(10), back(14, 1, 0)]), 20);
    expect(rows.map(({ lane, steps, traps }) => [lane.letter, steps, traps])).toEqual([
      ['U', 16, 0],
      ['S', 4, 1],
      ['M', 0, 0],
    ]);
  });
});

describe('the sentence', () => {
  const symbolize = (address: bigint): string => `at_${address.toString(16)}`;
  const rows: readonly (readonly [string, readonly GivenEvent[], RegExp])[] = [
    [
      'a system call',
      [ecall(1234)],
      /^At step 1,234, at_0 in U-mode called with ecall: a system call\. S-mode took it at at_100: medeleg bit 8 delegates it\.$/,
    ],
    [
      'an interrupt',
      [timer(5)],
      /^At step 5, before at_0 in S-mode: machine timer interrupt, .* M-mode took it at at_100: mideleg bit 7 is always clear/,
    ],
    [
      'a fault, with its address',
      [{ kind: 'trap', cause: 13, from: 0, to: 1, tval: 0x40n }],
      /loaded from 0x40, .* a page fault\./,
    ],
    ['a return', [back(9, 1, 0)], /^At step 9, S-mode returned by sret at at_0 to U-mode, at at_0\.$/],
    [
      'a hypercall',
      [machine(1, 3), trap(2, { cause: 10, from: 5, to: 1 })],
      /in VS-mode of VMID 3 called with ecall: a hypercall\. HS-mode took it .* hedeleg bit 10 is always clear/,
    ],
    [
      'a guest-page fault, with the guest physical address',
      [{ kind: 'trap', cause: 21, from: 4, to: 1, tval: 0x7ff1n, tval2: 0x2000_1ffcn }],
      /loaded from 0x7ff1, guest physical address 0x80007ff1, and the hypervisor’s tables/,
    ],
    [
      'a virtual instruction',
      [{ kind: 'trap', cause: 22, from: 5, to: 1, tval: 0x1050_0073n }],
      /may not be executed while V=1, wfi \(0x10500073\)/,
    ],
    [
      'a system call within a guest',
      [trap(2, { cause: 8, from: 4, to: 5 })],
      /a system call of the guest\. VS-mode of VMID 0 took it .* medeleg and hedeleg bit 8/,
    ],
    [
      'a guest’s own timer, delegated one number higher',
      [trap(2, { cause: 5, interrupt: true, from: 5, to: 5 })],
      /mideleg and hideleg bit 6 delegate/,
    ],
  ];
  it.each(rows)('tells of %s', (_, events, expected) => {
    const model = modelOf(events);
    const crossing = crossingAt(model.log, model.log.total - 1);
    expect(crossing === undefined ? '' : explainCrossing(crossing, { symbolize, guests: model.guests })).toMatch(
      expected,
    );
  });
});

describe('what a deprivileged guest believes', () => {
  const mark = (position: number, label: MarkerLabel, value: number): GivenEvent => ({
    kind: 'marker',
    position,
    label: markerLabels.indexOf(label),
    value: BigInt(value),
  });
  const fault = (position: number) => trap(position, { cause: 2, from: 0, to: 3 });
  const enter = (position: number, mode: number): GivenEvent[] => [
    mark(position - 1, 'guest', 0x8000_0000),
    mark(position - 1, 'vm', 5),
    mark(position - 1, 'mode', mode),
    back(position, 3, 0),
  ];
  /** A task in U-mode, then the guest's kernel, its user, and the task again. */
  const run = [
    back(1, 3, 0),
    trap(4, { cause: 8, from: 0, to: 3 }),
    ...enter(10, 1),
    fault(20),
    ...enter(25, 1),
    trap(27, { cause: 8, from: 0, to: 3 }),
    ...enter(30, 0),
    trap(37, { cause: 8, from: 0, to: 3 }),
    mark(38, 'guest', 0),
    back(40, 3, 0),
    trap(50, { cause: 8, from: 0, to: 3 }),
  ];
  const laneSteps = (model: TrapsModel | undefined) =>
    model === undefined
      ? []
      : presenceOf(model, 50).map(({ lane, steps, traps }) => [letterIn(lane, model.guests), lane.guest, steps, traps]);

  it('is in lanes of its own, and the machine’s side stays as it was', () => {
    const model = modelOf(run);
    expect(laneSteps(model)).toEqual([
      ['U', undefined, 3 + 10 + 2 + 7 + 10, 0],
      ['S', undefined, 0, 0],
      ['M', undefined, 18, 5],
    ]);
    expect(laneSteps(model.believed)).toEqual([
      ['U', 0, 7, 0],
      ['S', 0, 12, 0],
      ['U', undefined, 13, 0],
      ['S', undefined, 0, 0],
      ['M', undefined, 18, 5],
    ]);
    const lanes = layoutTraps(model.believed ?? model, { start: 0, end: 50 }, 50, frame).lanes;
    expect(lanes.map(({ letter, machine: name }) => `${letter} ${name}`).slice(0, 2)).toEqual([
      'U guest 5',
      'S guest 5',
    ]);
  });

  it('is the same however the run was told', () => {
    const piecewise = run.reduce((model, event) => updateTraps(model, batchOf([event])), emptyTraps());
    expect(laneSteps(piecewise.believed)).toEqual(laneSteps(modelOf(run).believed));
    expect(crossingsOf(piecewise)).toEqual(crossingsOf(modelOf(run)));
  });

  it('takes an ecall of its kernel for a hypercall, and one of its user not', () => {
    const { believed } = modelOf(run);
    const marks = layoutTraps(believed ?? emptyTraps(), { start: 0, end: 51 }, 51, frame).marks;
    expect(marks.filter(({ kind }) => kind !== 'return').map(({ kind }) => kind)).toEqual([
      'exception',
      'exception',
      'hypercall',
      'exception',
      'exception',
    ]);
  });

  it('is not there without a deprivileged guest', () => {
    expect(modelOf([ecall(1), mark(2, 'guest', 0), mark(3, 'mode', 1), back(4, 1, 0)]).believed).toBeUndefined();
  });
});
