/** Whatever a student types: no exception, no endless loop, every diagnostic with a place in the text. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { build } from '../../src/engine/toolchain/build.ts';
import { directiveWords, instructionWords } from '../../src/engine/toolchain/vocabulary.ts';

const folder = fileURLToPath(new URL('fixtures/', import.meta.url));
const programs = readdirSync(folder)
  .filter((name) => name.endsWith('.s') && name !== 'compiled.s')
  .map((name) => readFileSync(folder + name, 'utf8'));

function check(text: string): void {
  const lines = text.split('\n').length;
  const { diagnostics } = build([{ name: 'a.s', text }]);
  for (const { line, column, endColumn, message, file } of diagnostics) {
    expect(file).toBe('a.s');
    expect(line).toBeGreaterThanOrEqual(1);
    expect(line).toBeLessThanOrEqual(Math.max(lines, 1));
    expect(column).toBeGreaterThanOrEqual(1);
    expect(endColumn).toBeGreaterThan(column);
    expect(message).not.toMatch(/(?<!cfi_)undefined`|NaN|\[object/);
  }
}

const pieces = [
  ...instructionWords.map(({ name }) => name),
  ...directiveWords.map(({ name }) => name),
  ...['a0', 'sp', 'x5', '1f', '1b', '1:', 'foo', 'foo:', '.', '\\a', '\\@', '%hi(', '%lo(foo)', '%pcrel_lo(1b)'],
  ...['(', ')', ',', ';', '\n', '"', '"s"', "'", "'c'", '#', '/*', '*/', '+', '-', '<<', '&', '!', '==', '=', '@', ':'],
  ...['0', '1', '-1', '4096', '0x80000000', '0xffffffffffffffff', '1 << 40', '08', '0x', 'é', '−', '\t', '\r\n', '\0'],
];

const statement = fc.array(fc.constantFrom(...pieces), { maxLength: 8 }).map((parts) => parts.join(' '));

describe('robustness', () => {
  it('random characters', () => {
    fc.assert(fc.property(fc.string({ maxLength: 200, unit: 'binary' }), check), { numRuns: 2000 });
  });

  it('random statements', () => {
    fc.assert(
      fc.property(fc.array(statement, { maxLength: 12 }), (list) => check(list.join('\n'))),
      { numRuns: 3000 },
    );
  });

  it('real programs with a part cut out, doubled or replaced', () => {
    const edit = fc.record({
      at: fc.nat(),
      length: fc.nat(40),
      text: fc.oneof(fc.constant(''), fc.constantFrom(...pieces)),
    });
    fc.assert(
      fc.property(fc.constantFrom(...programs), fc.array(edit, { minLength: 1, maxLength: 4 }), (program, edits) => {
        let text = program;
        for (const { at, length, text: piece } of edits) {
          const start = at % (text.length + 1);
          text = text.slice(0, start) + piece + text.slice(start + length);
        }
        check(text);
      }),
      { numRuns: 1000 },
    );
  });

  const bombs: readonly (readonly [string, string])[] = [
    ['nested repetitions', '.rept 100000\n.rept 100000\nnop\n.endr\n.endr'],
    ['empty repetitions', '.rept 1 << 62\n.endr'],
    ['a macro that calls itself', '.macro m\nm\n.endm\nm'],
    ['a macro that calls itself twice', '.macro m\nm\nm\n.endm\nm'],
    ['a macro that doubles its argument', '.macro m x\nm "\\x\\x"\n.endm\nm abcdefgh'],
    [
      'a macro that doubles calls',
      `${Array.from({ length: 40 }, (_, n) => `.macro m${n}\nm${n + 1}\nm${n + 1}\n.endm`).join('\n')}\nm0`,
    ],
    ['a symbol that doubles', `.set s, x\n${'.set s, s + s\n'.repeat(100)}.dword s`],
    [
      'symbols that double below',
      `${Array.from({ length: 100 }, (_, n) => `.set s${n}, s${n + 1} - s${n + 1}`).join('\n')}\n.dword s0`,
    ],
    [
      'a chain of symbols',
      `${Array.from({ length: 5000 }, (_, n) => `.set s${n}, s${n + 1} + 1`).join('\n')}\n.dword s0`,
    ],
    ['deep parentheses', `.dword ${'('.repeat(50_000)}1`],
    ['many signs', `.dword ${'-'.repeat(50_000)}1`],
    ['a long sum', `.dword ${Array.from({ length: 20_000 }, () => 'x').join(' + ')}`],
    ['a huge space', '.space 0x7fffffffffffffff'],
    ['many spaces', '.rept 1000\n.space 1000000\n.endr'],
    ['a huge .bss', '.bss\n.rept 100\n.space 0x7fffffff\n.endr'],
    ['a huge fill', '.fill 1 << 40, 8, 1'],
    ['a far .org', '.org 1 << 50'],
    ['a size that depends on itself', 'a:\n.space b - a + 1\nb:'],
    ['sizes that chase each other', 'a: .space 100 - (c - b)\nb: .space 100 - (b - a)\nc:'],
    ['conditionals without end', '.if 1\n'.repeat(5000)],
    ['sections without end', '.pushsection .data\n'.repeat(5000)],
    ['a file that includes itself', '.include "a.s"'],
    ['one long line', `nop${'; nop'.repeat(20_000)}`],
    ['one long word', 'x'.repeat(1_000_000)],
    ['one long number', `.dword 0x${'f'.repeat(1_000_000)}`],
    ['one long string', `.ascii "${'\\n'.repeat(500_000)}"`],
    ['many errors', 'frob a0\n'.repeat(20_000)],
    ['many undefined symbols', Array.from({ length: 5000 }, (_, n) => `la a0, sym${n}`).join('\n')],
    [
      'branches that push each other out of reach',
      `a: ${Array.from({ length: 5000 }, (_, n) => `l${n}: beq a0, a1, l${(n * 7919) % 5000}`).join('\n')}`,
    ],
  ];
  for (const [title, text] of bombs) {
    it(`${title} come to an end`, () => check(text), 10_000);
  }
});
