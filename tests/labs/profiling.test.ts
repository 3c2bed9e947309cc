/** What a profile says of programs whose share is known, and that making one moves nothing. */
import { describe, expect, it } from 'vitest';
import { openDebug } from '../../src/engine/debug/debug.ts';
import type { Profile } from '../../src/engine/inspection.ts';
import { createMachine, defaultBoard } from '../../src/engine/machine/machine.ts';
import { build } from '../../src/engine/toolchain/build.ts';
import { profiling } from '../../src/labs/profiling.ts';
import { type Activity, Recording } from '../../src/labs/recording.ts';

const start = `
	.globl _start
_start:	la sp, top
	call main
	li t1, 0x100000
	li t2, 0x5555
	sw t2, 0(t1)
	j .
	.bss
	.balign 16
	.zero 65536
top:
`;
const c = `
static volatile long sink;
__attribute__((noinline)) long inner(long n) { for (long i = 0; i < n; i++) sink += i; return sink; }
__attribute__((noinline)) long often(long n) { return inner(n) + 1; }
__attribute__((noinline)) long seldom(long n) { return inner(n) + 2; }
__attribute__((noinline)) long fact(long n) { if (n < 2) { inner(50); return 1; } return n * fact(n - 1); }
int main(void) { often(6000); seldom(2000); fact(5); return 0; }
`;

async function ended() {
  const built = build(
    [
      { name: 'a.S', text: start },
      { name: 'b.c', text: c },
    ],
    {},
  );
  if (!built.ok) throw new Error(JSON.stringify(built.diagnostics));
  const machine = await createMachine({ ...defaultBoard, ram: 2 ** 20 });
  machine.load(built.image);
  const sink = { events: () => {}, output: () => {} };
  const recording = new Recording(machine, ['trap'], sink, () => performance.now());
  run(recording.going());
  return { recording, debug: openDebug(built.image) };
}

function run(activity: Activity): void {
  while (activity.next().done !== true);
}

function profileOf({ recording, debug }: Awaited<ReturnType<typeof ended>>, start = 0, end = recording.tip): Profile {
  let made: Profile | undefined;
  run(
    profiling(recording, debug, { start, end }, (profile) => {
      made = profile;
    }),
  );
  if (made === undefined) throw new Error('no profile was made');
  return made;
}

const part = ({ stacks, samples }: Profile, through: string): number =>
  stacks.filter(({ frames }) => frames.includes(through)).reduce((sum, { count }) => sum + count, 0) / samples;

describe('a profile', () => {
  it('finds who called, in proportion', async () => {
    const profile = profileOf(await ended());
    expect(profile.samples).toBe(2000);
    expect(part(profile, 'often') / part(profile, 'seldom')).toBeCloseTo(3, 0);
    expect(part(profile, 'inner')).toBeGreaterThan(0.95);
    expect(profile.stacks[0]?.frames).toEqual(['_start', 'main', 'often', 'inner']);
  });

  it('follows recursion', async () => {
    const bench = await ended();
    const { tip } = bench.recording;
    const deepest = profileOf(bench, tip - 600, tip).stacks.map(({ frames }) => frames.join(' '));
    expect(deepest).toContain('_start main fact fact fact fact fact inner');
    expect(deepest.every((each) => each.startsWith('_start'))).toBe(true);
  });

  it('looks at every step of a short part, and at nothing outside of the run', async () => {
    const bench = await ended();
    expect(profileOf(bench, 10, 60)).toMatchObject({ start: 10, end: 60, samples: 50 });
    expect(profileOf(bench, bench.recording.tip, 1e9).samples).toBe(0);
  });

  it('leaves the machine where it stood, in the past, at the end, and when it is dropped', async () => {
    const bench = await ended();
    const { recording, debug } = bench;
    for (const position of [recording.tip, 1234]) {
      run(recording.seeking(position));
      const before = recording.machine.state();
      profileOf(bench);
      expect(recording.machine.state()).toEqual(before);
      const dropped = profiling(recording, debug, { start: 0, end: recording.tip }, () => {});
      for (let count = 0; count < 20; count++) dropped.next();
      dropped.return({ kind: 'there' });
      expect(recording.machine.state()).toEqual(before);
    }
  });
});
