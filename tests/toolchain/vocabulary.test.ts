import { describe, expect, it } from 'vitest';
import { instructions } from '../../src/engine/isa/instructions.ts';
import { directiveWords, instructionWords, symbolsOf } from '../../src/engine/toolchain/vocabulary.ts';
import { told } from './building.ts';

describe('vocabulary', () => {
  it('every instruction once, with its operands', () => {
    const names = instructionWords.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { name } of instructions) expect(names).toContain(name);
    expect(instructionWords.find(({ name }) => name === 'ld')?.syntax).toBe('rd, imm(rs1)');
    expect(instructionWords.find(({ name }) => name === 'la')?.syntax).toBe('rd, symbol');
  });

  it('every word is known to the assembler', () => {
    for (const { name } of [...instructionWords, ...directiveWords]) {
      expect(
        told(name).filter((each) => each.includes('unknown')),
        name,
      ).toEqual([]);
    }
  });

  it('every directive has a meaning in one line', () => {
    for (const { name, summary } of directiveWords) {
      expect(summary, name).toMatch(/^[A-Z].*\.$|^Not available: .+$/);
    }
  });

  it('symbols of a text, also while it is half written', () => {
    expect(symbolsOf('_start: la a0,\n.equ SIZE, 5\n.macro save r\nN = 3\nif a0 == 3\n.Lx:\n1: j 1b')).toEqual([
      { name: '_start', kind: 'label', line: 1 },
      { name: 'SIZE', kind: 'constant', line: 2 },
      { name: 'save', kind: 'macro', line: 3 },
      { name: 'N', kind: 'constant', line: 4 },
    ]);
  });
});
