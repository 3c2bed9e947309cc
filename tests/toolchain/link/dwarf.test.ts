/** The line table, read as DWARF 4 §6.2.5 says. */
import { describe, expect, it } from 'vitest';
import { withLineTable, withObjectLines, writeObject } from '../../../src/engine/toolchain/elf.ts';
import type { Linked } from '../../../src/engine/toolchain/link.ts';
import { inputOf, linkedFiles, objectOf, sectionOf } from './linking.ts';

type Row = readonly [address: bigint, file: number, line: number];

/** Rows of the table at `at`; line 0 ends a sequence. Knows the operations that are used. */
function decode(bytes: Uint8Array, at = 0): { readonly files: readonly string[]; readonly rows: readonly Row[] } {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at);
  const end = 4 + view.getUint32(0, true);
  const start = 10 + view.getUint32(6, true);
  const files: string[] = [];
  // Six bytes, the last of which counts the operand counts that follow, with one to spare; then no folders.
  for (let position = 16 + view.getUint8(15); view.getUint8(position) !== 0; ) {
    let name = '';
    while (view.getUint8(position) !== 0) name += String.fromCharCode(view.getUint8(position++));
    files.push(name);
    position += 4;
  }
  const rows: Row[] = [];
  let position = start;
  const leb = (signed: boolean): number => {
    let [value, shift, byte] = [0, 0, 0x80];
    while ((byte & 0x80) !== 0) {
      byte = view.getUint8(position++);
      value += (byte & 0x7f) * 2 ** shift;
      shift += 7;
    }
    return signed && (byte & 0x40) !== 0 ? value - 2 ** shift : value;
  };
  let [address, file, line] = [0n, 1, 1];
  while (position < end) {
    const operation = view.getUint8(position++);
    if (operation === 1) rows.push([address, file, line]);
    else if (operation === 2) address += BigInt(leb(false));
    else if (operation === 3) line += leb(true);
    else if (operation === 4) file = leb(false);
    else {
      const length = leb(false);
      if (view.getUint8(position) === 2) address = view.getBigUint64(position + 1, true);
      else {
        rows.push([address, file, 0]);
        [file, line] = [1, 1];
      }
      position += length;
    }
  }
  return { files, rows };
}

const linked = (files: Readonly<Record<string, string>>): Linked => withLineTable(linkedFiles(files));

describe('line table', () => {
  it('has every line of code, by file, and none of data', () => {
    const { bytes } = sectionOf(
      linked({ 'a.s': '.globl _start\n_start: nop\n\nli a0, 0x12345678\n.data\n.dword 1', 'b.s': '.text\nret\n' }),
      '.debug_line',
    );
    const start = 0x8000_0000n;
    expect(decode(bytes)).toEqual({
      files: ['a.s', 'b.s'],
      rows: [
        [start, 1, 2],
        [start + 4n, 1, 4],
        [start + 12n, 2, 2],
        [start + 16n, 2, 0],
      ],
    });
  });

  it('goes through an object file: whoever links it puts the addresses in', () => {
    const text = '.globl _start\n_start: nop\n.section .text.f, "ax"\nf: nop\n\nret\n.data\n.dword 1';
    const object = inputOf('a.o', writeObject(withObjectLines(objectOf('a.s', text))));
    const through = decode(sectionOf(linkedFiles({}, {}, [object]), '.debug_line').bytes);
    expect(through.files).toEqual(['a.s']);
    expect(through.rows.map(([address, , line]) => [Number(address - 0x8000_0000n), line])).toEqual([
      [0, 2],
      [4, 0],
      [4, 4],
      [8, 6],
      [12, 0],
    ]);
  });

  it('stands behind the tables that objects bring', () => {
    const own = '.section .debug_line, "", @progbits\n.word 1, 2, 3\n.text\n';
    const { bytes } = sectionOf(linked({ 'a.s': `${own}.globl _start\n_start: nop` }), '.debug_line');
    expect([...new Uint32Array(bytes.slice(0, 12).buffer)]).toEqual([1, 2, 3]);
    expect(decode(bytes, 12).rows.length).toBe(2);
  });
});
