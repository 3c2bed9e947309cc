import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { readElf, readObject } from '../../src/engine/toolchain/elf.ts';

const place = mkdtempSync(join(tmpdir(), 'guesthouse-cc-'));
afterAll(() => rmSync(place, { recursive: true }));

function put(name: string, text: string): string {
  const path = join(place, name);
  writeFileSync(path, text);
  return path;
}

async function cc(...args: readonly string[]): Promise<{ readonly code: number; readonly err: string }> {
  let err = '';
  const code = await main(['cc', ...args], { write: () => {}, complain: (text) => (err += text) });
  return { code, err };
}

const start = put('start.S', '.globl _start\n_start:\n call main\n1: j 1b\n');
put('value.h', '#define VALUE 42\n');
const good = put('good.c', '#include "value.h"\nint main(void) {\n  int n = VALUE + MORE;\n  return n * n;\n}\n');
const bad = put('bad.c', 'int main(void) {\n\treturn nothing;\n}\n');

describe('guesthouse cc', () => {
  it('writes an executable', async () => {
    const out = join(place, 'a.elf');
    expect(await cc(good, start, '-D', 'MORE=1', '-o', out)).toEqual({ code: 0, err: '' });
    const elf = readElf(readFileSync(out));
    expect(elf.ok && elf.image.symbols.map(({ name }) => name)).toContain('main');
  });

  it('writes assembly that names lines', async () => {
    const out = join(place, 'a.s');
    expect((await cc('-S', good, '-DMORE=1', '-o', out)).code).toBe(0);
    expect(readFileSync(out, 'utf8')).toContain('# return n * n;');
  });

  it('writes objects, and links them with sources', async () => {
    const object = join(place, 'good.o');
    expect(await cc('-c', good, '-DMORE=1', '-o', object)).toEqual({ code: 0, err: '' });
    const out = join(place, 'c.elf');
    expect(await cc(start, object, '-o', out)).toEqual({ code: 0, err: '' });
    const elf = readElf(readFileSync(out));
    expect(elf.ok && elf.image.symbols.map(({ name }) => name)).toContain('main');
  });

  it('lays a program out by a linker script', async () => {
    const script = put('at.ld', 'ENTRY(_start)\nSECTIONS { . = 0x80200000; .text : { *(.text*) } }\n');
    const out = join(place, 'd.elf');
    expect(await cc(good, start, '-DMORE=1', '-T', script, '-o', out)).toEqual({ code: 0, err: '' });
    const elf = readElf(readFileSync(out));
    expect(elf.ok && elf.image.segments[0]?.virtual).toBe(0x8020_0000n);
  });

  it('takes from the guest library what is missing, in the layout that is asked for', async () => {
    const hello = put('hello.c', '#include <rt/printf.h>\nint main(void) { return printf("hello\\n"); }\n');
    const out = join(place, 'e.elf');
    expect(await cc(hello, '-T', 'rt/s-mode.ld', '-o', out)).toEqual({ code: 0, err: '' });
    const elf = readElf(readFileSync(out));
    expect(elf.ok && elf.image.entry).toBe(0x8020_0000n);
    const { code, err } = await cc(hello, '-nostdlib', '-o', out);
    expect(code).toBe(1);
    expect(err).toMatch(/hello\.c:2:\d+: error: undefined symbol `printf`/);
  });

  it('preprocesses assembly in .S, also for objects, and finds what it takes in', async () => {
    put('size.inc', '.equ SIZE, 8\n');
    const text = '#include "value.h"\n.include "size.inc"\n.data\n.quad VALUE + SIZE + MORE\n';
    const object = join(place, 'quad.o');
    expect(await cc('-c', put('quad.S', text), '-DMORE=1', '-o', object)).toEqual({ code: 0, err: '' });
    const read = readObject('quad.o', readFileSync(object));
    const data = read.ok ? read.object.sections.find(({ name }) => name === '.data') : undefined;
    expect(data?.bytes[0]).toBe(51);
    expect((await cc(put('quad.S', text), start, good, '-DMORE=1', '-o', join(place, 'f.elf'))).code).toBe(0);
  });

  it('shows the line that a mistake is in', async () => {
    const { code, err } = await cc(bad, '-o', join(place, 'b.elf'));
    expect(code).toBe(1);
    expect(err).toContain('bad.c:2:9: error: there is no `nothing` here');
    expect(err).toContain('  \treturn nothing;\n  \t       ^~~~~~~\n');
  });

  it('tells the program, not the library, that it has no `main`', async () => {
    const misspelt = put('misspelt.c', 'int mian(void) { return 0; }\n');
    const { code, err } = await cc(misspelt, '-o', join(place, 'g.elf'));
    expect(code).toBe(1);
    expect(err).toContain('misspelt.c:1:1: error: the program has no `main` (did you mean `mian`?');
    expect(err).not.toMatch(/start-m\.S:\d/);
  });

  const refusals: readonly (readonly [readonly string[], string])[] = [
    [[], 'needs a file'],
    [['none.c'], 'There is no file `none.c`'],
    [[place], 'is a folder; name the files in it'],
    [['-S', good, start], '`-S` needs one C file'],
    [['-c', good, start, '-o', 'x.o'], '`-c` with `-o` needs one file'],
    [['-c', 'good.o'], '`good.o` is none'],
    [[good, start, '-DMORE=1', '-o', join(place, 'none', 'a.elf')], 'cannot be written'],
    [[good, '-T', start], 'linker script ends in `.ld`'],
    [['--frob', good], 'There is no option `--frob`'],
    [[good, '-o'], '`-o` needs a value'],
  ];
  for (const [args, message] of refusals) {
    it(`refuses ${args.join(' ') || 'nothing'}`, async () => {
      const { code, err } = await cc(...args);
      expect(code).toBe(2);
      expect(err).toContain(message);
    });
  }
});
