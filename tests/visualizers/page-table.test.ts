import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openDebug } from '../../src/engine/debug/debug.ts';
import { type EventBatch, eventsOf, type WalkStage, walkOutcomes, walkStages } from '../../src/engine/events.ts';
import type { AnswerOf, Inspect, Inspection, InspectionKind, TablePage } from '../../src/engine/inspection.ts';
import type { Machine } from '../../src/engine/machine/types.ts';
import { answer } from '../../src/labs/inspect.ts';
import { addressFields, flagLetters, flagsOf, sizeText } from '../../src/visualizers/page-table/entry.ts';
import { gridOf } from '../../src/visualizers/page-table/grid.ts';
import { mostRecords } from '../../src/visualizers/page-table/log.ts';
import { lookUp, rootsOf } from '../../src/visualizers/page-table/look.ts';
import {
  emptyPageTable,
  latest,
  neighbour,
  type PageTableModel,
  translationAt,
  updatePageTable,
} from '../../src/visualizers/page-table/model.ts';
import { permissionsOf } from '../../src/visualizers/page-table/permissions.ts';
import { rootOf, rungsOf, runsOf, ticksOf } from '../../src/visualizers/page-table/rungs.ts';
import { tlbText } from '../../src/visualizers/page-table/tlb.ts';
import { physicalOf, verdictOf } from '../../src/visualizers/page-table/verdict.ts';
import type { Translation } from '../../src/visualizers/page-table/walk.ts';
import { runGuest } from '../machine/guest.ts';
import { imageOf } from '../machine/program.ts';
import { batchOf, type GivenEvent } from './batches.ts';
import { twoStages } from './two-stages.ts';

type Outcome = (typeof walkOutcomes)[number];
const stageIndex = (stage: WalkStage): number => walkStages.indexOf(stage);
const entry = (level: number, value: bigint, stage: WalkStage = 'single', address = BigInt(level)): GivenEvent => ({
  kind: 'entry',
  level,
  stage: stageIndex(stage),
  address,
  value,
});
const walk = (
  va: bigint,
  outcome: Outcome,
  { level = 0, stage = 'single' as WalkStage, position = 0, mode = 0 } = {},
): GivenEvent => ({
  kind: 'walk',
  va,
  outcome: walkOutcomes.indexOf(outcome),
  level,
  stage: stageIndex(stage),
  position,
  access: 1,
  mode,
});
const pointer = (ppn: bigint): bigint => (ppn << 10n) | 1n;
const leaf = (ppn: bigint, flags = 0xdfn): bigint => (ppn << 10n) | flags;
const modelOf = (events: readonly GivenEvent[]): PageTableModel => updatePageTable(emptyPageTable(), batchOf(events));

function all(model: PageTableModel): Translation[] {
  return Array.from({ length: model.log.total - model.log.forgotten }, (_, at) =>
    translationAt(model, model.log.forgotten + at),
  ).filter((found): found is Translation => found !== undefined);
}

function only(events: readonly GivenEvent[]): Translation {
  const [found] = all(modelOf(events));
  if (found === undefined) throw new Error('no walk');
  return found;
}

const good = [entry(2, pointer(5n)), entry(1, pointer(6n)), entry(0, leaf(0x80123n)), walk(0x4000_1abcn, 'ok')];

/** A guest with superpages at both stages: two references for its entry, one for the page. */
const hostWalk = (va: bigint, outcome: Outcome = 'ok'): GivenEvent[] => [
  entry(2, leaf(0x40000n), 'host'),
  walk(va, outcome, { level: 2, stage: 'host' }),
];
const guest = [
  ...hostWalk(0x8000_0010n),
  entry(2, leaf(0x80000n), 'guest', 0x8000_0010n),
  walk(0x8000_0123n, 'ok', { level: 2, stage: 'guest', mode: 5 }),
  ...hostWalk(0x8000_0123n),
];

describe('the model', () => {
  it('gives each walk the references that it made', () => {
    const model = modelOf([...good, entry(2, 0n), walk(0x7000n, 'not-valid', { level: 2 })]);
    expect(all(model).map(({ walk: { steps } }) => steps.length)).toEqual([3, 1]);
    expect(model.references).toBe(4);
  });

  it.each([
    ['a plain walk', good],
    ['two stages', guest],
    ['two stages, and the host fails', [...guest.slice(0, -1), walk(0x8000_0123n, 'not-valid', { stage: 'host' })]],
    ['a guest without tables', [...hostWalk(0x8000_0000n), { kind: 'fill' }, ...good]],
    [
      'a host that fails for a guest’s table',
      [...hostWalk(5n, 'no-read'), walk(7n, 'guest-page-fault', { stage: 'guest' })],
    ],
  ] as const)('joins %s that a batch cut in two', (_, events) => {
    for (let cut = 0; cut <= events.length; cut++) {
      const model = updatePageTable(modelOf(events.slice(0, cut)), batchOf(events.slice(cut)));
      expect(all(model)).toEqual(all(modelOf(events)));
    }
  });

  it('holds the walks of a host where they belong', () => {
    const { walk: own, legs, page, references } = only(guest);
    expect([own.stage, legs.map(({ va }) => va), page?.va, references]).toEqual([
      'guest',
      [0x8000_0010n],
      0x8000_0123n,
      3,
    ]);
  });

  it('takes a host’s walk for itself where the guest has no tables', () => {
    const found = all(modelOf([...hostWalk(0x9000n), { kind: 'fill' }, ...hostWalk(0xa000n), { kind: 'trap' }]));
    expect(found.map(({ walk: { stage, va } }) => [stage, va])).toEqual([
      ['host', 0x9000n],
      ['host', 0xa000n],
    ]);
  });

  it('knows what had been walked before a moment', () => {
    const { log } = modelOf([3, 3, 8].map((position) => walk(0n, 'not-valid', { position })));
    expect([0, 3, 4, 8, 9].map((position) => log.before(position))).toEqual([0, 0, 2, 2, 3]);
  });

  it('finds the failed ones among the others', () => {
    const outcomes: Outcome[] = ['ok', 'no-read', 'ok', 'not-valid', 'ok'];
    const model = modelOf(outcomes.map((outcome) => walk(0n, outcome)));
    expect(neighbour(model, 5, -1, 5, true)).toBe(3);
    expect(neighbour(model, 3, -1, 5, true)).toBe(1);
    expect(neighbour(model, 1, -1, 5, true)).toBeUndefined();
    expect(neighbour(model, 0, 1, 2, false)).toBe(1);
    expect(latest(model, 4, 2, false).map(({ number }) => number)).toEqual([3, 2]);
    expect(latest(model, 5, 9, true).map(({ number }) => number)).toEqual([3, 1]);
    expect(neighbour(model, 1, 1, 2, false)).toBeUndefined();
  });

  it('forgets the oldest half of too many, and keeps the order and the count of all', () => {
    const each = 1000;
    const batch: EventBatch = batchOf(Array.from({ length: each }, (_, at) => walk(BigInt(at), 'ok')));
    let model = emptyPageTable();
    const rounds = Math.ceil((2.2 * mostRecords) / each);
    for (let round = 0; round < rounds; round++) model = updatePageTable(model, batch);
    const { log } = model;
    expect(log.total).toBe(rounds * each);
    expect(log.forgotten).toBeGreaterThan(mostRecords / 2);
    expect(translationAt(model, log.forgotten - 1)).toBeUndefined();
    expect([log.forgotten, log.total - 1].map((number) => translationAt(model, number)?.walk.va)).toEqual([
      BigInt(log.forgotten % each),
      BigInt(each - 1),
    ]);
  });
});

describe('an address', () => {
  it('is split into fields that make it up again', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, (1n << 39n) - 1n), (va) => {
        const sum = addressFields(va).reduce((whole, { low, value }) => whole | (value << BigInt(low)), 0n);
        expect(sum).toBe(va);
      }),
    );
  });

  it.each([
    ['a page', 0, 0x8000_1abcn, 0x80123n, 0x8012_3abcn],
    ['a 2 MiB superpage', 1, 0x8012_3abcn, 0x80200n, 0x8032_3abcn],
    ['a 1 GiB superpage', 2, 0x4012_3abcn, 0x80000n, 0x8012_3abcn],
  ])('leads to a place in %s', (_, level, va, ppn, expected) => {
    expect(physicalOf(only([entry(level, leaf(ppn)), walk(va, 'ok', { level })]))).toBe(expected);
  });

  it('has its size in the largest unit', () => {
    expect([4096n, 12288n, 1n << 21n, 3n << 29n].map(sizeText)).toEqual(['4 KiB', '12 KiB', '2 MiB', '1.5 GiB']);
  });
});

describe('the ladder', () => {
  const kinds = (events: readonly GivenEvent[]): string[] =>
    rungsOf(only(events).walk, undefined).map(({ kind }) => kind);

  it('shows the tables that were walked, and the leaf', () => {
    expect(rungsOf(only(good).walk, undefined).map(({ kind, index }) => [kind, index])).toEqual([
      ['table', 1],
      ['table', 0],
      ['leaf', 1],
    ]);
  });

  it('stops at the step that failed', () => {
    expect(kinds([entry(2, pointer(5n)), entry(1, 0n), walk(0n, 'not-valid', { level: 1 })])).toEqual([
      'table',
      'fault',
      'unused',
    ]);
    expect(kinds([entry(2, pointer(5n)), walk(0n, 'access-fault', { level: 1 })])).toEqual([
      'table',
      'fault',
      'unused',
    ]);
  });

  it('tells an entry that has changed since, but not for A and D', () => {
    const found = only([entry(2, leaf(4n, 0x17n), 'single', 0x8000n), walk(0n, 'ok', { level: 2 })]).walk;
    const since = (value: bigint): unknown => {
      const table: TablePage = { level: 2, address: 0x8000n, physical: 0x8000n, indices: [0], values: [value] };
      return rungsOf(found, { tables: [table], outcome: 'ok', to: 0n })[0]?.since;
    };
    expect([leaf(4n, 0x17n), leaf(4n, 0xd7n), leaf(4n, 0x13n)].map(since)).toEqual([
      undefined,
      undefined,
      leaf(4n, 0x13n),
    ]);
  });

  it('draws every used entry so that it can be seen, and joins neighbours', () => {
    const values = [pointer(1n), leaf(1n), leaf(2n), 2n];
    const table: TablePage = { level: 0, address: 0n, physical: 0n, indices: [0, 7, 8, 511], values };
    const ticks = ticksOf(table, 512, 300);
    expect(ticks.map(({ kind }) => kind)).toEqual(['table', 'leaf', 'invalid']);
    expect(ticks.every(({ width }) => width >= 1.5)).toBe(true);
    expect(runsOf(table).map(({ first, last }) => [first, last])).toEqual([
      [0, 0],
      [7, 8],
      [511, 511],
    ]);
  });
});

describe('words', () => {
  it('name the flags that are set', () => {
    const set = flagsOf(leaf(0n, 0b1101_0111n)).filter((flag) => flag.set);
    expect(set.map(({ letter }) => letter).join('')).toBe('DAUWRV');
    expect(flagLetters(0b0001_0011)).toBe('···U··RV');
  });

  it('are there for every outcome, and say which fault it is', () => {
    const verdicts = walkOutcomes.map((outcome) => verdictOf(only([entry(0, leaf(1n)), walk(0n, outcome)])));
    expect(new Set(verdicts).size).toBe(walkOutcomes.length);
    expect(verdicts[0]).toMatch(/^Found: a 4 KiB page at physical address 0x1000/);
    expect(
      verdicts.slice(1).every((words) => /^It failed: .* That is a load (page|access|guest-page) fault\.$/.test(words)),
    ).toBe(true);
  });

  it('tell what the TLB holds of an address', () => {
    const slot = {
      slot: 5,
      va: 0x20_0000n,
      pa: 0n,
      level: 1,
      asid: 3,
      virtual: false,
      vmid: undefined,
      flags: 0xcf,
      hostFlags: 0xff,
    };
    const hart = { tlb: { instruction: [], data: [slot] } };
    expect(tlbText(hart, 0x3f_ffffn, false)).toMatch(/^In the TLB now: data slot 5 \(ASID 3\)\./);
    expect(tlbText(hart, 0x40_0000n, false)).toMatch(/^Not in the TLB now/);
    expect(tlbText(hart, 0x3f_ffffn, true)).toMatch(/^Not in the TLB now/);
  });

  const none = { sum: false, mxr: false };
  it.each([
    ['a user page', 0x1f, none, ['may load, store and execute.', 'may not touch it (U = 1, SUM = 0).']],
    [
      'a user page under SUM',
      0x1f,
      { sum: true, mxr: false },
      ['may load, store and execute.', 'may load and store (SUM = 1, never executes what is U-mode’s).'],
    ],
    ['code of the kernel', 0x0b, none, ['may not touch it (U = 0).', 'may load and execute (W = 0).']],
    ['code that may only be executed', 0x09, none, ['may not touch it (U = 0).', 'may execute (R = 0, W = 0).']],
    [
      'the same under MXR',
      0x09,
      { sum: false, mxr: true },
      ['may not touch it (U = 0).', 'may load (MXR = 1) and execute (W = 0).'],
    ],
  ])('say what %s permits', (_, flags, leave, expected) => {
    expect(permissionsOf(flags, leave, false).map(({ text }) => text)).toEqual(expected);
  });
});

/** Asks a machine that stands still. */
const inspecting =
  (machine: Machine): Inspect =>
  <K extends InspectionKind>(question: { kind: K }) =>
    answer(
      { machine, image: imageOf([]), debug: openDebug(imageOf([])) },
      question as unknown as Inspection,
    ) as AnswerOf<K>;

describe('a guest on the machine', () => {
  const run = async (body: string): Promise<{ found: Translation[]; machine: Machine; model: PageTableModel }> => {
    const kinds = ['walk', 'entry', 'fill', 'trap'] as const;
    const { machine } = await runGuest(twoStages(body), 20_000, {}, (each) => each.listen(kinds));
    const batch = machine.takeEvents();
    const model = updatePageTable(emptyPageTable(), batch);
    const references = [...eventsOf(batch)].filter(({ kind }) => kind === 'entry').length;
    expect(all(model).reduce((sum, each) => sum + each.references, 0)).toBe(references);
    return { found: all(model), machine, model };
  };

  it('makes fifteen references where both stages have three levels of tables', async () => {
    const { found } = await run('li a1, 0x20000000; ld a0, 0(a1); ecall');
    const load = found.find(({ walk: { va } }) => va === 0x2000_0000n);
    if (load === undefined) throw new Error('no walk');
    const grid = gridOf(load);
    expect([grid?.references, grid?.most, load.outcome]).toEqual([15, 15, 'ok']);
    expect(grid?.rows.map(({ host, own }) => [...host, own].map((cell) => cell?.order))).toEqual([
      [1, 2, 3, 4],
      [5, 6, 7, 8],
      [9, 10, 11, 12],
      [13, 14, 15, undefined],
    ]);
  });

  it('is found again by whoever looks the address up', async () => {
    const { found, machine } = await run('li a1, 0x20000000; ld a0, 0(a1); ecall');
    const [hart] = machine.state().harts;
    const roots = hart === undefined ? [] : rootsOf(hart);
    expect(roots.map(({ key }) => key)).toEqual(['vsatp', 'hgatp']);
    for (const { walk: own, legs, page, references, outcome } of found) {
      const [root] = roots;
      const again = root === undefined ? undefined : lookUp(inspecting(machine), 0, root.root, own.va);
      expect([again?.references, again?.outcome, again?.legs.length]).toEqual([references, outcome, legs.length]);
      expect(again?.page?.steps).toEqual(page?.steps);
      expect(rootOf(own, legs[0])?.atp).toBe((8n << 60n) | ((root?.root.atp ?? 0n) & 0xfff_ffff_ffffn));
    }
  });

  it.each([
    [
      'its own tables do not map it',
      '0x20002000',
      /^It failed: the entry in the level 0 table is not valid .* load page fault\.$/,
    ],
    [
      'its host does not map the page',
      '0x20001000',
      /^It failed: the entry in the host’s level 0 .* load guest-page fault\.$/,
    ],
    [
      'its host does not map a table',
      '0x60000000',
      /^It failed: the entry in the host’s level 1 table .* for the guest’s level 1 table\. .* guest-page fault\.$/,
    ],
  ])('is told why it fails: %s', async (_, address, expected) => {
    const { found } = await run(`li a1, ${address}; ld a0, 0(a1); ecall`);
    const failed = found.filter(({ outcome }) => outcome !== 'ok');
    expect(failed.map(verdictOf)).toEqual([expect.stringMatching(expected)]);
    const [grid] = failed.map(gridOf);
    const cells = grid?.rows.flatMap(({ host, own }) => [...host, ...(own === undefined ? [] : [own])]) ?? [];
    expect(cells.filter(({ kind }) => kind === 'fault')).toHaveLength(1);
  });
});
