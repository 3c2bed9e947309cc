/** Which tier runs an instruction is never observable: same state, same events at the same positions. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMachine, defaultBoard } from '../../../src/engine/machine/machine.ts';
import type { BoardConfig, Machine, Stop, Tiering } from '../../../src/engine/machine/types.ts';
import { randomProgram } from '../random-program.ts';
import { guestOf, hotSource } from './hot-program.ts';
import { type Case, patience, requireLaw } from './law.ts';
import { randomPlan } from './plans.ts';

const hotCase: fc.Arbitrary<Case> = fc
  .record({ source: hotSource, plan: randomPlan() })
  .map(({ source, plan }) => ({ guest: guestOf(source), plan, end: 1500 + 700 * source.harts }));

const wildCase: fc.Arbitrary<Case> = fc
  .record({ image: randomProgram, plan: randomPlan(), harts: fc.constantFrom(1, 1, 2, 3) })
  .map(({ image, plan, harts }) => ({
    guest: { text: 'random words', image, board: { ...defaultBoard, ram: 2 ** 16, harts, quantum: 70 } },
    plan,
    end: 900,
  }));

/** As a machine whose translator is wrong: from a position on, it has a register with a bit that is not so. */
function faultyAfter(position: number): (board: BoardConfig) => Promise<Machine> {
  return async (board) => {
    const machine = await createMachine(board);
    let translates = false;
    const changed = {
      setTiering: ({ hotAfter }: Tiering): void => {
        translates = hotAfter !== 'never';
      },
      run: (steps: number, continues?: boolean): Stop => {
        const stop = machine.run(steps, continues);
        const value = machine.state().harts[0]?.registers[10] ?? 0n;
        if (translates && machine.position >= position) machine.setRegister(10, value ^ 1n);
        return stop;
      },
    };
    return Object.assign(Object.create(machine) as Machine, changed);
  };
}

describe('two tiers', () => {
  it('run hot loops alike', () => requireLaw(hotCase, 200), patience);

  it('run random words alike', () => requireLaw(wildCase, 100), patience);

  it(
    'are found out, and where, if they do not',
    async () => {
      const found = await requireLaw(hotCase, 20, faultyAfter(1234)).catch(String);
      expect(found).toContain('after step 1234');
      expect(found).toContain('hart 0 a0: ');
    },
    patience,
  );
});
