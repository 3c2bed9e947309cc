/** C as a shared object: a program that the loader brings together with it may replace its functions and its data. */
import { describe, expect, it } from 'vitest';
import { createMachine, defaultBoard } from '../../../src/engine/machine/machine.ts';
import { writeLinked } from '../../../src/engine/toolchain/elf.ts';
import type { Linked, OutputKind } from '../../../src/engine/toolchain/link.ts';
import { inputOf, linkedFiles } from '../link/linking.ts';
import { dynamicEntry, load, start } from '../link/loader.ts';
import { compiled } from './running.ts';

const library = compiled(
  `
  int counter = 5, table[3] = { 1, 2, 3 }, *where = &table[1];
  static int calls;
  __attribute__((visibility("hidden"))) int inner(int n) { return n + calls++; }
  int replaced(int n) { return n * 2; }
  int twice(int n) { return replaced(n) + inner(n); }
  int bump(void) { return ++counter + *where + table[2]; }
  int pick(int k) { static const int *const list[] = { &counter, &table[2] }; return *list[k]; }
  int (*chosen(void))(int) { return replaced; }
  extern int from_main(int), main_data;
  int back(int n) { return from_main(n) + main_data++; }
  int choose(int n) {
    switch (n) { case 0: return 5; case 1: return 9; case 2: return 4; case 3: return 8; case 4: return 1; case 5: return 6; }
    return 0;
  }
  double scale(double x) { return x * 2.5; }
`,
  { pic: true },
);

const begin = `
        .globl _start
_start: li      sp, 0x80180000
        li      t0, 0x6000
        csrs    mstatus, t0
        call    main
        li      t5, 0x100000
        slli    a0, a0, 16
        li      t6, 0x3333
        or      t6, t6, a0
        sw      t6, 0(t5)
1:      j       1b
`;

const declarations = `
  extern int counter, table[3], *where;
  int replaced(int), twice(int), bump(void), pick(int), (*chosen(void))(int), back(int), choose(int);
  double scale(double);
  int main_data = 40;
  int from_main(int n) { return n * 3; }
`;

const rows: readonly (readonly [what: string, text: string, exit: number])[] = [
  ['calls and hidden functions', 'int main(void) { return twice(3) + twice(4); }', 22],
  [
    'a function that the program replaces',
    'int replaced(int n) { return n * 10; } int main(void) { return twice(3); }',
    33,
  ],
  ['data of the library', 'int main(void) { counter = 50; table[1] = 9; return bump() + *where; }', 72],
  ['tables of addresses', 'int main(void) { counter = 70; return pick(0) + pick(1); }', 73],
  ['one address for a function', 'int main(void) { return (chosen() == replaced) * 100 + chosen()(4); }', 108],
  ['calls back into the program', 'int main(void) { int n = back(5) + back(5); return n + main_data; }', 153],
  ['a switch', 'int main(void) { return choose(1) * 10 + choose(5) + choose(7); }', 96],
  ['floating point', 'int main(void) { return scale(4.0) + scale(2.0); }', 15],
];

const shared = linkedFiles({ 'lib.s': library }, { kind: 'shared', soname: 'libx.so' });

function program(text: string, kind: OutputKind): Linked {
  const main = compiled(declarations + text, { pic: kind === 'pie' });
  return linkedFiles({ 'begin.s': begin, 'main.s': main }, { kind }, [inputOf('libx.so', writeLinked(shared))]);
}

async function exitOf(main: Linked): Promise<number | undefined> {
  const base = main.kind === 'dynamic' ? 0n : 0x8000_0000n;
  const image = start([load(main, base), load(shared, 0x8020_0000n)], base + main.entry);
  const machine = await createMachine({ ...defaultBoard, ram: 2 ** 23 });
  machine.load(image);
  const stop = machine.run(100_000);
  return stop.kind === 'exit' ? stop.code : undefined;
}

describe('code for shared objects', () => {
  it('has no text that the loader would have to change', () => {
    expect(dynamicEntry(load(shared, 0n), 22n)).toBeUndefined();
  });

  it.each(rows)('%s', async (_what, text, exit) => {
    expect(await exitOf(program(text, 'pie'))).toBe(exit);
  });
});
