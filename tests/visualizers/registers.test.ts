import { describe, expect, it } from 'vitest';
import { csrByName } from '../../src/engine/isa/csrs.ts';
import { explainCsr } from '../../src/visualizers/registers/explain.ts';
import {
  csrCells,
  emptyRegisters,
  observeRegisters,
  registerCells,
  shownCsrs,
} from '../../src/visualizers/registers/model.ts';
import { csrw, insn, machineWith } from '../machine/program.ts';

describe('registers', () => {
  it('marks what changed since the machine last stood still, and nothing at first', async () => {
    const machine = await machineWith([insn('addi', { rd: 10, rs1: 0, imm: 7 }), csrw('mscratch', 10)]);
    let model = observeRegisters(emptyRegisters, machine.state());
    expect(registerCells(model).filter(({ changed }) => changed)).toEqual([]);
    machine.run(1);
    model = observeRegisters(model, machine.state());
    expect(registerCells(model).filter(({ changed }) => changed)).toEqual([{ name: 'a0', value: 7n, changed: true }]);
    machine.run(1);
    model = observeRegisters(model, machine.state());
    expect(registerCells(model).some(({ changed }) => changed)).toBe(false);
    expect(csrCells(model).filter(({ changed }) => changed)).toEqual([{ name: 'mscratch', value: 7n, changed: true }]);
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
