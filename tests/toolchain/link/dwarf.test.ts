/** Debug sections through objects and the linker, as the reader of DWARF finds them. */
import { describe, expect, it } from 'vitest';
import { openDebug } from '../../../src/engine/debug/debug.ts';
import { readLines } from '../../../src/engine/debug/line-program.ts';
import { readUnits } from '../../../src/engine/debug/units.ts';
import { readElf, withDebugSections, writeLinked, writeObject } from '../../../src/engine/toolchain/elf.ts';
import { imageOf, type Linked } from '../../../src/engine/toolchain/link.ts';
import { inputOf, linkedFiles, objectOf, sectionOf } from './linking.ts';

const origin = 0x8000_0000n;

/** Rows of every unit: file, distance from the origin, line; 0 ends a run. */
const rowsOf = (linked: Linked): (readonly [file: string, at: number, line: number])[] =>
  readUnits(imageOf(linked).debug ?? {}).flatMap((unit) =>
    readLines(unit).map(({ file, address, line }) => [file, Number(address - origin), line] as const),
  );

describe('line tables', () => {
  it('have every line of code, by file, and none of data', () => {
    const first = '.globl _start\n_start: nop\n\nli a0, 0x12345678\n.data\n.dword 1';
    expect(rowsOf(linkedFiles({ 'a.s': first, 'b.s': '.text\nret\n' }))).toEqual([
      ['a.s', 0, 2],
      ['a.s', 4, 4],
      ['', 12, 0],
      ['b.s', 12, 2],
      ['', 16, 0],
    ]);
  });

  it('go through object files and executables', () => {
    const text = '.globl _start\n_start: nop\n.section .text.f, "ax"\nf: nop\n\nret\n.data\n.dword 1';
    const object = inputOf('a.o', writeObject(withDebugSections(objectOf('a.s', text))));
    const linked = linkedFiles({}, {}, [object]);
    expect(rowsOf(linked).map(([, at, line]) => [at, line])).toEqual([
      [0, 2],
      [4, 0],
      [4, 4],
      [8, 6],
      [12, 0],
    ]);
    const elf = readElf(writeLinked(linked));
    expect(elf.ok && openDebug(elf.image).lineAt(origin + 8n)?.line).toBe(6);
  });

  it('keep columns, statements and the ends of prologues', () => {
    const text = '.file 1 "a.c"\n.globl _start\n_start: .loc 1 3 5 prologue_end\nnop\n.loc 1 4 2 is_stmt 0\nnop';
    const [unit] = readUnits(imageOf(linkedFiles({ 'a.s': text })).debug ?? {});
    expect(unit && readLines(unit).map(({ address: _address, ...row }) => row)).toEqual([
      { file: 'a.c', line: 3, column: 5, prologueEnd: true },
      { file: 'a.c', line: 4, column: 2, statement: false },
      { file: '', line: 0 },
    ]);
  });

  it('stay as a source writes them itself', () => {
    const own = '.section .debug_line, "", @progbits\n.word 1, 2, 3\n.text\n';
    const { bytes } = sectionOf(linkedFiles({ 'a.s': `${own}.globl _start\n_start: nop` }), '.debug_line');
    expect([...new Uint32Array(bytes.slice().buffer)]).toEqual([1, 2, 3]);
  });

  it('forget code that is not linked', () => {
    const text = '.globl _start\n_start: nop\n.section .text.unused, "ax"\nunused: ret';
    expect(rowsOf(linkedFiles({ 'a.s': text }, { removeGarbage: true })).map(([, , line]) => line)).toEqual([2, 0]);
  });
});
