import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { readElf, readObject, readShared } from '../../src/engine/toolchain/elf.ts';

const place = mkdtempSync(join(tmpdir(), 'guesthouse-link-'));
afterAll(() => rmSync(place, { recursive: true }));

const at = (name: string): string => join(place, name);
const put = (name: string, text: string): string => {
  writeFileSync(at(name), text);
  return at(name);
};

async function guesthouse(...args: readonly string[]): Promise<{ readonly code: number; readonly said: string }> {
  let said = '';
  const code = await main(args, { write: () => {}, complain: (text) => (said += text) });
  return { code, said: said.replaceAll(`${place}/`, '') };
}

async function objectOf(name: string, text: string): Promise<string> {
  const object = at(`${name}.o`);
  const { code, said } = await guesthouse('as', put(`${name}.s`, text), '-o', object);
  expect([code, said]).toEqual([0, '']);
  return object;
}

describe('as and ld', () => {
  it('assemble and link by a script; the machine loads the result', async () => {
    const a = await objectOf('a', '.globl _start\n_start: call f\n');
    const b = await objectOf('b', '.globl f\nf: ret\n');
    const script = put('k.ld', 'ENTRY(_start)\nSECTIONS { . = base; .text : { *(.text) } }\n');
    expect(await guesthouse('ld', a, b, '-T', script, '--defsym=base=0x80200000', '-o', at('k.elf'))).toEqual({
      code: 0,
      said: '',
    });
    const read = readElf(new Uint8Array(readFileSync(at('k.elf'))));
    expect(read.ok && [read.image.entry, read.image.segments.length]).toEqual([0x8020_0000n, 1]);
  });

  it.each([
    ['sections on a page of their own', '. = ALIGN(0x1000);', [], [0n, 0x1000n]],
    ['sections that share a page, which loaders map whole', '', [], [0n]],
    ['with -N all of them', '. = ALIGN(0x1000);', ['-N'], [0n]],
  ])('segments by a script: %s', async (_, between, options, starts) => {
    const object = await objectOf('s', '.globl _start\n_start: ret\n.section .rodata\n.word 1\n');
    const layout = `SECTIONS { . = 0; .text : { *(.text) } ${between} .rodata : { *(.rodata) } }`;
    expect((await guesthouse('ld', object, '-T', put('s.ld', layout), ...options, '-o', at('s.elf'))).code).toBe(0);
    const read = readElf(new Uint8Array(readFileSync(at('s.elf'))));
    expect(read.ok && read.image.segments.map((each) => each.virtual)).toEqual(starts);
  });

  it('a shared object, and a program that names it', async () => {
    const lib = await objectOf('lib', '.option pic\n.globl f\n.type f, @function\nf: ret\n');
    const app = await objectOf('app', '.globl _start\n_start: call f\n');
    expect((await guesthouse('ld', '-shared', '-soname', 'libf.so.1', lib, '-o', at('libf.so'))).code).toBe(0);
    expect((await guesthouse('ld', '-pie', app, `-L${place}`, '-lf', '-o', at('app'))).code).toBe(0);
    const library = readShared('libf.so', new Uint8Array(readFileSync(at('libf.so'))));
    expect(library.ok && library.library.name).toBe('libf.so.1');
    expect(new TextDecoder('latin1').decode(readFileSync(at('app')))).toContain('libf.so.1');
  });

  it('as reads the files that a source names, beside it', async () => {
    put('values.inc', '.equ VALUE, 7\n.include "more.inc"\n');
    put('more.inc', '.equ MORE, 8\n');
    put('bytes.bin', 'abc');
    const object = await objectOf('inc', '.include "values.inc"\n.data\n.byte VALUE, MORE\n.incbin "bytes.bin"\n');
    const read = readObject('inc.o', new Uint8Array(readFileSync(object)));
    const data = read.ok ? read.object.sections.find(({ name }) => name === '.data') : undefined;
    expect([...(data?.bytes ?? [])]).toEqual([7, 8, 97, 98, 99]);
  });

  const rows: readonly (readonly [args: readonly string[], said: string])[] = [
    [[], '`ld` needs files to link.\n'],
    [['no.o'], 'There is no file `no.o` for the linker.\n'],
    [['-T'], '`-T` needs a value.\n'],
    [['--gc-section', 'a.o'], 'There is no option `--gc-section`. Did you mean `--gc-sections`?\n'],
    [['a.o', '-o'], '`-o` needs a value.\n'],
    [['-lnothing'], 'There is no library `libnothing.a` in ..\n'],
    [['-m', 'elf32lriscv', 'a.o'], '`-m elf32lriscv`: only elf64lriscv is linked here.\n'],
  ];
  for (const [args, said] of rows) {
    it(`ld ${args.join(' ')}: ${said.trim()}`, async () => {
      expect(await guesthouse('ld', ...args)).toEqual({ code: 2, said });
    });
  }

  it('what is wrong is said with its place, and nothing is written', async () => {
    const object = await objectOf('u', '.globl _start\n_start: call missing\n');
    expect(await guesthouse('ld', object, '-o', at('u.elf'))).toEqual({
      code: 2,
      said: 'u.o:1:1: error: undefined symbol `missing` (at .text+0x0)\nNothing was written.\n',
    });
    expect(await guesthouse('as', put('w.s', 'addd a0, a0, a0\n'))).toEqual({
      code: 2,
      said: 'w.s:1:1: error: unknown instruction `addd` (did you mean `addi`?)\nNothing was written.\n',
    });
    expect(await guesthouse('ld', put('text.o', 'text'))).toEqual({
      code: 2,
      said: 'text.o: this is no object file, archive or shared object\n',
    });
  });
});
