/** What debuggers read beside the code. */
import { describe, expect, it } from 'vitest';
import { build } from '../../../src/engine/toolchain/build.ts';
import { compiled } from './running.ts';

const text = `
struct pair { long a, b; };
struct node { struct node *next; int value : 5; } nodes[4];
static int twice(int n) { int m = n + n; return m; }
static struct pair both(struct pair p, long by) { p.a += by; p.b -= by; return p; }
long work(int n, double d, struct node *list) {
  long total = 0;
  for (int i = 0; i < n; i++) {
    struct pair p = { i, twice(i) };
    p = both(p, total);
    total += p.a * p.b + (long)d;
    while (list) { total ^= list->value; list = list->next; }
    switch (i % 5) { case 0: total++; break; case 3: total *= 7; default: total -= n; }
  }
  return total;
}
int main(void) { long a[3] = { 1, 2 }; nodes[0].next = nodes + 1; return work(9, 1.5, nodes) + a[1]; }
`;

const codeOf = (optimize: boolean, debug: boolean): unknown => {
  const sources = [
    { name: 'start.s', text: '.globl _start\n_start: call main\nmemset: memcpy: ret\n.globl memset, memcpy' },
    { name: 'a.c', text },
  ];
  const built = build(sources, { optimize, debug });
  return built.ok ? built.image.segments : built.diagnostics;
};

/** Instructions and labels that are jumped to. */
const instructions = (assembly: string): string[] =>
  assembly.split('\n').filter((line) => /^\t[a-z]/.test(line) || /^\.?L?\w+\.\d+:$/.test(line));

describe('debug information', () => {
  it.each([true, false])('changes no code (optimized: %s)', (optimize) => {
    expect(codeOf(optimize, true)).toEqual(codeOf(optimize, false));
    expect(instructions(compiled(text, { optimize, debug: true }))).toEqual(instructions(compiled(text, { optimize })));
  });

  it('stands in assembly only if it is asked for, below the code', () => {
    expect(compiled(text)).not.toMatch(/\.cfi_|\.debug_|is_stmt/);
    const lines = compiled(text, { debug: true }).split('\n');
    const first = lines.findIndex((line) => line.includes('.section .debug_'));
    expect(lines.slice(first).some((line) => /^\t(?:addi|ret|call)\b/.test(line))).toBe(false);
  });
});
