/** Assembly that goes through the C preprocessor because its name ends in `.S`. */
import { describe, expect, it } from 'vitest';
import { lineAt } from '../../src/engine/image.ts';
import { build } from '../../src/engine/toolchain/build.ts';
import { flatBytes, hex, inWords } from './building.ts';

const header = `
#pragma once
#define PAGE 4096L
#define ADD(a, b) ((a) + (b))
#define POP(r) ld r, 0(sp); addi sp, sp, 8
#define NOTHING
#ifndef __ASSEMBLER__
int f(void);
#endif
`;

/** `text` begins in line 3. */
const sources = (text: string): { name: string; text: string }[] => [
  { name: 'main.S', text: `#include "h.h"\n.globl _start; _start:\n${text}` },
  { name: 'h.h', text: header },
];

function bytesOf(text: string, name = 'main.S'): string {
  const [main, ...rest] = sources(text);
  const given =
    name === 'main.S' ? sources(text) : [{ name, text: main?.text.replace('#include "h.h"', '') ?? '' }, ...rest];
  const result = build(given);
  if (!result.ok) throw new Error(result.diagnostics.map(inWords).join('\n'));
  return hex(flatBytes(result.image));
}

const told = (text: string): string[] => build(sources(text)).diagnostics.map(inWords);

describe('a name in .S', () => {
  it.each([
    ['macros', 'li a0, PAGE', 'li a0, 4096'],
    ['macros with parameters', 'li a0, ADD(PAGE, 1)', 'li a0, 4097'],
    ['a call that spans lines', 'li a0, ADD(1,\n 2)\nnop', 'li a0, 3\nnop'],
    ['several statements of one macro', 'POP(ra)\nret', 'ld ra, 0(sp)\naddi sp, sp, 8\nret'],
    ['a macro that is nothing, at the end of a line', 'nop NOTHING\nPOP(ra)', 'nop\nld ra, 0(sp)\naddi sp, sp, 8'],
    ['conditions', '#if PAGE > 1 && defined __ASSEMBLER__\nnop\n#else\nnot assembly\n#endif', 'nop'],
    ['macros of the assembler', '.macro f r, v=PAGE\nli \\r, \\v\n.endm\nf a0', 'li a0, 4096'],
    ['characters', "li a0, 'a'; li a1, '\"; li a2, '#'", 'li a0, 97\nli a1, 34\nli a2, 35'],
    ['strings', '.string "PAGE # /* //"', '.string "PAGE # /* //"'],
    ['comments', 'nop # ADD( it\'s "\n# POP(\n/* PAGE\n#if */ nop // ADD(', 'nop\nnop'],
    ['numeric labels and operators', '1: lui a0, %hi(0x1000); beqz a0, 1b', '1: lui a0, 1\nbeqz a0, 1b'],
    ['a macro beside a word', '#define A add\nA.uw a0, a1, a2', 'add.uw a0, a1, a2'],
    ['a macro that would grow together', '#define ID(x) x\nID(li)ID(a0), 1', 'li a0, 1'],
    ['lines that go on', 'li a0, \\\n 5', 'li a0, 5'],
    ['directives that are not known', '# some words\n#!magic\nnop', 'nop'],
  ])('%s', (_, text, same) => {
    expect(bytesOf(text)).toBe(bytesOf(same, 'main.s'));
  });

  it('shows mistakes where they were written', () => {
    expect(told('  bad x1\n  addi a0, a0, PAGE\n  POP(q9)')).toEqual([
      'main.S:3:3-6: error: unknown instruction `bad`',
      'main.S:4:16-20: error: imm is 4096; it takes −2048 to 2047 (in the macro `PAGE`) (load the number with `li` into a register and use `add`)',
      'main.S:5:7-9: error: unknown register `q9` (did you mean `s9`?)',
    ]);
  });

  it('keeps the line of each instruction', () => {
    const result = build(sources('#if 0\n#endif\n  POP(ra)'));
    expect(result.ok && lineAt(result.image, 0x8000_0004n)).toMatchObject({ file: 'main.S', line: 5 });
  });

  it('takes prose that begins with the word of a directive for prose, and says so', () => {
    const hint = '(begin the comment with another word, or with `//`)';
    const said = (word: string, line: number): string =>
      `main.S:${line}:1-${word.length + 1}: warning: this line is read as a comment, but GCC takes \`${word}\` for a directive ${hint}`;
    expect(told('# if the page is there, go on\n# else it is not\n# include all of it\nnop')).toEqual([
      said('# if', 3),
      said('# else', 4),
      said('# include', 5),
    ]);
  });

  it('takes directives with a blank behind the mark', () => {
    expect(told('# if defined X || PAGE == 1\n#  error "this"\n# endif\n nop')).toEqual([]);
  });

  it('says what an unfinished comment is', () => {
    expect(told('nop /* and\nnop')).toEqual([
      'main.S:3:5-7: error: this comment is not closed (write `*/` where it ends)',
    ]);
  });
});

describe('suffixes of numbers', () => {
  it.each(['16L', '0x10UL', '020ull', '0b10000u', '16LLL'])('%s is read, as GNU as does', (number) => {
    expect(bytesOf(`.dword ${number}`, 'main.s')).toBe(bytesOf('.dword 16', 'main.s'));
  });

  it.each(['1LU', '1uu', '08L'])('%s is none', (number) => {
    expect(told(`.dword ${number}`)[0]).toContain(`\`${number}\` is not`);
  });
});
