import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { walkOutcomes } from '../../src/engine/events.ts';
import { addressFields, columnsOf, flagsOf, physicalOf, verdictOf } from '../../src/visualizers/page-table/layout.ts';
import {
  emptyPageTable,
  mostWalks,
  type PageTableModel,
  updatePageTable,
  type Walk,
} from '../../src/visualizers/page-table/model.ts';
import { batchOf, type GivenEvent } from './batches.ts';

const entry = (level: number, value: bigint): GivenEvent => ({ kind: 'entry', level, address: BigInt(level), value });
const walk = (va: bigint, outcome: (typeof walkOutcomes)[number], level = 0): GivenEvent => ({
  kind: 'walk',
  va,
  outcome: walkOutcomes.indexOf(outcome),
  level,
  access: 1,
  mode: 0,
});
const pointer = (ppn: bigint): bigint => (ppn << 10n) | 1n;
const leaf = (ppn: bigint, flags = 0xdfn): bigint => (ppn << 10n) | flags;
const modelOf = (events: readonly GivenEvent[]): PageTableModel => updatePageTable(emptyPageTable, batchOf(events));

function only(events: readonly GivenEvent[]): Walk {
  const [found] = modelOf(events).walks;
  if (found === undefined) throw new Error('no walk');
  return found;
}

const good = [entry(2, pointer(5n)), entry(1, pointer(6n)), entry(0, leaf(0x80123n)), walk(0x4000_1abcn, 'ok')];

describe('the model', () => {
  it('gives each walk the references that it made', () => {
    const { walks, counts } = modelOf([...good, entry(2, 0n), walk(0x7000n, 'not-valid', 2)]);
    expect(walks.map(({ steps }) => steps.length)).toEqual([3, 1]);
    expect(counts).toEqual({ walks: 2, references: 4, faults: 1, fills: 0 });
  });

  it('joins a walk that a batch cut in two', () => {
    for (let cut = 0; cut <= good.length; cut++) {
      const model = updatePageTable(modelOf(good.slice(0, cut)), batchOf(good.slice(cut)));
      expect(model).toEqual(modelOf(good));
    }
  });

  it('keeps the last walks and counts all', () => {
    const { walks, counts } = modelOf(Array.from({ length: mostWalks + 7 }, (_, n) => walk(BigInt(n), 'not-valid', 2)));
    expect(walks).toHaveLength(mostWalks);
    expect(walks.at(-1)?.va).toBe(BigInt(mostWalks + 6));
    expect(counts.walks).toBe(mostWalks + 7);
  });
});

describe('the picture', () => {
  it('splits an address into fields that make it up again', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, (1n << 39n) - 1n), (va) => {
        const sum = addressFields(va).reduce((all, { low, value }) => all | (value << BigInt(low)), 0n);
        expect(sum).toBe(va);
      }),
    );
  });

  it('shows the tables that were walked, and the leaf', () => {
    expect(columnsOf(only(good)).map(({ kind, index }) => [kind, index])).toEqual([
      ['table', 1n],
      ['table', 0n],
      ['leaf', 1n],
    ]);
  });

  it('stops at the step that failed', () => {
    const failed = only([entry(2, pointer(5n)), entry(1, 0n), walk(0n, 'not-valid', 1)]);
    expect(columnsOf(failed).map(({ kind }) => kind)).toEqual(['table', 'fault', 'unused']);
  });

  it.each([
    ['a page', 0, 0x8000_1abcn, 0x80123n, 0x8012_3abcn],
    ['a 2 MiB superpage', 1, 0x8012_3abcn, 0x80200n, 0x8032_3abcn],
    ['a 1 GiB superpage', 2, 0x4012_3abcn, 0x80000n, 0x8012_3abcn],
  ])('finds the physical address in %s', (_, level, va, ppn, expected) => {
    expect(physicalOf(only([entry(level, leaf(ppn)), walk(va, 'ok', level)]))).toBe(expected);
  });

  it('names the flags that are set', () => {
    const set = flagsOf(leaf(0n, 0b1101_0111n)).filter((flag) => flag.set);
    expect(set.map(({ letter }) => letter).join('')).toBe('DAUWRV');
  });

  it('has words for every outcome, and says which fault it is', () => {
    const verdicts = walkOutcomes.map((outcome) => verdictOf(only([entry(0, leaf(1n)), walk(0n, outcome)])));
    expect(new Set(verdicts).size).toBe(walkOutcomes.length);
    expect(verdicts[0]).toMatch(/^Found: a 4 KiB page at physical address 0x1000/);
    expect(
      verdicts.slice(1).every((words) => /^It failed: .* That is a load (page|access|guest-page) fault\.$/.test(words)),
    ).toBe(true);
  });
});
