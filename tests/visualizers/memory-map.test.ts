import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { walkStages } from '../../src/engine/events.ts';
import type { MappedRange } from '../../src/engine/inspection.ts';
import { csrByName } from '../../src/engine/isa/csrs.ts';
import { placesOf } from '../../src/labs/places.ts';
import {
  type Block,
  blockAt,
  blocksOf,
  flattened,
  type Interval,
  yOf,
} from '../../src/visualizers/memory-map/blocks.ts';
import { layoutMap } from '../../src/visualizers/memory-map/layout.ts';
import {
  emptyMemoryMap,
  type MemoryMapModel,
  mostSpaces,
  updateMemoryMap,
} from '../../src/visualizers/memory-map/model.ts';
import { nameOf } from '../../src/visualizers/memory-map/names.ts';
import { modeOf, piecesOf, sharerText, sharingText, twoStages } from '../../src/visualizers/memory-map/pieces.ts';
import { find, throughHost } from '../../src/visualizers/memory-map/ranges.ts';
import { choicesOf, spaceName } from '../../src/visualizers/memory-map/spaces.ts';
import { imageOf, machineWith } from '../machine/program.ts';
import { batchOf, type GivenEvent } from './batches.ts';

const page = 0x1000n;
const range = (from: number, to: number, pages: number, flags = 0x17): MappedRange => ({
  from: BigInt(from) * page,
  to: BigInt(to) * page,
  bytes: BigInt(pages) * page,
  flags,
  levels: 1,
});
const write = (name: string, value: bigint, hart = 0): GivenEvent => ({
  kind: 'csr',
  number: csrByName(name)?.number ?? 0,
  value,
  hart,
});
const walk = (position: number, stage: (typeof walkStages)[number] = 'single', hart = 0): GivenEvent => ({
  kind: 'walk',
  position,
  stage: walkStages.indexOf(stage),
  hart,
});
const sv39 = 8n << 60n;
const modelOf = (events: readonly GivenEvent[]): MemoryMapModel => updateMemoryMap(emptyMemoryMap, batchOf(events));

describe('address spaces', () => {
  it('are those that were walked, not all that were written', () => {
    const { spaces } = modelOf([
      write('satp', sv39 | 1n),
      write('satp', sv39 | 2n),
      walk(5),
      walk(6),
      write('satp', 0n),
    ]);
    expect(spaces).toEqual([{ root: { stage: 'single', atp: sv39 | 2n, hgatp: 0n }, position: 5 }]);
  });

  it('of a guest hold both registers, of which each hart has its own', () => {
    const { spaces } = modelOf([
      write('vsatp', sv39 | 1n),
      write('hgatp', sv39 | 4n),
      write('vsatp', sv39 | 2n, 1),
      walk(3, 'host'),
      walk(3, 'guest'),
      walk(4, 'guest', 1),
    ]);
    expect(spaces.map(({ root }) => [root.stage, root.atp & 7n, root.hgatp & 7n])).toEqual([
      ['host', 4n, 0n],
      ['guest', 1n, 4n],
      ['guest', 2n, 0n],
    ]);
  });

  it('are the same however the events were batched', () => {
    const events = [1, 2, 1, 3, 2].flatMap((root, at) => [write('satp', sv39 | BigInt(root)), walk(at), walk(at)]);
    for (let cut = 0; cut <= events.length; cut++) {
      const model = updateMemoryMap(modelOf(events.slice(0, cut)), batchOf(events.slice(cut)));
      expect(model.spaces).toEqual(modelOf(events).spaces);
    }
  });

  it('are bounded', () => {
    const many = Array.from({ length: mostSpaces + 9 }, (_, at) => [write('satp', sv39 | BigInt(at)), walk(at)]);
    const { spaces, forgotten } = modelOf(many.flat());
    expect([spaces.length, forgotten]).toEqual([mostSpaces, true]);
  });

  it('can be chosen: those in use first, then those before', () => {
    const { spaces } = modelOf([write('satp', sv39 | 1n), walk(1), write('satp', sv39 | (2n << 44n) | 2n), walk(9)]);
    const choices = choicesOf({ mode: 1, csrs: { satp: sv39 | (2n << 44n) | 2n } }, spaces);
    expect(choices.map(({ title }) => title)).toEqual([
      'now: satp, ASID 2, root 0x2000',
      'since step 1: satp, ASID 0, root 0x1000',
    ]);
  });

  it('have names that tell machines apart', () => {
    expect(spaceName({ stage: 'guest', atp: sv39 | (3n << 44n), hgatp: sv39 | (7n << 44n) })).toBe(
      'VMID 7, ASID 3, root 0x0',
    );
  });
});

/** Small worlds of pages, so that they overlap. */
const ranges = fc
  .array(fc.tuple(fc.nat(3), fc.nat(30), fc.integer({ min: 1, max: 6 }), fc.constantFrom(0x13, 0x17, 0x07)), {
    maxLength: 8,
  })
  .map((given) => {
    let at = 0;
    return given.map(([skip, to, pages, flags]) => {
      at += skip;
      const made = range(at, to, pages, flags);
      at += pages;
      return made;
    });
  });

describe('a guest’s ranges', () => {
  it('are cut where its host’s mapping changes, and lead where both stages lead', () => {
    fc.assert(
      fc.property(ranges, ranges, (own, host) => {
        const parts = throughHost(own, host);
        for (let at = 0n; at < 60n * page; at += page) {
          const first = find({ ranges: own }, at);
          const part = parts.find(({ from, bytes }) => from <= at && at < from + bytes);
          expect(part === undefined).toBe(first === undefined);
          const physical = part?.physical === undefined ? undefined : part.physical + (at - part.from);
          expect(physical).toBe(first === undefined ? undefined : find({ ranges: host }, first.to)?.to);
        }
      }),
    );
  });
});

describe('pieces', () => {
  it('know of every page who else maps it', () => {
    fc.assert(
      fc.property(ranges, ranges, (own, other) => {
        const space = twoStages(own, undefined);
        const pieces = piecesOf({ name: '', ranges: space }, [{ name: 'other', ranges: twoStages(other, undefined) }]);
        expect(pieces.reduce((sum, { bytes }) => sum + bytes, 0n)).toBe(
          own.reduce((sum, { bytes }) => sum + bytes, 0n),
        );
        for (const piece of pieces.filter((each) => modeOf(each) === 'U')) {
          const { from, physical, bytes, sharers } = piece;
          for (let skip = 0n; skip < bytes; skip += page) {
            const at = (physical ?? 0n) + skip;
            const mappers = (all: readonly MappedRange[]): bigint[] =>
              all
                .filter((each) => modeOf(each) === 'U' && each.to <= at && at < each.to + each.bytes)
                .map((each) => each.from + (at - each.to));
            const expected = [...mappers(own).filter((va) => va !== from + skip), ...mappers(other)];
            expect(sharers.map((each) => each.from + skip).sort()).toEqual(expected.sort());
          }
        }
      }),
    );
  });

  it('are not cut or called shared for a kernel that maps all memory, and is in every space', () => {
    const kernel = range(100, 0, 50, 0x07);
    const user = range(4, 10, 2);
    const others = [{ name: 'other', ranges: twoStages([kernel, range(4, 20, 2)], undefined) }];
    const pieces = piecesOf({ name: '', ranges: twoStages([user, kernel], undefined) }, others);
    expect(pieces.map(({ sharers, seen }) => [sharers.length, seen.map(sharerText)])).toEqual([
      [0, ['0x6e000 (S)', 'other at 0x6e000 (S)']],
      [0, ['0x4000 (U)', 'other at 0x64000 (S)', 'other at 0x4000 (U)']],
    ]);
  });

  it.each([
    ['nobody else', [range(1, 9, 1)], [], ''],
    ['one who writes', [range(1, 9, 1, 0x13)], [range(5, 9, 1, 0x17)], 'shared'],
    ['only readers', [range(1, 9, 1, 0x13)], [range(5, 9, 1, 0x13)], 'shared, read only'],
    ['the same space, twice', [range(1, 9, 1, 0x13), range(4, 9, 1, 0x13)], [], 'shared, read only'],
  ])('say what is known of sharing with %s', (_, own, other, expected) => {
    const others = [{ name: 'ASID 2', ranges: twoStages(other, undefined) }];
    const [piece] = piecesOf({ name: '', ranges: twoStages(own, undefined) }, others);
    expect(piece === undefined ? undefined : sharingText(piece)).toBe(expected);
  });

  it('name who shares them, and where', () => {
    expect(sharerText({ space: 'ASID 2', mode: 'U', from: 0x5000n, writes: false })).toBe(
      'ASID 2 at 0x5000 (U, read only)',
    );
    expect(sharerText({ space: undefined, mode: 'S', from: 0x5000n, writes: true })).toBe('0x5000 (S)');
  });
});

describe('the picture', () => {
  const intervals = ranges.map((given) =>
    given.map(({ from, bytes, flags }): Interval => ({ from, bytes, kind: `${flags}` })),
  );

  it('has blocks in order that cover all, and not more of them than can be seen', () => {
    fc.assert(
      fc.property(intervals, fc.integer({ min: 1, max: 5 }), (parts, most) => {
        const blocks: readonly Block<Interval>[] = blocksOf(parts, most);
        expect(blocks.length).toBeLessThanOrEqual(most);
        expect(blocks.flatMap((block) => block.parts)).toEqual(parts);
        blocks.slice(1).forEach((block, at) => {
          const above = blocks[at];
          expect(block.y).toBeGreaterThanOrEqual((above?.y ?? 0) + (above?.height ?? 0));
        });
        for (const { from } of parts) {
          const block = blockAt(blocks, from);
          const y = block === undefined ? -1 : yOf(block, from);
          expect(y).toBeGreaterThanOrEqual(block?.y ?? 0);
          expect(y).toBeLessThan((block?.y ?? 0) + (block?.height ?? 0));
        }
      }),
    );
  });

  it('lays what overlaps side by side', () => {
    const interval = (from: bigint, bytes: bigint, kind: string): Interval => ({ from, bytes, kind });
    expect(flattened([interval(0n, 10n, 'a'), interval(4n, 2n, 'b'), interval(10n, 5n, 'a')])).toEqual([
      interval(0n, 4n, 'a'),
      interval(4n, 2n, 'a+b'),
      interval(6n, 9n, 'a'),
    ]);
  });

  it('has a ribbon for every piece that lies in memory; crowded, each ribbon stands for several', () => {
    const own = Array.from({ length: 300 }, (_, at) => range(2 * at, 5 * (299 - at), 1));
    const pieces = piecesOf({ name: '', ranges: twoStages(own, undefined) }, []);
    for (const width of [290, 980]) {
      const { ribbons, columns, height } = layoutMap(pieces, width, false);
      expect(ribbons.flatMap((ribbon) => ribbon.pieces).sort((a, b) => a - b)).toEqual(pieces.map((_, at) => at));
      expect(ribbons.length).toBeLessThanOrEqual(400);
      expect(height).toBeLessThan(1000);
      expect(columns.every(({ x, width: wide }) => x >= 0 && x + wide <= width + 0.01)).toBe(true);
    }
  });

  it('keeps every ribbon within the columns’ height', () => {
    fc.assert(
      fc.property(ranges, ranges, fc.integer({ min: 290, max: 1000 }), (own, host, width) => {
        fc.pre(own.length > 0);
        const pieces = piecesOf({ name: '', ranges: twoStages(own, host) }, []);
        const { ribbons, height } = layoutMap(pieces, width, true);
        for (const { path } of ribbons) {
          const ys = [...path.matchAll(/[-\d.e]+,([-\d.e]+)/g)].map(([, y]) => Number(y));
          expect(Math.min(...ys)).toBeGreaterThanOrEqual(-0.01);
          expect(Math.max(...ys)).toBeLessThanOrEqual(height + 2.01);
        }
      }),
    );
  });

  it('draws two stages as three columns', () => {
    const pieces = piecesOf({ name: '', ranges: twoStages([range(1, 5, 2)], [range(5, 9, 1)]) }, []);
    const { columns, ribbons } = layoutMap(pieces, 600, true);
    expect(columns.map(({ kind }) => kind)).toEqual(['virtual', 'guest-physical', 'physical']);
    expect(ribbons).toHaveLength(3);
  });
});

it('names what lies at an address', async () => {
  const machine = await machineWith([0x6f]);
  const places = placesOf(machine, imageOf([0x6f]));
  const name = (address: bigint): string => nameOf(address, places, (linked) => `symbol at ${linked.toString(16)}`);
  expect([0x1000_0000n, 0x8000_0000n, 0x8000_1000n, 0x4000_0000n].map(name)).toEqual([
    'UART',
    'symbol at 80000000',
    'RAM',
    'no memory',
  ]);
});
