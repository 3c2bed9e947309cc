/** Files that a guest loads itself: built from sources, and brought along as bytes. */
import { describe, expect, it } from 'vitest';
import { findSymbol } from '../../../src/engine/image.ts';
import { build, buildFile } from '../../../src/engine/toolchain/build.ts';
import { flatBytes, inWords } from '../building.ts';
import { inputOf } from './linking.ts';

const library = [{ name: 'lib.s', text: '.option pic\n.globl f\n.type f, @function\nf: call g@plt\nret\n' }];

function fileOf(...args: Parameters<typeof buildFile>): Uint8Array {
  const result = buildFile(...args);
  if (!result.ok) throw new Error(result.diagnostics.map(inWords).join('\n'));
  return result.bytes;
}

describe('files for guests', () => {
  it('a loader has a shared object and a program in its memory', () => {
    const shared = fileOf(library, { kind: 'shared', soname: 'lib.so' });
    const program = fileOf(
      [{ name: 'main.s', text: '.globl _start, g\n.type g, @function\n_start: call f\ng: ret\n' }],
      {
        kind: 'pie',
        libraries: [inputOf('lib.so', shared)],
      },
    );
    const text = '.globl _start\n_start: nop\n.data\nfirst: .incbin "lib.so"\nsecond: .incbin "main"\nend:\n';
    const binaries = new Map([
      ['lib.so', shared],
      ['main', program],
    ]);
    const result = build([{ name: 'loader.s', text }], { binaries });
    if (!result.ok) throw new Error(result.diagnostics.map(inWords).join('\n'));
    const at = (name: string): number => Number((findSymbol(result.image, name)?.address ?? 0n) - 0x8000_0000n);
    const bytes = flatBytes(result.image);
    expect(bytes.subarray(at('first'), at('second'))).toEqual(shared);
    expect(bytes.subarray(at('second'), at('end'))).toEqual(program);
  });

  it('what is wrong is told as for any program', () => {
    const result = buildFile([{ name: 'a.s', text: '.globl _start\n_start: call missing' }], { kind: 'pie' });
    expect(result.ok).toBe(false);
    expect(result.diagnostics.map(inWords)).toEqual(['a.s:2:14-21: error: undefined symbol `missing`']);
  });
});

describe('.incbin', () => {
  const binaries = new Map([['bytes.bin', Uint8Array.of(1, 2, 3, 4, 5)]]);
  const rows: readonly (readonly [text: string, expected: readonly number[] | string])[] = [
    ['.incbin "bytes.bin"', [1, 2, 3, 4, 5]],
    ['.incbin "bytes.bin", 2', [3, 4, 5]],
    ['.incbin "bytes.bin", 1, 2', [2, 3]],
    ['.incbin "bytes.bin", , 2', [1, 2]],
    ['.incbin "bytes.bin", 6', 'a.s:2:22-23: error: the number of bytes to skip is 6; it takes 0 to 5'],
    ['.incbin "bytes.bin", 3, 3', 'a.s:2:25-26: error: the number of bytes is 3; it takes 0 to 2'],
    ['.incbin "byte.bin"', 'a.s:2:9-19: error: there is no file of bytes `byte.bin` here (did you mean `bytes.bin`?)'],
  ];
  for (const [text, expected] of rows) {
    it(text, () => {
      const result = build([{ name: 'a.s', text: `.globl _start\n${text}\n_start:\n` }], { binaries });
      if (typeof expected === 'string') expect(result.diagnostics.map(inWords)).toEqual([expected]);
      else expect(result.ok && [...flatBytes(result.image)]).toEqual(expected);
    });
  }
});
