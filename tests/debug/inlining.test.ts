/** Where breakpoints on the lines of a C program go. */
import { describe, expect, it } from 'vitest';
import { openDebug } from '../../src/engine/debug/debug.ts';
import { lineAt } from '../../src/engine/image.ts';
import { type Program, programOf } from './stopping.ts';

const text = `volatile int sink;
static inline void wait(void) {
  __asm__ volatile("wfi");
}
static int twice(int n) {
  sink = n;
  return n * 2;
}
__attribute__((noinline)) void sleep(int n) {
  while (n > sink) {
    wait();
    sink = n;
  }
}

/* Nothing is built of this. */
int main(void) {
  int sum = twice(1);
  sum += twice(sink);
  sleep(sum);
  return sum;
}
`;

const lineOf = (part: string): number => text.split('\n').findIndex((line) => line.includes(part)) + 1;

/** The lines of the instructions at which a breakpoint stops. */
function stopsOn({ debug, image }: Program, part: string): (number | undefined)[] {
  return debug.breakpointsAt('main.c', lineOf(part)).map((address) => lineAt(image, address)?.line);
}

describe('a breakpoint on a line', () => {
  const program = programOf(text);

  it('of a function that was taken in at two calls stops in both', () => {
    const places = program.debug.breakpointsAt('main.c', lineOf('sink = n;'));
    expect(places.length).toBeGreaterThanOrEqual(2);
    const main = program.debug.functions('main')[0]?.ranges[0];
    expect(places.filter((each) => main !== undefined && each >= main.from && each < main.to)).toHaveLength(2);
  });

  it('that only calls such a function stops where that one begins', () => {
    expect(stopsOn(program, '    wait();')).toEqual([lineOf('wfi')]);
  });

  it('without code stops at the next one that has some', () => {
    expect(stopsOn(program, '/* Nothing')).toEqual([lineOf('int main')]);
    expect(program.debug.breakpointsAt('main.c', 1000)).toEqual([]);
    expect(program.debug.breakpointsAt('other.c', 1)).toEqual([]);
  });

  it('is found in a file’s own tables, too, where nothing was built here', () => {
    const elsewhere = openDebug({ ...program.image, lines: [] });
    for (const part of ['sink = n;', '    wait();', 'return sum;']) {
      const line = lineOf(part);
      expect(elsewhere.breakpointsAt('main.c', line)).toEqual(program.debug.breakpointsAt('main.c', line));
    }
  });

  it('is at one place where nothing was taken in', () => {
    expect(stopsOn(programOf(text, false), 'return n * 2')).toEqual([lineOf('return n * 2')]);
    expect(stopsOn(program, 'while (n > sink)')).toEqual([lineOf('while (n > sink)')]);
  });
});
