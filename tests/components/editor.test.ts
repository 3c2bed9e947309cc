import { describe, expect, it } from 'vitest';
import { offersAt } from '../../src/components/editor/completion.ts';
import { encodingLines, hoverText } from '../../src/components/editor/hover.ts';
import { languageOf } from '../../src/components/editor/language.ts';
import { codeLength, wordAt } from '../../src/components/editor/words.ts';

const texts = { 'a.S': 'loop:\n\tj loop\n\t.equ SIZE, 16\n', 'b.S': '\t.globl other\nother:\n\tret\n' };
const names = (line: string): string[] => offersAt(line, line.length + 1, texts, 'a.S').offers.map(({ name }) => name);

describe('completion', () => {
  it('offers instructions and directives at the start of a statement, also behind a label', () => {
    for (const line of ['\tad', 'start: ad', ''])
      expect(names(line)).toEqual(expect.arrayContaining(['addi', '.balign']));
  });

  it('offers registers, symbols of all files and relocations as operands', () => {
    expect(names('\taddi t0, ')).toEqual(expect.arrayContaining(['a0', 'loop', 'other', 'SIZE', '%lo']));
    expect(names('\taddi t0, ')).not.toContain('mstatus');
  });

  it('offers CSRs where an instruction takes one', () => {
    expect(names('\tcsrw s')).toEqual(expect.arrayContaining(['sepc', 'stvec']));
  });

  it('replaces what was typed of the word, with its dot or percent sign', () => {
    expect(offersAt('\t.bal', 6, texts, 'a.S')).toMatchObject({ start: 2, end: 6 });
    expect(offersAt('\tlui a0, %h', 12, texts, 'a.S')).toMatchObject({ start: 10, end: 12 });
  });

  it('is quiet in a comment', () => {
    expect(names('\tret # ad')).toEqual([]);
  });
});

describe('the language of a file', () => {
  it('is C for sources and headers, assembly for all else', () => {
    const files = ['main.c', 'trap.h', 'entry.S', 'kernel.ld', 'disk.txt'];
    expect(files.map(languageOf)).toEqual(['c', 'c', 'riscv', 'riscv', 'plaintext']);
  });
});

describe('hover', () => {
  const rows: readonly (readonly [string, RegExp])[] = [
    ['addi', /addi rd, rs1, imm[\s\S]*rd ← [\s\S]*0010011/],
    ['li', /pseudo-instruction/],
    ['a0', /register x10/],
    ['sepc', /CSR 0x141/],
    ['.balign', /directive/],
    ['other', /label · b\.S:2/],
    ['4096', /0x1000/],
  ];
  it.each(rows)('explains %s', (word, expected) => {
    expect(hoverText(word, texts, 'a.S')).toMatch(expected);
  });

  it('has nothing to say about what it does not know', () => {
    expect(hoverText('nowhere', texts, 'a.S')).toBeUndefined();
  });

  it('draws an encoding with its bit numbers above', () => {
    const [above = '', below = ''] = encodingLines([
      { kind: 'field', name: 'imm', high: 31, low: 20 },
      { kind: 'bits', value: '0010011', high: 6, low: 0 },
    ]);
    expect(above.length).toBeLessThanOrEqual(below.length);
    expect(below).toMatch(/^\| *imm *\| *0010011 *\|$/);
  });
});

describe('words', () => {
  it.each([
    ['\tcsrr t0, scause # why', 12, 'scause'],
    ['\tlui a0, %hi(x)', 11, '%hi'],
    ['\tsfence.vma', 4, 'sfence.vma'],
  ])('finds the word in %j at column %i', (line, column, expected) => {
    expect(wordAt(line, column)?.text).toBe(expected);
  });

  it('finds none in a comment, but a # in a string is none', () => {
    expect(wordAt('\tret # add', 9)).toBeUndefined();
    expect(codeLength('\t.ascii "#1" # x')).toBe(13);
  });
});
