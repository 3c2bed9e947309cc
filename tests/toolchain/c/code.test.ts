/** The code that students read beside their source: what a person would have written, or nearly. */
import { describe, expect, it } from 'vitest';
import { compiled } from './running.ts';

/** Instructions and labels of a function, without directives. */
function code(text: string): string[] {
  const lines = compiled(text).split('\n');
  return lines
    .map((line) => line.trim().replace(/\s+/g, ' '))
    .filter((line) => (line !== '' && !line.startsWith('.')) || /^\.L.*:$/.test(line));
}

type Row = readonly [what: string, source: string, instructions: readonly string[]];

const rows: readonly Row[] = [
  ['a leaf has no frame', 'int add(int a, int b) { return a + b; }', ['add:', 'addw a0, a0, a1', 'ret']],
  ['constants are folded', 'int f(void) { return (3 + 4) * 5; }', ['f:', 'li a0, 35', 'ret']],
  [
    'members are offsets',
    'struct s { int a, b; long c; }; long f(struct s *s) { return s->c; }',
    ['f:', 'ld a0, 8(a0)', 'ret'],
  ],
  ['widening an int costs nothing', 'long f(int a) { return a; }', ['f:', 'ret']],
  [
    'products of powers of two are shifts',
    'unsigned f(unsigned a) { return a * 8 / 4; }',
    ['f:', 'slliw a5, a0, 3', 'srliw a0, a5, 2', 'ret'],
  ],
  [
    'a comparison is its branch',
    'int f(int a, int b) { if (a < b) return 1; return 2; }',
    ['f:', 'blt a0, a1, .Lf.4', 'li a0, 2', 'ret', '.Lf.4:', 'li a0, 1', 'ret'],
  ],
  [
    'a small struct stays in registers',
    'struct p { long x, y; }; struct p f(struct p p) { return (struct p){ p.y, p.x }; }',
    ['f:', 'mv a5, a0', 'mv a0, a1', 'mv a1, a5', 'ret'],
  ],
];

describe('code', () => {
  for (const [what, source, instructions] of rows) {
    it(what, () => expect(code(source)).toEqual(instructions));
  }

  it('a loop has one branch, and a pointer in place of its counter', () => {
    const lines = code('long f(long *a, long n) { long s = 0; for (long i = 0; i < n; i++) s += a[i]; return s; }');
    const loop = lines.slice(lines.findIndex((line) => line.startsWith('ld')) - 1);
    expect(loop.slice(1, 6).map((line) => line.split(' ')[0])).toEqual(['ld', 'add', 'addi', 'bne', 'mv']);
  });

  it('small functions are taken in, and not written where nobody else needs them', () => {
    const text = compiled('static inline int twice(int a) { return 2 * a; } int f(int a) { return twice(a) + 1; }');
    expect(text).not.toContain('call');
    expect(text).not.toContain('twice');
  });

  it('code for shared objects finds what others may define through the global offset table', () => {
    const text = compiled('int shared; static int own; int f(void) { return shared + own; }', { pic: true });
    expect(text).toMatch(/\tla \w+, shared\n/);
    expect(text).not.toMatch(/\tla \w+, own\n/);
    expect(text).toContain('.option pic');
  });

  it('what is computed twice is computed once', () => {
    const lines = code('int f(int a, int b) { return (a * b + 1) ^ (a * b + 2); }');
    expect(lines.filter((line) => line.startsWith('mul'))).toHaveLength(1);
  });
});
