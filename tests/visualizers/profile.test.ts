import { describe, expect, it } from 'vitest';
import type { Profile } from '../../src/engine/inspection.ts';
import { frameAfter, frameHeight, layoutFlames } from '../../src/visualizers/profile/layout.ts';
import { callTree, functionRows, nodeAt, percent, profileText } from '../../src/visualizers/profile/model.ts';

const profile: Profile = {
  start: 0,
  end: 1000,
  samples: 100,
  stacks: [
    { mode: 1, frames: ['main', 'fib', 'fib'], count: 50 },
    { mode: 1, frames: ['main', 'fib'], count: 20 },
    { mode: 1, frames: ['main'], count: 10 },
    { mode: 3, frames: ['trap'], count: 19 },
    { mode: 3, frames: ['rare'], count: 1 },
  ],
};

describe('a profile', () => {
  it('becomes a tree with a root for each mode, the largest first', () => {
    const [s, m] = callTree(profile);
    expect([s?.name, s?.total, m?.name, m?.total]).toEqual(['S', 80, 'M', 20]);
    const main = s?.children[0];
    expect([main?.name, main?.total, main?.own, main?.children[0]?.total]).toEqual(['main', 80, 10, 70]);
    expect(m?.children.map(({ name }) => name)).toEqual(['trap', 'rare']);
  });

  it('counts a function that calls itself once in its total', () => {
    const rows = functionRows(profile).map(({ name, own, total }) => [name, own, total]);
    expect(rows).toEqual([
      ['fib', 70, 70],
      ['trap', 19, 19],
      ['main', 10, 80],
      ['rare', 1, 1],
    ]);
  });

  it('finds a frame by its way from the root', () => {
    expect(nodeAt(callTree(profile), 'S/main/fib/fib')?.total).toBe(50);
    expect(nodeAt(callTree(profile), 'S/main/none')).toBeUndefined();
  });

  it('is said in a sentence', () => {
    expect(profileText(profile)).toBe('Of 100 steps between 0 and 1,000, 70.0% were in fib itself.');
    expect(profileText({ ...profile, stacks: [], samples: 0 })).toBe('The profile is empty.');
    expect(percent(1, 0)).toBe('0%');
  });
});

describe('a flame graph', () => {
  const { frames, height } = layoutFlames(callTree(profile), 150);
  const find = (name: string): number => frames.findIndex(({ node }) => node.name === name);

  it('stands on its roots, each frame within the one below', () => {
    expect(height).toBe(4 * frameHeight);
    expect(frames[find('S')]).toMatchObject({ x: 0, width: 120, y: 3 * frameHeight, below: undefined });
    for (const { x, width, below } of frames) {
      const under = below === undefined ? { x: 0, width: 150 } : frames[below];
      expect(x).toBeGreaterThanOrEqual(under?.x ?? 0);
      expect(x + width).toBeLessThanOrEqual((under?.x ?? 0) + (under?.width ?? 0) + 1e-9);
    }
  });

  it('leaves out what is too narrow to be seen, and cuts names to what fits', () => {
    expect(find('rare')).toBe(-1);
    expect(frames[find('trap')]?.label).toBe('');
    expect(layoutFlames(callTree(profile), 300).frames.map(({ label }) => label)).toContain('trap');
    expect(layoutFlames([], 100)).toEqual({ frames: [], height: 0 });
  });

  it('is gone through with arrow keys', () => {
    const names = (from: string, ...keys: string[]): string | undefined => {
      const at = keys.reduce<number | undefined>(
        (index, key) => (index === undefined ? undefined : frameAfter(frames, index, key)),
        find(from),
      );
      return at === undefined ? undefined : frames[at]?.node.name;
    };
    expect(names('S', 'ArrowUp', 'ArrowUp')).toBe('fib');
    expect(names('main', 'ArrowDown')).toBe('S');
    expect(names('S', 'ArrowRight')).toBe('M');
    expect(names('M', 'ArrowRight')).toBeUndefined();
    expect(names('S', 'ArrowDown')).toBeUndefined();
  });
});
