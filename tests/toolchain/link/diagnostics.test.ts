/** What is said about linker scripts and objects, in words, with the place in the script. */
import { describe, expect, it } from 'vitest';
import { build } from '../../../src/engine/toolchain/build.ts';
import { inWords } from '../building.ts';
import { linkFiles } from './linking.ts';

const program = '.globl _start, value\n_start: nop\n.data\nvalue: .dword 1\n.bss\n.zero 64\n';

const saidOf = (script: string, text = program): string[] =>
  linkFiles({ 'a.s': text, 'k.ld': script }).told.map((each) => each.replace('k.ld:', ''));

/** Within `SECTIONS { … }`, on a line of its own. */
const within = (text: string): string => `SECTIONS {\n${text}\n}`;

const scripts: readonly (readonly [string, ...string[]])[] = [
  ['SECTION { }', '1:1-8: error: `SECTION` is not a command of linker scripts (did you mean `SECTIONS`?)'],
  [
    '.text : { *(.text) }',
    '1:1-6: error: `.text` is not a command of linker scripts (output sections stand within `SECTIONS { … }`)',
  ],
  [
    'ENTRY(begin)',
    '1:7-12: warning: there is no `begin`: the program starts at its first byte (write `.globl begin` and `begin:`)',
  ],
  [
    'ENTRY(_strat)',
    '1:7-13: warning: there is no `_strat`: the program starts at its first byte (did you mean `_start`?)',
  ],
  ['ENTRY _start', '1:7-13: error: `(` after ENTRY is needed here, not `_start`'],
  ['/* open', '1:1-3: error: this comment is not closed (write `*/` where it ends)'],
  ['SECTIONS {', '1:10-11: error: `SECTIONS` is not closed (write `}` where it ends)'],
  ['SECTIONS { } }', '1:14-15: error: this `}` closes nothing (a `{` is missing before it, or it is one too many)'],
  [
    'INCLUDE other.ld',
    '1:1-8: error: `INCLUDE`: other scripts cannot be read from here (write its text in this place)',
  ],
  [
    within('. = 0x80000000\n.text : { *(.text) }'),
    '3:1-6: error: `;` after the assignment is needed here, not `.text`',
  ],
  [within('.text { *(.text) }'), '2:7-8: error: a value is needed here, not `{`'],
  [
    within('.text : *(.text)'),
    '2:9-10: error: `{` is needed here, not `*` (between `:` and `{` may stand AT(…), ALIGN(…) and SUBALIGN(…))',
  ],
  [
    within('.text : { *(.text }'),
    '2:19-20: error: a pattern for names is needed here, not `}` (for example `*(.text)`)',
  ],
  [within('.text : { *(.text)'), '1:10-11: error: `SECTIONS` is not closed (write `}` where it ends)'],
  [within('. = ALING(16);'), '2:5-10: error: there is no function `ALING` (did you mean `ALIGN`?)'],
  [within('. = ALIGN(24);'), '2:5-10: error: the alignment is 24; it must be a power of two'],
  [within('. = 0x8000000g;'), '2:5-15: error: `0x8000000g` is not a number (numbers are 64, 0x40 or 4K)'],
  [within('. = 12345678901234567890123;'), '2:5-28: error: `12345678901234567890123` does not fit in 64 bits'],
  [within('x = valeu + 1;'), '2:5-10: error: `valeu` is not defined (did you mean `value`?)'],
  [within('x = 1 / (2 - 2);'), '2:7-8: error: division by zero'],
  [within('x = SIZEOF(.text;'), '2:17-18: error: `)` to close `SIZEOF(` is needed here, not `;`'],
  [
    within('x = ADDR(.txt); .text : { *(.text) }'),
    '2:5-9: error: there is no output section `.txt` (did you mean `.text`?)',
  ],
  [within('x = ORIGIN(RAM);'), '2:5-11: error: there is no memory region `RAM`'],
  [within('ASSERT(1 == 2, "one is not two")'), '2:1-7: error: one is not two'],
  [within('ASSERT(1 == 1)'), '2:14-15: error: `,` before the message is needed here, not `)`'],
  [within('x += 1;'), '2:1-2: error: `x` has no value yet that could be changed'],
  [
    within('.text : { *(.text) . = 2; }'),
    '2:20-21: error: the location counter cannot go back, from 0x4 to 0x2 (within a section a plain number is an offset from its start: for an address, move it before the section)',
  ],
  [
    within('.text : { . = 0x80000000; *(.text) }'),
    '2:1-6: error: `.text` makes the file larger than 512 MiB (for an address, move the location counter before the section and not within it)',
  ],
  [
    within('.text 0x1000 : { *(.text) }\n.data 0x1002 : { *(.data) }'),
    '3:1-6: error: `.data` overlaps `.text`: its address is 0x1002, and that one ends at 0x1004 (move one of them, or let it follow the other without an address)',
  ],
  [
    'MEMORY { RAM : ORIGIN = 0x1000, LENGTH = 16 }\nSECTIONS { .text : { *(.text) } > ROM }',
    '2:35-38: error: there is no memory region `ROM` (did you mean `RAM`?)',
  ],
  [
    'MEMORY { RAM : ORIGIN = 0x1000, LENGTH = 16 }\nSECTIONS { .text : { *(.text .data) . = ALIGN(32); } > RAM }',
    '2:12-17: error: `.text` does not fit into region `RAM`: it ends 16 bytes behind it (make the region larger, or move something out of it)',
  ],
  [
    'MEMORY { RAM ORIGIN = 0, LENGTH = 1 }',
    '1:14-20: error: `:` after the name of the region is needed here, not `ORIGIN` (a region is `RAM (rwx) : ORIGIN = 0x80000000, LENGTH = 128M`)',
  ],
  ['PHDRS { text PT_LOD; }', '1:14-20: error: `PT_LOD` is not a type of segment (did you mean `PT_LOAD`?)'],
  [
    'PHDRS { text PT_LOAD; }\nSECTIONS { .text : { *(.text) } :txt }',
    '2:34-37: error: PHDRS has no segment `txt` (it has text)',
  ],
  // Nothing to say.
  ['OUTPUT_ARCH(riscv)\nOUTPUT_FORMAT("elf64-littleriscv", "elf64-littleriscv", "elf64-littleriscv")\nENTRY(_start);'],
  [within('.text : { *(.text) } PROVIDE(a = .); PROVIDE_HIDDEN(b = .); HIDDEN(c = .); "quoted" = 4;')],
  ['SECTIONS { . = 0x80000000 ; }\nSECTIONS { .text : { *(.text*) } .data : { *(.data) *(.bss) } }\n_end = .;'],
];

describe('linker scripts', () => {
  for (const [text, ...expected] of scripts) {
    it(text.replaceAll('\n', ' ⏎ ') + (expected.length === 0 ? ' is fine' : ''), () => {
      expect(saidOf(text)).toEqual(expected);
    });
  }

  it('several mistakes are told at once', () => {
    const lines = saidOf(within('a = ;\n.text : { *(.text) BYTE() }\nb = FOO(1);\nc = 08x;\n.bss : { *(.bss) }'));
    expect(lines.map((each) => each.split(':')[0])).toEqual(['2', '3', '4', '5']);
  });

  it('a script among the sources of a lab is the layout, and its mistakes stand with the others', () => {
    const sources = [
      { name: 'main.s', text: '.globl boot\nboot: la a0, stack_top\n' },
      {
        name: 'kernel.ld',
        text: 'ENTRY(boot)\nSECTIONS { . = 0x80200000; .text : { *(.text) } stack_top = . + 4096; }\n',
      },
    ];
    const result = build(sources);
    expect(result.diagnostics).toEqual([]);
    expect(result.ok && result.image.entry).toBe(0x8020_0000n);
    const broken = build(sources.map((each) => ({ ...each, text: each.text.replace('stack_top =', 'stack_tip =') })));
    expect(broken.diagnostics.map(inWords)).toEqual([
      'main.s:2:14-23: error: undefined symbol `stack_top` (did you mean `stack_tip`?)',
    ]);
  });
});

const objects: readonly (readonly [title: string, files: Readonly<Record<string, string>>, ...said: string[]])[] = [
  [
    'a symbol in a section that the script discards',
    {
      'a.s': '.globl _start\n_start: la a0, gone\n.section .junk, "a"\ngone: .word 1',
      'k.ld': 'SECTIONS { .text : { *(.text) } /DISCARD/ : { *(.junk) } }',
    },
    'a.s:2:16-20: error: `gone` lies in a section that the linker left out (KEEP the section, or do not discard it)',
  ],
  [
    'an address of a shared object taken without the table',
    { 'a.s': '.globl f\nf: lui a0, %hi(g)\n.globl g\ng: ret' },
    'a.s:2:12-18: error: the address of `g` is not known when this is linked (take it from the global offset table: `.option pic` before `la`; in C, compile with -fPIC)',
  ],
  [
    'an offset from tp in a shared object',
    { 'a.s': '.globl f\nf: lui a0, %tprel_hi(t)\n.section .tbss, "awT", @nobits\nt: .zero 8' },
    'a.s:2:12-24: error: the offset of `t` from `tp` is not known when a shared object is linked (use `la.tls.ie` or `la.tls.gd`; in C, compile with -fPIC)',
  ],
];

describe('objects', () => {
  for (const [title, files, ...said] of objects) {
    it(title, () => {
      const kind = 'k.ld' in files ? 'static' : 'shared';
      expect(linkFiles(files, { kind }).told).toEqual(said);
    });
  }
});
