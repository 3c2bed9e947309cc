import { describe, expect, it } from 'vitest';
import {
  type Bytes,
  chunksFor,
  labelsIn,
  pointee,
  rowAt,
  stride,
  textOf,
  wordAround,
} from '../../src/visualizers/memory/model.ts';
import {
  addressOfRow,
  centredOn,
  recentred,
  revealing,
  rowHeight,
  topRow,
  windowRows,
} from '../../src/visualizers/memory/scrolling.ts';
import { Recollection } from '../../src/visualizers/recollection.ts';

const symbols: readonly [string, bigint][] = [
  ['stack', 0x1000n],
  ['top', 0x1008n],
  ['late', 0x100cn],
];
const symbolize = (address: bigint): string => {
  const [name, at] = symbols.findLast(([, at]) => at <= address) ?? [undefined, 0n];
  if (name === undefined) return `0x${address.toString(16)}`;
  return at === address ? name : `${name}+0x${(address - at).toString(16)}`;
};
const bytes = (fill: number | undefined): Bytes => Array.from({ length: 256 }, () => fill);

describe('memory', () => {
  it.each([
    [0x1000n, 16, ['1000']],
    [0x10f8n, 16, ['1000', '1100']],
    [0xffff_ffff_ffff_fff8n, 16, ['ffffffffffffff00', '0']],
  ])('asks for the chunks that %x touches', (start, length, chunks) => {
    expect(chunksFor(start, length).map((each) => each.toString(16))).toEqual(chunks);
  });

  it('marks what changed since the stop before, and nothing that was not looked at then', () => {
    const seen = new Recollection<Bytes>();
    const [a, b] = [bytes(1), [2, ...bytes(1).slice(1)]];
    const changed = (position: number, before: number | undefined, now: Bytes) => {
      seen.take('k', now, position);
      const pair = { now, before: seen.before('k', before) };
      return rowAt(0x1000n, 16, () => pair, symbolize)
        .cells.filter((cell) => cell.changed)
        .map(({ address }) => address);
    };
    expect(changed(10, undefined, a)).toEqual([]);
    expect(changed(11, 10, a)).toEqual([]);
    expect(changed(11, 10, b)).toEqual([0x1000n]);
    expect(changed(30, 20, [...a])).toEqual([]);
  });

  it('tells what cannot be read from what has not been answered', () => {
    const row = (now: Bytes | undefined) => rowAt(0x1000n, 16, () => ({ now, before: undefined }), symbolize);
    expect([row(undefined).absent, row(undefined).pending]).toEqual([false, true]);
    expect([row(bytes(undefined)).absent, row(bytes(undefined)).pending]).toEqual([true, false]);
    expect(row(bytes(0)).absent).toBe(false);
  });

  it('names all that begins in a row', () => {
    expect(labelsIn(0x1000n, 16, symbolize)).toEqual(['stack', 'top', 'late']);
    expect(labelsIn(0x1010n, 16, symbolize)).toEqual([]);
    expect(labelsIn(0xff0n, 16, symbolize)).toEqual([]);
  });

  it('reads words as the machine does, and follows those that are addresses', () => {
    const now = [...bytes(0)];
    now[9] = 0x10;
    const { cells } = rowAt(0x1000n, 16, () => ({ now, before: undefined }), symbolize);
    expect(wordAround(cells, 0x100bn, 8)).toBe(0x1000n);
    expect(pointee(0x1000n, symbolize)).toBe('stack');
    expect(pointee(0x10n, symbolize)).toBeUndefined();
    expect(pointee(0n, symbolize)).toBeUndefined();
  });

  it('shows what is a letter as one', () => {
    expect([0x41, 0x20, 0x7f, 0, undefined].map(textOf).join('')).toBe('A ·· ');
  });

  it('moves by bytes, rows and pages', () => {
    expect(['ArrowLeft', 'ArrowDown', 'PageUp', 'x'].map((key) => stride(key, 16, 10))).toEqual([
      -1,
      16,
      -160,
      undefined,
    ]);
  });
});

describe('scrolling through memory', () => {
  const seen = ({ origin, scrollTop }: { origin: bigint; scrollTop: number }) =>
    addressOfRow({ origin }, topRow(scrollTop), 16);

  it.each([0n, 0x8000_0008n, 0xffff_ffff_ffff_fff0n])('stands at %x', (address) => {
    expect(seen(centredOn(address, 16))).toBe(address - (address % 16n));
    expect(BigInt.asUintN(64, address - seen(centredOn(address, 16, 2)))).toBeLessThan(48n);
  });

  it('never comes to an end: near one the same place is found in another window', () => {
    const { origin } = centredOn(0x8000_0000n, 16);
    for (const row of [0, 5, windowRows - 20]) {
      const near = { origin, scrollTop: row * rowHeight + 7 };
      const moved = recentred(near, 16);
      expect(moved && seen(moved)).toBe(seen(near));
      expect(moved && recentred(moved, 16)).toBeUndefined();
      expect((moved?.scrollTop ?? 0) % rowHeight).toBe(7);
    }
  });

  it('brings the cursor into sight by no more than it takes', () => {
    const window = centredOn(0x8000_0000n, 16);
    expect(revealing(window, 0x8000_0010n, 16, 10)).toBeUndefined();
    expect(revealing(window, 0x7fff_fff0n, 16, 10)).toBe(window.scrollTop - rowHeight);
    expect(revealing(window, 0x8000_00a0n, 16, 10)).toBe(window.scrollTop + rowHeight);
    expect(revealing(window, 0n, 16, 10)).toBeNaN();
  });
});
