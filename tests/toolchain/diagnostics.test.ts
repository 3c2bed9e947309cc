/** What a mistake is told: rows of statement, place, message, hint. */
import { describe, expect, it } from 'vitest';
import { build } from '../../src/engine/toolchain/build.ts';
import { inWords, told } from './building.ts';

/** A text, and all that is said about it: `line:column-endColumn: severity: message (hint)`. */
const rows: readonly (readonly [string, ...string[]])[] = [
  ['adddi a0, a1, 1', '1:1-6: error: unknown instruction `adddi` (did you mean `addi`?)'],
  ['  ADDI a0, a1, 1', '1:3-7: error: unknown instruction `ADDI` (instructions are in lower case: `addi`)'],
  [
    'mov a0, a1',
    '1:1-4: error: unknown instruction `mov` (use `mv rd, rs` for a register, `li rd, number` for a constant)',
  ],
  ['addi a0, a1', '1:1-5: error: `addi` takes 3 operands: rd, rs1, imm; here are 2'],
  ['ret a0', '1:5-7: error: `ret` takes no operands; here is 1'],
  [
    'lw a0 8(sp)',
    '1:1-3: error: `lw` takes the operands `rd, imm(rs1)` or `rd, symbol`; here is 1 (a comma is missing before `8`)',
  ],
  [
    'addi a0, a1, 5000',
    '1:14-18: error: imm is 5000; it takes −2048 to 2047 (load the number with `li` into a register and use `add`)',
  ],
  ['addi a0, a1, a2', '1:14-16: error: `a2` is a register; a number is needed here (for a register, use `add`)'],
  ['add a0, a1, s12', '1:13-16: error: unknown register `s12` (did you mean `s1`?)'],
  ['mv $a0, a1', '1:4-7: error: `$a0` is not a register (write `a0`, without $)'],
  ['mv A0, a1', '1:4-6: error: `A0` is not a register (registers are in lower case: `a0`)'],
  ['beq a0, 5, .', '1:9-10: error: `5` stands where a register is needed (load the number with `li` first)'],
  [
    'lw a0, 8',
    '1:8-9: error: `lw` needs a base register or a symbol here (write offset(register); for a fixed address, load it with `li` first)',
  ],
  [
    'lw a0, 4096(sp)',
    '1:8-12: error: imm is 4096; it takes −2048 to 2047 (add the offset to the base register first (`li` and `add`))',
  ],
  [
    'sd a0, here',
    '1:8-12: error: `here` has no base register (to store to a symbol, name a scratch register: `sd a0, symbol, t0`)',
  ],
  ['amoadd.w a0, a1, a2', '1:18-20: error: the address must be a register in parentheses (write `(a2)`)'],
  ['fadd.d fa0, a1, fa2', '1:13-15: error: `a1` is an integer register; a floating-point register is needed here'],
  ['fadd.d fa0, fa1, fa22', '1:18-22: error: unknown floating-point register `fa22` (did you mean `fa2`?)'],
  ['fmv.x.w fa0, fa1', '1:9-12: error: `fa0` is a floating-point register; an integer register is needed here'],
  [
    'fadd.d fa0, fa1, fa2, up',
    '1:23-25: error: `up` stands where a rounding mode is needed (one of rne, rtz, rdn, rup, rmm, dyn)',
  ],
  ['.double 0x10', '1:9-13: error: `0x10` is not a decimal number'],
  ['.float 1e39', '1:8-12: error: `1e39` is too large (for infinity, write `inf`)'],
  ['slli a0, a0, 64', '1:14-16: error: shamt is 64; it takes 0 to 63'],
  ['csrr a0, mstatuss', '1:10-18: error: unknown CSR `mstatuss` (did you mean `mstatus`?)'],
  [
    'csrw mstatus, 32',
    '1:15-17: error: uimm is 32; it takes 0 to 31 (load the number with `li` into a register and use `csrrw`)',
  ],
  [
    'fence rx, w',
    '1:7-9: error: `rx` stands where a set of accesses is needed (letters of `iorw`, in this order: `rw`, `w`, `iorw`)',
  ],
  [
    'j a0',
    '1:3-5: error: `a0` is a register; a label is needed here (to jump to the address in it, use `jr a0`; to call it, `jalr a0`)',
  ],
  ['j lop\nloop:', '1:3-6: error: undefined symbol `lop` (did you mean `loop`?)'],
  [
    'c.ld t0, 8(a0)',
    '1:6-8: error: `t0` does not fit here; it takes s0, s1 and a0 to a5 (write the instruction without `c.`: it takes four bytes and any register)',
  ],
  [
    'c.fsd ft0, 8(a0)',
    '1:7-10: error: `ft0` does not fit here; it takes fs0, fs1 and fa0 to fa5 (write the instruction without `c.`: it takes four bytes and any register)',
  ],
  ['c.fldsp a0, 8(sp)', '1:9-11: error: `a0` is an integer register; a floating-point register is needed here'],
  ['c.ldsp a0, 8(a0)', '1:14-16: error: `a0` stands where `sp` is needed'],
  ['c.ld a0, 4(a0)', '1:10-11: error: uimm is 4; it takes a multiple of 8 (write `ld`, which takes four bytes)'],
  ['c.lwsp x0, 0(sp)', '1:8-10: error: `c.lwsp` does not take x0 here (write `lw`, which takes four bytes)'],
  ['c.addi16sp sp, 0', '1:16-17: error: imm is 0; it takes −512 to 496, not 0 (write `addi`, which takes four bytes)'],
  [
    'c.lui a0, 32',
    '1:11-13: error: the upper immediate takes 1 to 31, or 0xfffe0 to 0xfffff here (write `lui`, which takes four bytes)',
  ],
  [
    'c.beqz a0, far\n.zero 300\nfar:',
    '1:12-15: error: `far` is 302 bytes away; this reaches 254 bytes (write it without `c.`: `beqz` and `bnez` reach 4 KiB, and further by themselves)',
  ],
  [
    'c.j far\n.zero 3000\nfar:',
    '1:5-8: error: `far` is 3 KiB away; this reaches 2 KiB (write it without `c.`: `j` reaches 1 MiB)',
  ],
  [
    '.option norvc\nc.nop',
    '2:1-6: error: `c.nop` is compressed, and `.option norvc` forbids that (write `.option rvc`)',
  ],
  [
    '.option arch, -c\nc.nop',
    '2:1-6: error: `c.nop` is compressed, and `.option norvc` forbids that (write `.option rvc`)',
  ],
  ['.option push\n.option norvc\n.option pop\nc.nop'],
  ['.option pop', '1:9-12: error: there is no `.option push` before this `.option pop`'],
  [
    'li a0, COUNT',
    '1:8-13: error: the operand of `li` must be a number that is known here, and `COUNT` is not defined before this line (define it above: .equ COUNT, value)',
  ],
  [
    'x: li a0, x',
    '1:11-12: error: the operand of `li` must be a number, and `x` is the address of a label (for an address, use `la`)',
  ],
  [
    'lui a0, 0x100000',
    '1:9-17: error: the upper immediate is 0x100000; it takes 0 to 0xfffff (bits 31 to 12 of the result) (for a whole number, use `li`; for an address, `la`)',
  ],
  [
    'lui a0, %hi(_start)',
    '1:9-20: error: the address of `_start`, 0x80000000, does not fit (`lui` reaches only 2 GiB around zero: use `la`, which is relative to the pc)',
  ],
  [
    'x: addi a0, a0, %tprel_lo(x)',
    '1:17-29: error: `x` is not thread-local: it has an address, and no offset from `tp` (put it into `.tdata` or `.tbss`, or use `la`)',
  ],
  [
    'ld a0, %pcrel_lo(x)(a0)\nx:',
    '1:8-20: error: `%pcrel_lo` does not name an `auipc` with `%pcrel_hi` (it takes the label of the `auipc` with `%pcrel_hi`, not the symbol itself; `la` does both)',
  ],
  [
    'x:\nx: nop',
    '2:1-2: error: `x` is already defined at main.s:3:1 (rename one of them, or use numeric labels (`1:` with `1b`, `1f`))',
  ],
  ['j 1b\n1:', '1:3-5: error: no label `1:` stands before this (for one that follows, write `1f`)'],
  ['1: j 1f', '1:6-8: error: no label `1:` follows (for one that stands before, write `1b`)'],
  ['.wrod 5', '1:1-6: error: unknown directive `.wrod` (did you mean `.word`?)'],
  ['.eqv X, 5', '1:1-5: error: unknown directive `.eqv` (use `.equ name, value`)'],
  ['.byte 300', '1:7-10: warning: the value does not fit in 8 bits; 0x2c is kept (for the whole value, use `.half`)'],
  ['.data\n.half x\nx:', '2:7-8: error: the address `x` does not fit in two bytes (addresses take `.dword`)'],
  ['.asciz "abc', '1:8-12: error: this string is not closed (write `"` where it ends)'],
  ['.ascii "a\\q"', '1:10-12: error: \\q is not an escape (for a backslash, write \\\\)'],
  [
    '.align 4096',
    '1:8-12: error: `.align` takes a power of two from 0 to 24; 4096 is too large (for 4096 bytes, write `.align 12` or `.balign 4096`)',
  ],
  [
    '.bss\n.word 5',
    '2:7-8: error: `.bss` starts as zeros and holds no data (write `.data` before it, or `.zero size`)',
  ],
  ['.bss\nnop', '2:1-4: error: instructions cannot stand in .bss (write `.text` before them)'],
  ['.data\nnop\nnop', '2:1-4: warning: instructions in `.data`, which is not for code (write `.text` before them)'],
  ['.org 8\n.org 4', '2:6-7: error: `.org` cannot go back: 0x4 is before 0x8'],
  ['.if 1\nnop', '1:1-6: error: this conditional has no `.endif` (write `.endif` where it ends)'],
  ['.endif', '1:1-7: error: `.endif` without an `.if` before it'],
  ['.macro m\nnop', '1:1-9: error: `.macro` has no end (write `.endm` where it ends)'],
  ['.macro m a:req\nnop\n.endm\nm', '4:1-2: error: macro `m` needs an argument for `a` (it takes one argument: a)'],
  ['.macro m a\nnop\n.endm\nm 1, 2', '4:6-7: error: macro `m` takes one argument: a; `2` is too much'],
  [
    '.macro m r\nnop\nmv \\r, q5\n.endm\nm a0',
    '5:1-5: error: unknown register `q5` (macro `m`, main.s:5) (did you mean `a5`?)',
  ],
  [
    '.macro m\nm\n.endm\nm',
    '4:1-2: error: macro `m` calls itself without end (macro `m`, main.s:4, called in macro `m`, main.s:4, called in macro `m`, main.s:4) (end the recursion with `.if`)',
  ],
  ['.rept 10000000\nnop\n.endr', '2:1-4: error: macros and repetitions produce too many statements'],
  [
    '.space 1 << 40',
    '1:8-15: error: a program may hold at most 64 MiB of code and data (put large arrays that start as zero into `.bss`)',
  ],
  ['.include "other.s"', '1:10-19: error: there is no file `other.s` in this lab (files: main.s)'],
  ['.incbin "disk.img"', '1:9-19: error: there is no file of bytes `disk.img` here'],
  ['li a0, ’a’', "1:8-9: error: '’' (U+2019) is not a character of assembly (type ''')"],
  ['li a0, 09', '1:8-10: error: `09` is not an octal number, as its leading zero says'],
  ['li a0, 0x1ffffffffffffffff', '1:8-27: error: `0x1ffffffffffffffff` does not fit in 64 bits'],
  ['.word 1 / 0', '1:7-12: error: division by zero'],
  ['.dword x * 2\nx:', '1:8-13: error: `*` needs numbers, and `x` is an address that the linker decides'],
  ['.set a, b\n.set b, a + 1', '1:6-7: error: `b` is defined by itself', '2:6-7: error: `b` is defined by itself'],
  [
    '#define SIZE 5',
    '1:1-8: warning: `#define` is only a comment here: assembly is not run through the C preprocessor (write `.equ NAME, value`, or `.macro` for code)',
  ],
  ['/* open', '1:1-3: error: this comment is not closed (write `*/` where it ends)'],
  [
    '.dword 1 << 2 + 3',
    '1:8-18: warning: `1 << 2 + 3` means something else in C: operators bind here as in GNU as: `* / % << >>` first, then `& | ^`, then `+ -` (write parentheses)',
  ],
  // Nothing to say.
  ['# 12 "kernel.c"'],
  ['# if a0 is zero, return'],
  ['.option norvc; .attribute arch, "rv64i"; .cfi_startproc; .file "a.c"; .ident "x"; .loc 1 2'],
  ['.dword (1 << 2) + 3, 1 + 2 * 3, 4 - 2 - 1'],
];

describe('diagnostics', () => {
  for (const [text, ...expected] of rows) {
    it(text.replaceAll('\n', ' ⏎ ') + (expected.length === 0 ? ' is fine' : ''), () => {
      expect(told(text)).toEqual(expected);
    });
  }

  it('reports many errors in one pass, in the order of the text', () => {
    const lines = told('adddi a0, a0, 1\nnop\nlw a0, 9999(sp)\nj missing\nli a0, 5\n.byte "x"').map(
      (each) => each.split(':')[0],
    );
    expect(lines).toEqual(['1', '3', '4', '6']);
  });

  it('an undefined symbol that another file keeps to itself', () => {
    const { diagnostics } = build([
      { name: 'a.s', text: '.globl _start\n_start: call helper\n' },
      { name: 'b.s', text: 'helper: ret\n' },
    ]);
    expect(diagnostics.map(inWords)).toEqual([
      'a.s:2:14-20: error: undefined symbol `helper` (b.s defines it: write `.globl helper` there)',
    ]);
  });

  it('a global symbol that two files define', () => {
    const { diagnostics } = build([
      { name: 'a.s', text: '.globl _start, f\n_start:\nf: ret\n' },
      { name: 'b.s', text: '.globl f\nf: ret\n' },
    ]);
    expect(diagnostics.map(inWords)).toEqual([
      'b.s:2:1-2: error: `f` is already defined at a.s:3:1 (keep one of them, or leave one without `.globl`)',
    ]);
  });

  it('files of which none is a source', () => {
    expect(build([{ name: 'main', text: '_start: j .' }]).diagnostics.map(inWords)).toEqual([
      'main:1:1-2: error: there is nothing to build (sources have names that end in `.S`, `.s` or `.c`)',
    ]);
  });

  it('a missing or hidden entry is a warning', () => {
    expect(build([{ name: 'a.s', text: 'nop' }]).diagnostics.map(inWords)).toEqual([
      'a.s:1:1-2: warning: there is no `_start`: the program starts at its first byte (write `.globl _start` and `_start:`)',
    ]);
    expect(build([{ name: 'a.s', text: 'nop\n_start:' }]).diagnostics.map(inWords)).toEqual([
      'a.s:2:1-7: warning: `_start` is where the program starts, but other files cannot see it (write `.globl _start`)',
    ]);
  });
});
