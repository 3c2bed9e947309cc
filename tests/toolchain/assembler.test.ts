/** What GNU as does not do or cannot show in a program: rows of source and words or bytes. */
import { describe, expect, it } from 'vitest';
import { addressesOf, findSymbol, lineAt } from '../../src/engine/image.ts';
import { built, builtFiles, flatBytes, hex, words } from './building.ts';

const nop = '00000013';

describe('syntax', () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ['several statements on a line', 'nop; nop ;nop', 'nop\nnop\nnop'],
    ['a label before a statement', 'a: b: nop', 'nop'],
    ['comments of every kind', 'nop # x ; nop\nnop // x\n/* nop\nnop */ nop /* y */; nop', 'nop\nnop\nnop\nnop'],
    ['comment marks in strings', ".byte '#', ';', '\"' # x", '.byte 35, 59, 34'],
    ['carriage returns', 'nop\r\nnop\r\n', 'nop\nnop'],
    ['blanks before a label’s colon', 'x : j x', 'j .'],
    ['register names', 'add x1, fp, x31', 'add ra, s0, t6'],
    [
      'an immediate where a register is usual',
      'add a0, a1, 4\nand a0, a0, 7\ncsrw mscratch, 5',
      'addi a0, a1, 4\nandi a0, a0, 7\ncsrwi mscratch, 5',
    ],
    ['an offset that is left out', 'lw a0, (sp)\nsc.d a0, a1, 0(a2)', 'lw a0, 0(sp)\nsc.d a0, a1, (a2)'],
    ['offsets with parentheses', 'ld a0, (2 + 1) * 8(sp)', 'ld a0, 24(sp)'],
    ['negative upper immediates', 'lui a0, -1\nlui a0, -0x80000', 'lui a0, 0xfffff\nlui a0, 0x80000'],
    [
      'a CSR by a number, a name or an expression',
      '.equ C, 0x300\ncsrr a0, 768\ncsrr a0, C\ncsrr a0, C + 1',
      'csrr a0, mstatus\ncsrr a0, mstatus\ncsrr a0, misa',
    ],
    ['directives in capitals', '.IF 1\nnop\n.ENDIF', 'nop'],
    ['an immediate that is defined below', 'addi a0, a0, SIZE\n.equ SIZE, 12', 'addi a0, a0, 12'],
    ['a distance as an immediate', 'x: nop\nw: li a0, w - x\naddi a1, a1, y - x\ny:', 'nop\nli a0, 4\naddi a1, a1, 12'],
    ['a branch to an address', 'beq a0, a1, 0x80000010\nj 0x80000000', 'beq a0, a1, . + 16\nj . - 4'],
    ['a label named like a register', 'la t0, a0\na0: j a0', 'auipc t0, 0\naddi t0, t0, 8\nj .'],
    ['local labels by number', '1: j 1b\nj 1f\n1: j 1b\n01: j 1b', 'j .\nj . + 4\nj .\nj .'],
    ['code is aligned even after odd data', '.byte 1\n.align 2\nnop', '.byte 1, 0, 1, 0\nnop'],
  ];
  for (const [title, text, same] of rows) {
    it(title, () => {
      expect(words(text)).toEqual(words(same));
    });
  }
});

describe('macros', () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ['a macro may take the name of an instruction', '.macro exit\nli a7, 93\necall\n.endm\nexit', 'li a7, 93\necall'],
    ['arguments by name and by place', '.macro m a, b=2\nli \\a, \\b\n.endm\nm a0\nm b=3, a=a1', 'li a0, 2\nli a1, 3'],
    ['recursion that ends', '.macro m n\n.if \\n\nnop\nm (\\n - 1)\n.endif\n.endm\nm 3', 'nop\nnop\nnop'],
    ['.purgem', '.macro m\nnop\n.endm\nm\n.purgem m\n.macro m\nret\n.endm\nm', 'nop\nret'],
    ['a repetition of none', '.rept 0\nnop\n.endr\nret', 'ret'],
    [
      'nested repetitions',
      '.rept 2\n.irp r, a0, a1\nmv \\r, zero\n.endr\n.endr',
      'mv a0, zero\nmv a1, zero\nmv a0, zero\nmv a1, zero',
    ],
    ['.exitm leaves open conditionals', '.macro m\n.if 1\nnop\n.exitm\n.endif\nnop\n.endm\nm\nret', 'nop\nret'],
  ];
  for (const [title, text, same] of rows) {
    it(title, () => {
      expect(words(text)).toEqual(words(same));
    });
  }
});

describe('defines', () => {
  it('are seen by expressions and by .if in every file', () => {
    const image = builtFiles(
      {
        'a.s': '.globl _start\n_start: li a0, SEED\n.ifdef SEED\n.if SEED > 4\nnop\n.endif\n.endif',
        'b.s': '.dword SEED',
      },
      { defines: { SEED: 5n } },
    );
    expect(hex(flatBytes(image))).toBe('13055000' + '13000000' + '0500000000000000');
    expect(findSymbol(image, 'SEED')).toBeUndefined();
  });
});

describe('including', () => {
  it('a file of the lab; what is not a source by its name is not assembled by itself', () => {
    const image = builtFiles({
      'main.s': '.include "regs.inc"\n.globl _start\n_start: li a0, UART',
      'regs.inc': '.equ UART, 7',
      'README.md': '# What this is',
      Makefile: 'all: main.elf',
    });
    expect(hex(flatBytes(image))).toBe('13057000');
  });
});

describe('sections', () => {
  it('go .text, .rodata, .data, .bss, others; one segment for each set of permissions', () => {
    const image = built(
      '.bss\nz: .zero 8\n.section own, "aw"\n.dword 3\n.data\n.dword 2\n.section .rodata\n.dword 1\n.text\n.globl _start\n_start: nop\nnop',
    );
    const parts = image.segments.map(({ virtual, bytes, size, writable, executable }) => [
      virtual - 0x8000_0000n,
      bytes.length,
      size,
      `${writable ? 'w' : ''}${executable ? 'x' : ''}`,
    ]);
    expect(parts).toEqual([
      [0n, 8, 8, 'x'],
      [8n, 8, 8, ''],
      // .data, .bss and `own`: the zeros in between are bytes, since bytes follow.
      [16n, 24, 24, 'w'],
    ]);
    expect(findSymbol(image, 'z')?.address).toBe(0x8000_0018n);
  });

  it('a section without flags is data, or code once an instruction stands in it', () => {
    const image = built('.globl _start\n_start: nop\n.section one\n.dword 1\n.section two\nnop');
    expect(image.segments.map(({ executable, writable }) => ({ executable, writable }))).toEqual([
      { executable: true, writable: false },
      { executable: false, writable: true },
      { executable: true, writable: false },
    ]);
  });

  it('.bss takes no bytes', () => {
    const image = built('.globl _start\n_start: nop\n.bss\n.space 1 << 30');
    expect(image.segments.at(-1)).toMatchObject({ size: 2 ** 30 });
    expect(image.segments.at(-1)?.bytes.length).toBe(0);
  });

  it('sections that are not loaded are left out', () => {
    expect(words('.section .comment\n.asciz "x"\n.section .debug_info, ""\n.word 5\n.text\nnop')).toEqual([nop]);
  });
});

describe('origin and entry', () => {
  it('code in the upper half, loaded low', () => {
    const image = built('.globl _start\n_start: nop\nx: .dword x', {
      origin: 0xffff_ffff_8000_0000n,
      physical: 0x8000_0000,
    });
    expect(image.entry).toBe(0xffff_ffff_8000_0000n);
    expect(image.segments[0]).toMatchObject({ physical: 0x8000_0000, virtual: 0xffff_ffff_8000_0000n });
    expect(
      hex(flatBytes({ ...image, segments: image.segments.map((each) => ({ ...each, virtual: 0x8000_0000n })) })),
    ).toBe('13000000' + '04000080ffffffff');
  });

  it('another entry', () => {
    expect(built('nop\n.globl boot\nboot: nop', { entry: 'boot' }).entry).toBe(0x8000_0004n);
  });
});

describe('symbols', () => {
  it('come in the order of their definition, with kind, scope and size; local labels stay out', () => {
    const image = built(
      '.globl _start\n.type f, @function\n.equ K, 7\n_start: call f\n1: j 1b\n.Lx: nop\nf: ret\n.size f, . - f\n.data\n.type d, @object\n.size d, 8\nd: .dword K',
    );
    expect(image.symbols.map(({ name, kind, scope, size }) => [name, kind, scope, size])).toEqual([
      ['K', 'absolute', 'local', 0],
      ['_start', 'label', 'global', 0],
      ['f', 'function', 'local', 4],
      ['d', 'object', 'local', 8],
    ]);
  });

  it('a strong definition replaces a weak one', () => {
    const image = builtFiles({
      'a.s': '.globl _start\n.weak hook\n_start: j hook\nhook: nop',
      'b.s': '.globl hook\nhook: nop',
    });
    expect(image.symbols.filter(({ name }) => name === 'hook')).toMatchObject([{ file: 'b.s', scope: 'global' }]);
    expect(hex(flatBytes(image)).slice(0, 8)).toBe('6f008000');
  });

  it('names that the linker gives', () => {
    const image = built(
      '.globl _start\n_start: nop\n.data\n.dword __bss_start, _bss_end, _end, _etext, __start_own, __stop_own\n.bss\n.zero 16\n.section own, "aw"\n.byte 1',
    );
    const view = new DataView(flatBytes(image).buffer);
    const values = Array.from({ length: 6 }, (_, index) =>
      Number(view.getBigUint64(4 + 8 * index, true) - 0x8000_0000n),
    );
    expect(values).toEqual([52, 68, 69, 4, 68, 69]);
  });
});

describe('line map', () => {
  it('one entry for a line; a macro’s instructions belong to the call', () => {
    const text =
      '.macro two\nnop\nnop\n.endm\n.globl _start\n_start: two\nli a0, 0x12345678\n\n.rept 2\nret\n.endr\n.data\n.word 5';
    const lines = built(text).lines.map(({ address, line }) => [Number(address - 0x8000_0000n), line]);
    expect(lines).toEqual([
      [0, 6],
      [8, 7],
      [16, 10],
      [24, 13],
      [28, 0],
    ]);
  });

  it('follows instructions of two bytes, and breakpoints find them', () => {
    const image = built('.globl _start\n_start: c.nop\nnop\nc.nop\nret');
    expect(image.lines.map(({ address, line }) => [Number(address - 0x8000_0000n), line])).toEqual([
      [0, 2],
      [2, 3],
      [6, 4],
      [8, 5],
      [12, 0],
    ]);
    expect(addressesOf(image, 'main.s', 3)).toEqual([0x8000_0002n]);
    expect(lineAt(image, 0x8000_0004n)?.line).toBe(3);
  });

  it('names each file', () => {
    const image = builtFiles({ 'a.s': '.globl _start\n_start: nop', 'b.s': 'ret' });
    expect(image.lines.map(({ file, line }) => `${file}:${line}`)).toEqual(['a.s:2', 'b.s:1', 'b.s:0']);
  });
});
