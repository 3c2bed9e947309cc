import { describe, expect, it } from 'vitest';
import type { RegionInspection } from '../../src/engine/state.ts';
import { figuresOf, firstOf, sharesOf, tierText } from '../../src/visualizers/tiers/model.ts';

const region: RegionInspection = {
  entries: [0x8000_0010n, 0x8000_0004n],
  blocks: 2,
  instructions: 2,
  entered: 1200,
  size: 15,
  compileTime: 0.125,
  text: ['block', '  local.get $a0', '  i64.const 1', '  i64.add', '  i64.store offset=8', '  call $load', 'end'],
};
const code = { va: 0n, visits: 0, region: undefined } as const;

describe('code tiers', () => {
  it('gives figures that can be compared', () => {
    const values = new Map(figuresOf(region).map(({ name, value, meaning }) => [name, `${value}; ${meaning}`]));
    expect(values.get('wasm instructions')).toBe('7; 3.5 for each of the guest’s');
    expect(values.get('size')).toMatch(/^15 bytes; 7.5/);
    expect(values.get('entered')).toMatch(/^1,200/);
  });

  it('sorts wasm by what it does', () => {
    expect(sharesOf(region.text).map(({ kind, count }) => [kind, count])).toEqual([
      ['control', 2],
      ['locals', 1],
      ['constants', 1],
      ['arithmetic', 1],
      ['stores', 1],
      ['calls out', 1],
    ]);
  });

  it('says how the code runs', () => {
    expect(tierText({ ...code, tier: 'translated', region })).toMatch(/translated/);
    expect(tierText({ ...code, tier: 'interpreted' })).toMatch(/no jump/);
    expect(tierText({ ...code, tier: 'interpreted', visits: 7 })).toMatch(/7 jumps/);
  });

  it('begins with the first entry', () => {
    expect(firstOf(region)).toBe(0x8000_0004n);
  });
});
