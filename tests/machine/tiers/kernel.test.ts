import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outcomeOf } from './drive.ts';
import { kernelGuest } from './kernel.ts';
import { type Case, patience, requireLaw } from './law.ts';
import { interpreted, randomPlan } from './plans.ts';

const end = 60_000;

const cases: fc.Arbitrary<Case> = fc
  .record({ harts: fc.constantFrom(1, 2), plan: randomPlan(20) })
  .map(({ harts, plan }) => ({ guest: kernelGuest(harts), plan, end }));

describe('a kernel under the firmware', () => {
  it('does what it is there for', async () => {
    const { machine } = await outcomeOf(kernelGuest(2), interpreted, end);
    expect(new TextDecoder().decode(machine.output())).toMatch(/^u{5,}$/);
    // In which mode they are at the end depends on every single step of the firmware.
    const [, second] = machine.state().harts;
    expect(second?.registers[19]).toBeGreaterThan(0n);
  });

  it('runs alike in all tiers', () => requireLaw(cases, 20), patience);
});
