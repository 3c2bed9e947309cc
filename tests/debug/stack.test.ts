/** Frames and steps, also where the stack makes no sense. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openDebug } from '../../src/engine/debug/debug.ts';
import { begin, programOf, stopped, variablesOf } from './stopping.ts';

const gone = '<optimized out>';

const text = `volatile int sink;
__attribute__((noinline)) int leaf(int n) {
  sink = n; // here
  return n + 1;
}
__attribute__((noinline)) int deep(int n) {
  int here = n * 2;
  int below = n == 0 ? leaf(here + 40) : deep(n - 1);
  return below + here;
}
int main(void) {
  int first = deep(2);
  int second = leaf(first);
  return second;
}`;

/** Memory of the stack is taken and given back in rounds, and what a call passes lies at its end. */
const moving = `volatile int sink;
__attribute__((noinline)) int leaf(int *p, int b, int c, int d, int e, int f, int g, int h, int i) { return sink = p[0] + i; }
__attribute__((noinline)) int grow(int count) {
  int total = 0, large[600];
  large[count] = 1;
  for (int round = 1; round < count; round++) {
    int list[round];
    list[0] = round;
    total += leaf(list, 2, 3, 4, 5, 6, 7, 8, large[count]);
  }
  return total;
}
int main(void) { int got = grow(4); return got + sink; }`;

/** The functions on the stack before each instruction of `main` and what it calls. */
async function stacksOf(program: string, optimize: boolean): Promise<string[]> {
  const at = await begin(programOf(program, optimize));
  const main = at.debug.functions('main')[0]?.ranges[0]?.from ?? 0n;
  at.machine.setBreakpoints([main]);
  at.machine.run(1000);
  const stacks: string[] = [];
  for (let steps = 0; steps < 400; steps++) {
    const names = at.frames().map((frame) => frame.function?.name);
    if (names[0] === undefined) break;
    stacks.push(names.join(' < '));
    at.machine.run(1);
  }
  return stacks;
}

describe.each([
  ['optimized', true],
  ['in memory', false],
] as const)('the stack, %s', (_title, optimize) => {
  it('leads to the caller of each function, with its variables', async () => {
    const at = await stopped(text, optimize);
    const names = at.frames().map((frame) => frame.function?.name);
    expect(names).toEqual(['leaf', 'deep', 'deep', 'deep', 'main', undefined]);
    const wanted = optimize ? gone : '2';
    expect([0, 3].map((level) => variablesOf(at, level).n)).toEqual(['40', wanted]);
    expect(at.frames().map(({ place }) => place?.line)).toEqual([3, 8, 8, 8, 12, 9]);
  });

  it('is right before every instruction', async () => {
    const depths = await stacksOf(text, optimize);
    const allowed = /^(?:main|leaf < main|(?:leaf < )?(?:deep < )+main) < $/;
    expect(depths.filter((each) => !allowed.test(each))).toEqual([]);
    expect(new Set(depths).size).toBe(6);
  });

  it('is right wherever the end of the stack moves', async () => {
    const depths = await stacksOf(moving, optimize);
    expect(new Set(depths)).toEqual(new Set(['main < ', 'grow < main < ', 'leaf < grow < main < ']));
  });

  const walk = async (
    kind: 'into' | 'over' | 'out',
    first: number,
  ): Promise<(readonly [string | undefined, number | undefined])[]> => {
    const at = await begin(programOf(text, optimize));
    at.machine.setBreakpoints([at.debug.addressesOf('main.c', first)[0] ?? 0n]);
    at.machine.run(1000);
    at.machine.setBreakpoints([]);
    const step = at.debug.beginStep(kind, at.frames());
    for (let steps = 0; steps < 500; steps++) {
      at.machine.run(1);
      const [frame] = at.frames();
      if (at.debug.isStepDone(step, at.pc(), frame?.cfa)) break;
    }
    return at.frames().map((frame) => [frame.function?.name, frame.place?.line] as const);
  };

  it('is stepped over a call', async () => {
    expect((await walk('over', 12))[0]).toEqual(['main', 13]);
  });

  it('is stepped into a call', async () => {
    expect((await walk('into', 13))[0]).toEqual(['leaf', 3]);
  });

  it('is stepped out of a function', async () => {
    expect((await walk('out', 3))[0]).toEqual(['deep', 8]);
  });
});

describe('a caller', () => {
  it('does not lend its variables to registers that the callee may use', async () => {
    const caller = `volatile int sink;
__attribute__((noinline)) int f(int n) { sink = n; // here
 return n; }
__attribute__((noinline)) int g(int a, int b, int c) { return f(c) + 1; }
int main(void) { return g(1, 2, 3); }`;
    expect(variablesOf(await stopped(caller), 1)).toEqual({ a: gone, b: gone, c: gone });
  });
});

describe('assembly', () => {
  const callers = `volatile int sink;
int around(void);
int inner(void) { sink = 1; // here
 return 0; }
int main(void) { int kept = sink + 5; around(); sink = kept; return kept; }`;

  it('says with `.cfi_` directives where the caller is', async () => {
    const assembly = `asm(".globl around\\naround:\\n .cfi_startproc\\n addi sp, sp, -32\\n .cfi_def_cfa_offset 32\\n sd ra, 24(sp)\\n"
 " .cfi_offset ra, -8\\n sd s0, 16(sp)\\n .cfi_rel_offset s0, 16\\n li s0, 7\\n call inner\\n ld s0, 16(sp)\\n ld ra, 24(sp)\\n"
 " addi sp, sp, 32\\n ret\\n .cfi_endproc");
${callers}`;
    const at = await stopped(assembly);
    expect(at.frames().map((frame) => frame.function?.name)).toEqual(['inner', undefined, 'main', undefined]);
    expect(variablesOf(at, 2)).toEqual({ kept: '5' });
  });

  it('without them is seen through by what it does to the stack, saved registers and all', async () => {
    const assembly = `asm(".globl around\\naround:\\n addi sp, sp, -32\\n sd ra, 24(sp)\\n sd s0, 16(sp)\\n sd s1, 8(sp)\\n"
 " li s0, 7\\n li s1, 8\\n call inner\\n ld s1, 8(sp)\\n ld s0, 16(sp)\\n ld ra, 24(sp)\\n addi sp, sp, 32\\n ret");
${callers}`;
    const at = await stopped(assembly);
    expect(at.frames().map(({ function: info, certain }) => [info?.name, certain])).toEqual([
      ['inner', true],
      [undefined, false],
      ['main', true],
      [undefined, true],
    ]);
    expect(variablesOf(at, 2)).toEqual({ kept: '5' });
  });

  it('that handles a trap was called by nobody', async () => {
    const assembly = `asm(".balign 4\\nvector:\\n addi sp, sp, -16\\n sd ra, 8(sp)\\n call handle\\n ld ra, 8(sp)\\n addi sp, sp, 16\\n"
 " csrr t0, mepc\\n addi t0, t0, 4\\n csrw mepc, t0\\n mret");
volatile int sink;
void handle(void) { sink = 1; // here
}
int main(void) { asm volatile("la t0, vector\\n csrw mtvec, t0\\n ecall" : : : "t0", "memory"); return 0; }`;
    const at = await stopped(assembly);
    expect(at.frames().map(({ lookup }) => at.debug.labelAt(lookup))).toEqual(['handle', 'vector']);
  });

  it('of a leaf without call-frame information is left by `ra`', async () => {
    const at = await begin(
      programOf('void *memset(void *, int, long);\nchar b[8];\nint main(void) { memset(b, 1, 8); return b[0]; }'),
    );
    const memset = at.image.symbols.find(({ name }) => name === 'memset')?.address ?? 0n;
    at.machine.setBreakpoints([memset]);
    at.machine.run(1000);
    expect(at.frames().map((frame) => frame.function?.name)).toEqual([undefined, 'main', undefined]);
  });
});

describe('what is broken', () => {
  it('registers and memory that hold anything never throw, and the stack ends', async () => {
    const { image, debug } = programOf(text);
    const code = image.segments.find(({ executable }) => executable);
    const word = fc.oneof(
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      fc.bigInt({ min: 0n, max: BigInt(code?.size ?? 0) }).map((offset) => (code?.virtual ?? 0n) + offset),
    );
    fc.assert(
      fc.property(
        word,
        fc.array(word, { minLength: 64, maxLength: 64 }),
        fc.array(word, { minLength: 1 }),
        (pc, registers, memory) => {
          const bytes = new Uint8Array(BigUint64Array.from(memory).buffer);
          const read = (address: bigint, size: number): Uint8Array =>
            Uint8Array.from(
              { length: size },
              (_, index) => bytes[(Number(address & 0xffffn) + index) % bytes.length] ?? 0,
            );
          const frames = debug.unwind(pc, registers, read);
          for (const frame of frames)
            for (const { value } of debug.variables(frame, read)) debug.format(value, { registers, read });
          expect(frames.length).toBeLessThan(300);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('debug information that holds anything never throws', () => {
    const { image } = programOf(text);
    const sections = Object.entries(image.debug ?? {});
    const [range] = programOf(text).debug.functions('deep')[0]?.ranges ?? [];
    const change = fc.tuple(fc.nat(sections.length - 1), fc.nat(), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 20 }), (changes) => {
        const broken = sections.map(([name, bytes]) => [name, bytes.slice()] as const);
        for (const [index, at, value] of changes) {
          const bytes = broken[index]?.[1] ?? new Uint8Array();
          if (bytes.length > 0) bytes[at % bytes.length] = value;
        }
        const debug = openDebug({ ...image, debug: Object.fromEntries(broken) });
        const read = (_address: bigint, size: number): Uint8Array => new Uint8Array(size);
        const registers = Array.from({ length: 64 }, () => 0x8000_0100n);
        for (const frame of debug.unwind(range?.from ?? 0n, registers, read)) {
          for (const { value } of debug.variables(frame, read)) debug.format(value, { registers, read });
        }
        debug.addressesOf('main.c', 8);
        debug.evaluate('sink', undefined, read);
      }),
      { numRuns: 500 },
    );
  });
});
