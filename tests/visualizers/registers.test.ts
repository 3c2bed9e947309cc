import { describe, expect, it } from 'vitest';
import { csrByName } from '../../src/engine/isa/csrs.ts';
import { markerLabels } from '../../src/engine/isa/markers.ts';
import type { HartState } from '../../src/engine/state.ts';
import { byGroup, type CsrFilter, csrCells, csrGroups, trapCsrs } from '../../src/visualizers/registers/csr-list.ts';
import { explainCsr } from '../../src/visualizers/registers/explain.ts';
import { bitRows, fieldsOf, hasBits } from '../../src/visualizers/registers/fields.ts';
import { readFloat } from '../../src/visualizers/registers/float.ts';
import { hartMoment, readingsOf, registerCells } from '../../src/visualizers/registers/model.ts';
import type { Moment } from '../../src/visualizers/visualizer.ts';
import { csrw, insn, machineWith } from '../machine/program.ts';

const noLabels = Object.fromEntries(markerLabels.map((label) => [label, 0n])) as HartState['labels'];
const everything: CsrFilter = { group: 'traps', text: '', changedOnly: false };

const hartWith = (mode: number, csrs: Readonly<Record<string, bigint>>): HartState => ({
  pc: 0n,
  mode,
  registers: [],
  floats: [],
  csrs,
  waiting: false,
  labels: noLabels,
  tlb: { instruction: [], data: [] },
});
const at = (hart: HartState, old = hart) => ({ hart, old });

describe('registers', () => {
  it('marks what changed since the machine last stood still, and nothing at first', async () => {
    const machine = await machineWith([insn('addi', { rd: 10, rs1: 0, imm: 7 }), csrw('mscratch', 10)]);
    const changes = (moment: Moment) => {
      const of = hartMoment(moment, 0);
      const names = csrCells(of, { ...everything, changedOnly: true }).map(({ name }) => name);
      return [
        ...registerCells(of)
          .filter(({ changed }) => changed)
          .map(({ name }) => name),
        ...names,
      ];
    };
    const states = [machine.state()];
    for (let step = 0; step < 2; step++) {
      machine.run(1);
      states.push(machine.state());
    }
    const moment = (index: number): Moment => ({
      position: index,
      tip: 2,
      state: states[index],
      before: states[index - 1],
    });
    expect([0, 1, 2].map((index) => changes(moment(index)))).toEqual([[], ['a0'], ['mscratch']]);
  });

  it('reads a word as signed and unsigned only where they differ', () => {
    expect(readingsOf(5n)).toEqual(['5']);
    expect(readingsOf(2n ** 64n - 2n)).toEqual(['-2', '18,446,744,073,709,551,614 unsigned']);
  });

  it.each([
    [0x3ff0_0000_0000_0000n, 'double', '1'],
    [0xffff_ffff_3dcc_cccdn, 'single', '0.1'],
    [0x8000_0000_0000_0000n, 'double', '−0'],
    [0xffff_ffff_ff80_0000n, 'single', '−∞'],
    [0x7ff8_0000_0000_0000n, 'double', 'NaN'],
    [0x7ff0_0000_0000_0001n, 'double', 'signaling NaN'],
  ])('reads %x as the %s %s', (bits, format, text) => {
    expect(readFloat(bits)).toEqual({ format, text });
  });
});

describe('CSRs', () => {
  it('lists CSRs that there are, each in one group', async () => {
    const { harts } = (await machineWith([])).state();
    for (const name of trapCsrs) {
      expect(csrByName(name)?.name).toBe(name);
      expect(harts[0]?.csrs[name]).toBeTypeOf('bigint');
    }
    for (const group of csrGroups) {
      const cells = csrCells({ hart: harts[0], old: undefined }, { ...everything, group });
      expect(cells.length, group).toBeGreaterThan(0);
      if (group !== 'all' && group !== 'traps') expect(byGroup(cells).map((each) => each.group)).toEqual([group]);
    }
  });

  it('finds by name, by field and by the name that a guest has for it', () => {
    const found = (text: string) => csrCells(at(hartWith(1, {})), { ...everything, text }).map(({ name }) => name);
    expect(found('mtve')).toEqual(['mtvec']);
    expect(found('VTSR')).toEqual(['hstatus']);
    expect(found('sepc')).toEqual(['sepc', 'vsepc']);
    expect(found('no such')).toEqual([]);
  });

  it('says what the guest’s names mean while V=1', () => {
    const guest = at(hartWith(5, { sepc: 1n, vsepc: 2n }));
    const plain = csrCells(guest, { ...everything, text: 'sepc' });
    expect(plain.map(({ name, alias }) => [name, alias])).toEqual([
      ['sepc', 'of the host: while V=1, sepc means vsepc'],
      ['vsepc', 'what the guest calls sepc'],
    ]);
  });

  it('adds the CSRs of guests to those of traps once there are guests', () => {
    const names = (csrs: Record<string, bigint>) => csrCells(at(hartWith(1, csrs)), everything).map(({ name }) => name);
    expect(names({})).not.toContain('hgatp');
    expect(names({ hgatp: 8n << 60n })).toContain('hgatp');
  });

  it.each([
    ['scause', 8n, 'environment call from U-mode'],
    ['mstatus', 0x1880n, 'MPP=M SPP=U MPIE'],
    ['satp', (8n << 60n) | (3n << 44n) | 0x80123n, 'Sv39, ASID 3, root table at 0x80123000'],
    ['hgatp', 0n, 'Bare: none'],
    ['mtvec', 0x8000_0101n, 'handler, vectored'],
    ['sscratch', 5n, ''],
  ])('explains %s = %x', (name, value, text) => {
    expect(explainCsr(name, value, () => 'handler')).toContain(text);
  });

  it('takes a value apart, with names of values and what changed', () => {
    const fields = fieldsOf('mstatus', 0x1888n, 0x0888n);
    expect(fields.find(({ name }) => name === 'MPP')).toMatchObject({
      value: 3n,
      old: 1n,
      changed: true,
      meaning: 'M',
    });
    expect(fields.find(({ name }) => name === 'MIE')).toMatchObject({ value: 1n, changed: false, meaning: 'yes' });
    expect(fieldsOf('satp', 5n << 60n)[0]?.meaning).toBe('reserved');
  });

  it('draws 32 bits to a row, and no row without fields', () => {
    const rows = (name: string) => bitRows(fieldsOf(name, 0n), 0n).map(({ high, fields }) => [high, fields.length]);
    expect(rows('mie')).toEqual([[31, 9]]);
    expect(rows('satp')).toEqual([
      [63, 3],
      [31, 1],
    ]);
    expect(hasBits(fieldsOf('sscratch', 0n))).toBe(false);
    expect(hasBits(fieldsOf('mepc', 0n))).toBe(false);
  });

  it('marks bits that changed', () => {
    const [row] = bitRows(fieldsOf('mie', 0x80n, 0x8n), 0x80n, 0x8n);
    expect(row?.bits.filter(({ changed }) => changed).map(({ bit, set }) => [bit, set])).toEqual([
      [7, true],
      [3, false],
    ]);
  });
});
