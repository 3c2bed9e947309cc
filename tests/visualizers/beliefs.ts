/** Beliefs for tests: a deprivileged guest in S-mode that runs, but for what a test says. */
import type { Belief } from '../../src/engine/belief.ts';

export const pageOf = (number: number): bigint => 0x4000_0000n + BigInt(number) * 0x1000n;

export const beliefWith = (part: Partial<Belief> = {}): Belief => ({
  kind: 'deprivileged',
  runs: true,
  vm: 0n,
  vcpu: 0n,
  mode: 1,
  pc: 0x1000n,
  registers: Array.from({ length: 32 }, (_, number) => BigInt(number)),
  csrs: {},
  kept: {},
  shadow: undefined,
  memory: [{ guest: pageOf(0), physical: 0x8040_0000n, bytes: 0x1_0000n }],
  hgatp: 0n,
  ...part,
});
