import { describe, expect, it } from 'vitest';
import { csrByName } from '../../src/engine/isa/csrs.ts';
import { explainCsr } from '../../src/visualizers/registers/explain.ts';
import { csrCells, registerCells, shownCsrs } from '../../src/visualizers/registers/model.ts';
import type { Moment } from '../../src/visualizers/visualizer.ts';
import { csrw, insn, machineWith } from '../machine/program.ts';

describe('registers', () => {
  it('marks what changed since the machine last stood still, and nothing at first', async () => {
    const machine = await machineWith([insn('addi', { rd: 10, rs1: 0, imm: 7 }), csrw('mscratch', 10)]);
    const changes = (moment: Moment) =>
      [...registerCells(moment), ...csrCells(moment)].filter(({ changed }) => changed).map(({ name }) => name);
    const states = [machine.state()];
    for (let step = 0; step < 2; step++) {
      machine.run(1);
      states.push(machine.state());
    }
    const at = (index: number): Moment => ({
      position: index,
      tip: 2,
      state: states[index],
      before: states[index - 1],
    });
    expect([0, 1, 2].map((index) => changes(at(index)))).toEqual([[], ['a0'], ['mscratch']]);
  });

  it('shows CSRs that there are', async () => {
    const { harts } = (await machineWith([])).state();
    for (const name of shownCsrs) {
      expect(csrByName(name)?.name).toBe(name);
      expect(harts[0]?.csrs[name]).toBeTypeOf('bigint');
    }
  });

  it('says a cause in words', () => {
    expect(explainCsr('scause', 8n)).toMatch(/environment call from U-mode/i);
  });
});
