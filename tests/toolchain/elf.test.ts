import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readElf, writeElf } from '../../src/engine/toolchain/elf.ts';
import { built, builtFiles } from './building.ts';

const program = () =>
  builtFiles({
    'a.s':
      '.globl _start, shared\n_start: call f\nlocal: ret\n.section .rodata\n.asciz "text"\n.data\nshared: .dword 1\n.bss\n.zero 100',
    'b.s': '.globl f\n.equ K, 5\n.type f, @function\nf: ret\n.size f, 4\nlocal: .dword 2',
  });

const sorted = (image: ReturnType<typeof program>) => ({
  ...image,
  lines: [],
  debug: undefined,
  symbols: image.symbols
    .map((symbol) => (symbol.scope === 'local' ? symbol : { ...symbol, file: undefined }))
    .toSorted((a, b) => `${a.file} ${a.name}`.localeCompare(`${b.file} ${b.name}`)),
});

function message(bytes: Uint8Array): string {
  const result = readElf(bytes);
  return result.ok ? 'read' : result.message;
}

/** The file with some bytes replaced. */
function patched(at: number, ...values: number[]): Uint8Array {
  const bytes = writeElf(program());
  bytes.set(values, at);
  return bytes;
}

describe('ELF', () => {
  it('reading gives back what was written, all but what debuggers read', () => {
    const image = program();
    const result = readElf(writeElf(image));
    expect(result.ok && sorted(result.image)).toEqual(sorted(image));
  });

  it('is an executable for RISC-V whose segments lie as pages want them', () => {
    const view = new DataView(writeElf(program()).buffer);
    expect(view.getUint16(16, true)).toBe(2);
    expect(view.getUint16(18, true)).toBe(243);
    expect(view.getBigUint64(24, true)).toBe(0x8000_0000n);
    for (let index = 0; index < view.getUint16(56, true); index++) {
      const at = 64 + 56 * index;
      const [offset, virtual] = [view.getBigUint64(at + 8, true), view.getBigUint64(at + 16, true)];
      expect(BigInt.asUintN(12, offset - virtual)).toBe(0n);
    }
  });

  it('says in its flags whether it holds 16-bit instructions', () => {
    const flags = (text: string): number => new DataView(writeElf(built(text)).buffer).getUint32(48, true);
    expect(flags('.globl _start\n_start: ret')).toBe(0);
    expect(flags('.globl _start\n_start: c.jr ra')).toBe(1);
    const read = readElf(writeElf(built('.globl _start\n_start: c.jr ra')));
    expect(read.ok && read.image.compressed).toBe(true);
  });

  it('many symbols and files', () => {
    const text = Array.from({ length: 3000 }, (_, index) => `label${index}: nop`).join('\n');
    const result = readElf(writeElf(built(`.globl _start\n_start:\n${text}`)));
    expect(result.ok && result.image.symbols.length).toBe(3001);
  });

  const rows: readonly (readonly [string, Uint8Array, string])[] = [
    ['nothing', new Uint8Array(), 'this is not an ELF file: it does not begin with 7f 45 4c 46'],
    ['text', new TextEncoder().encode('.text\nnop\n'), 'this is not an ELF file: it does not begin with 7f 45 4c 46'],
    ['a header cut off', writeElf(program()).slice(0, 40), 'the ELF file ends within its header'],
    ['32 bits', patched(4, 1), 'this ELF file is for 32-bit machines; the machine here has 64 bits'],
    ['big-endian', patched(5, 2), 'this ELF file is big-endian; the machine here is little-endian'],
    ['another processor', patched(18, 62), 'this ELF file is for another processor (machine 62, not RISC-V)'],
    ['an object file', patched(16, 1), 'this ELF file is not an executable: link it first'],
    ['a shared object', patched(16, 3), 'this ELF file is position-independent; link it with -static and -no-pie'],
    ['no program headers', patched(56, 0, 0), 'this ELF file has no program headers: there is nothing to load'],
    ['program headers outside', patched(32, 0, 0, 0, 0xff), 'the program headers do not lie within the file'],
    [
      'segment bytes cut off',
      writeElf(program()).slice(0, 0x1004),
      'the segment at 0x80000000 does not lie within the file: it is cut off',
    ],
    [
      'a segment larger than any memory',
      patched(64 + 40, 0, 0, 0, 0, 0, 1),
      'the segment at 0x80000000 takes more than 2 GiB',
    ],
    ['section headers outside', patched(40, 0, 0, 0, 0xff), 'the section headers do not lie within the file'],
  ];
  for (const [title, bytes, expected] of rows) {
    it(`${title}: ${expected}`, () => {
      expect(message(bytes)).toBe(expected);
    });
  }

  it('never throws on broken files, and never asks for more than the file holds', () => {
    const whole = writeElf(program());
    const mutation = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 6 });
    fc.assert(
      fc.property(mutation, fc.nat(whole.length), (changes, length) => {
        const bytes = whole.slice(0, length > whole.length / 2 ? whole.length : length);
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        const result = readElf(bytes);
        if (!result.ok) expect(result.message).not.toBe('');
        else
          for (const segment of result.image.segments) expect(segment.bytes.length).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 3000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (noise) => {
        readElf(noise);
        const headed = whole.slice(0, 64 + noise.length);
        headed.set(noise, 64);
        readElf(headed);
      }),
      { numRuns: 1000 },
    );
  });
});
