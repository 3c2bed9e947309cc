/** The text before Monaco has come: its colours, row by row. */
import { describe, expect, it } from 'vitest';
import { paintedText, piecesOf } from '../../src/components/editor/painted.ts';

/** `token:text` of what is coloured. */
const coloured = (text: string, file: string): string[] =>
  piecesOf(text, file)
    .flat()
    .filter(({ token }) => token !== '')
    .map(({ text, token }) => `${token}:${text}`);

describe('a line in its colours', () => {
  it.each([
    ['loop:\tli t0, 42 # go', 'a.S', ['label:loop', 'mnemonic:li', 'register:t0', 'number:42', 'comment:# go']],
    ['\tcsrw mepc, t0', 'a.S', ['mnemonic:csrw', 'mode.m:mepc', 'register:t0']],
    ['\tsret', 'a.S', ['mode.s:sret']],
    ['\t.section .text.init', 'a.S', ['directive:.section', 'directive:.text.init']],
    ['\tj .Lnext', 'a.S', ['mnemonic:j', 'symbol:.Lnext']],
    ['/* one\ntwo */ nop', 'a.S', ['comment:/*', 'comment: one', 'comment:two ', 'comment:*/', 'mnemonic:nop']],
    ['.ascii "open\nnop', 'a.S', ['directive:.ascii', 'string:"', 'string:open', 'mnemonic:nop']],
    ['#include <rt.h>', 'a.c', ['directive:#include', 'string:<rt.h>']],
    ['int x = 0x1fUL; // n', 'a.c', ['keyword:int', 'number:0x1fUL', 'comment:// n']],
  ])('%j of %s', (text, file, expected) => {
    expect(coloured(text, file)).toEqual(expected);
  });
});

describe('the text as HTML', () => {
  it('is the text, whatever stands in it', () => {
    const text = '\tli a0, 1 # a < b & c\n"x > y"\n\n';
    const plain = paintedText(text, 'a.S').replace(/<[^>]+>/g, '');
    expect(plain.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')).toBe(text);
  });

  it('is plain past the most lines, and keeps them all', () => {
    expect(paintedText('nop\nnop\nnop', 'a.S', 2)).toBe(
      '<span class="token-mnemonic">nop</span>\n<span class="token-mnemonic">nop</span>\nnop',
    );
  });
});
