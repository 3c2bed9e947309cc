import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { EscapeKeys, type Terminal } from '../../src/cli/run/terminal.ts';
import { build } from '../../src/engine/toolchain/build.ts';
import { writeElf } from '../../src/engine/toolchain/elf.ts';

const place = mkdtempSync(join(tmpdir(), 'guesthouse-run-'));
afterAll(() => rmSync(place, { recursive: true }));

let count = 0;
function put(content: string | Uint8Array, ending = '.S'): string {
  const path = join(place, `f${count++}${ending}`);
  writeFileSync(path, content);
  return path;
}

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly closed: number;
}

/** Types `input` at once, then nothing more; `answer` may type when something was printed. */
async function run(args: readonly string[], input = '', answer?: (out: string) => string | undefined): Promise<Ran> {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  let out = '';
  let err = '';
  let closed = 0;
  let hear: (bytes: Uint8Array | undefined) => void = () => {};
  const terminal: Terminal = {
    listen(heard) {
      hear = heard;
      if (input !== '') heard(encoder.encode(input));
      if (answer === undefined) heard(undefined);
    },
    write(bytes) {
      out += decoder.decode(bytes);
      const typed = answer?.(out);
      if (typed !== undefined) setImmediate(() => hear(encoder.encode(typed)));
    },
    close: () => closed++,
  };
  const output = { write: () => {}, complain: (text: string) => (err += text), terminal: () => terminal };
  const code = await main(['run', ...args], output);
  return { code, out, err, closed };
}

const finish = (value: number): string => `li t0, 0x100000\nli t1, ${value}\nsw t1, 0(t0)\n1: j 1b\n`;
const start = '.globl _start\n_start:\n';
const pass = `${start}${finish(0x5555)}`;
const call = (extension: number, fid: number): string => `li a7, ${extension}\nli a6, ${fid}\necall\n`;
const hello = `${start}la s0, text
  1: lbu a0, 0(s0)\n beqz a0, 2f\n ${call(0x4442434e, 2)} addi s0, s0, 1\n j 1b
  2: li a0, 0\n li a1, 0\n ${call(0x53525354, 0)}
  .section .rodata\n text: .asciz "hello from S-mode\\n"\n`;
/** Gives every byte back until a `q`, asleep in between. */
const echo = `${start}la t0, handler
  csrw stvec, t0
  li s0, 0x10000000
  li t0, 1\n sb t0, 1(s0)
  li s1, 0x0c000000
  li t0, 1\n sw t0, 40(s1)
  li t1, 0x2080\n add t1, t1, s1\n li t0, 1 << 10\n sw t0, 0(t1)
  li t1, 0x201000\n add s2, t1, s1\n sw zero, 0(s2)
  li t0, 512\n csrw sie, t0
  li a0, '>'\n sb a0, 0(s0)
  1: wfi\n csrsi sstatus, 2\n csrci sstatus, 2\n j 1b
  .balign 4
  handler: lw t2, 4(s2)
  2: lbu t0, 5(s0)\n andi t0, t0, 1\n beqz t0, 3f
  lbu a0, 0(s0)\n sb a0, 0(s0)\n li t1, 'q'\n bne a0, t1, 2b
  ${finish(0x5555)}
  3: sw t2, 4(s2)\n sret\n`;

function elf(source: string, origin = 0x8020_0000n): Uint8Array {
  const built = build([{ name: 'kernel.S', text: source }], { origin });
  if (!built.ok) throw new Error(JSON.stringify(built.diagnostics));
  return writeElf(built.image);
}

describe('guesthouse run', () => {
  it('runs an ELF kernel in S-mode on the firmware', async () => {
    const { code, out, err, closed } = await run([put(elf(hello), '.elf')]);
    expect({ code, out, err }).toEqual({ code: 0, out: 'hello from S-mode\n', err: '' });
    expect(closed).toBe(1);
  });

  it('assembles a kernel', async () => {
    expect((await run([put(hello)])).out).toBe('hello from S-mode\n');
  });

  it.each([
    [[], 'hello from S\n'],
    [['--firmware', 'none'], 'hello from M\n'],
  ])('compiles C, with the guest library around it (%j)', async (options, said) => {
    const text = `#include <rt/harts.h>
      #include <rt/printf.h>
      int main(void) { printf("hello from %c\\n", machine_mode ? 'M' : 'S'); return 3; }`;
    const { code, out } = await run([put(text, '.c'), ...options]);
    expect([code, out]).toEqual([3, said]);
  });

  it('takes a flat kernel, by its option', async () => {
    const built = build([{ name: 'kernel.S', text: pass }], { origin: 0x8020_0000n });
    const flat = built.ok ? (built.image.segments[0]?.bytes ?? new Uint8Array()) : new Uint8Array();
    expect((await run(['--kernel', put(flat, '.bin')])).code).toBe(0);
  });

  it('has a network card and entropy where they are asked for, behind the disks', async () => {
    // The device ids of slots 0 and 1, as the exit code: 1 is a network card, 4 entropy.
    const ids = put(`${start}li s0, 0x10001008\nlw t0, 0(s0)\nli t1, 0x1000\nadd s0, s0, t1\nlw t1, 0(s0)
      slli t0, t0, 4\nor t0, t0, t1\nslli t0, t0, 16\nli t1, 0x3333\nor t0, t0, t1\nli t2, 0x100000\nsw t0, 0(t2)\n1: j 1b\n`);
    expect((await run([ids, '--net', '--rng'])).code).toBe(0x14);
    expect((await run([ids, '--rng'])).code).toBe(0x40);
  });

  it('says that a reset ends it', async () => {
    const { code, err } = await run([put(`${start}${finish(0x7777)}`)]);
    expect([code, err.trim()]).toEqual([0, 'The guest asked for a reset: the run ends here.']);
  });

  const codes = [
    ['a pass', finish(0x5555), 0],
    ['a failure', finish(0x2a_3333), 42],
    ['a code of more than eight bits, which is no pass', finish(0x100_3333), 255],
    ['a machine that waits for what cannot come', '1: wfi\nj 1b\n', 1],
  ] as const;
  it.each(codes)('gives the code of %s', async (_, body, code) => {
    expect((await run([put(`${start}${body}`)])).code).toBe(code);
  });

  it('ends at --max-instructions', async () => {
    const { code, err } = await run([put(`${start}1: j 1b\n`), '--max-instructions', '1000']);
    expect(code).toBe(124);
    expect(err).toContain('1000 steps');
  });

  it('enters a kernel in M-mode without firmware', async () => {
    const kernel = put(`${start}csrr t2, mhartid\n${finish(0x5555)}`);
    expect((await run([kernel, '--firmware', 'none'])).code).toBe(0);
    expect((await run([kernel, '--max-instructions', '100000'])).code).toBe(124);
  });

  it('runs firmware of one’s own', async () => {
    expect((await run(['--firmware', put(elf(`${start}${finish(0x7_3333)}`, 0x8000_0000n), '.elf')])).code).toBe(7);
  });

  it('says what it boots with: RAM, command line, initrd', async () => {
    const initrd = put('some files', '.gz');
    // Prints the device tree.
    const kernel = put(`${start}lbu t0, 4(a1)\nlbu t1, 5(a1)\nlbu t2, 6(a1)\nlbu t3, 7(a1)
      slli t2, t2, 8\nor t2, t2, t3\nmv s0, a1\nadd s1, a1, t2\nli s2, 0x10000000
      1: lbu t0, 0(s0)\nsb t0, 0(s2)\naddi s0, s0, 1\nbne s0, s1, 1b\n${finish(0x5555)}`);
    const { out } = await run([kernel, '-m', '64M', '--append', 'console=hvc0 quiet', '--initrd', initrd]);
    expect(out).toContain('console=hvc0 quiet');
    expect(out).toContain('linux,initrd-start');
    expect(out).toContain('memory@80000000');
  });

  it('gives disks to the guest, and leaves the files as they are', async () => {
    const disk = put(
      Uint8Array.from({ length: 1024 }, () => 7),
      '.img',
    );
    // The magic number, and the device's kind: 2 is a block device, 0 an empty slot.
    const kernel = put(`${start}li s0, 0x10001000\nlw t0, 8(s0)\nli t1, 0x1000\nadd s0, s0, t1
      lw t2, 8(s0)\nslli t2, t2, 4\nor t0, t0, t2\nslli t0, t0, 16\nli t1, 0x3333\nor t1, t1, t0
      li t0, 0x100000\nsw t1, 0(t0)\n1: j 1b\n`);
    expect((await run([kernel, '--disk', disk, `--disk=${disk}`])).code).toBe(0x22);
    expect((await run([kernel, '--disk', disk])).code).toBe(0x02);
    expect(readFileSync(disk)[0]).toBe(7);
  });

  it('writes disks back where it is asked to', async () => {
    // One request: write the 512 bytes at `data` to sector 1 of 2.
    const kernel = put(`${start}li s0, 0x10001000
      li t0, 3\nsw t0, 0x70(s0)\nli t0, 1\nsw t0, 0x24(s0)\nsw t0, 0x20(s0)\nli t0, 11\nsw t0, 0x70(s0)
      sw zero, 0x30(s0)\nli t0, 4\nsw t0, 0x38(s0)
      la t0, table\nsw t0, 0x80(s0)\nla t0, offered\nsw t0, 0x90(s0)\nla t0, used\nsw t0, 0xa0(s0)
      li t0, 1\nsw t0, 0x44(s0)\nli t0, 15\nsw t0, 0x70(s0)
      la t0, data\nli t1, 0x5a\nsb t1, 0(t0)
      sw zero, 0x50(s0)
      la s1, used
      1: lhu t0, 2(s1)\nbeqz t0, 1b
      ${finish(0x5555)}
      .data\n.balign 16
      table: .dword header\n.word 16, 0x10001\n.dword data\n.word 512, 0x20001\n.dword status\n.word 1, 2
      offered: .half 0, 1, 0, 0
      .balign 16\nused: .space 64
      header: .word 1, 0\n.dword 1
      status: .byte 9
      .balign 16\ndata: .space 512\n`);
    const disk = put(new Uint8Array(1024).fill(7), '.img');
    expect((await run([kernel, '--disk', disk, '--max-instructions', '1000000'])).code).toBe(0);
    expect(readFileSync(disk)[512]).toBe(7);
    expect((await run([kernel, '--disk', disk, '--disk-write'])).code).toBe(0);
    const after = readFileSync(disk);
    expect([after.length, after[511], after[512], after[513]]).toEqual([1024, 7, 0x5a, 0]);
  });

  it('has instructions that no RISC-V machine has only where it is asked to', async () => {
    // In M-mode: illegal goes to the handler, which fails with 3.
    const kernel = put(`${start}la t0, trapped\ncsrw mtvec, t0\ngh.readstatus a0\n${finish(0x5555)}
      .balign 4\ntrapped: ${finish(0x3_3333)}`);
    expect((await run([kernel, '--firmware', 'none'])).code).toBe(3);
    expect((await run([kernel, '--firmware', 'none', '--quirk'])).code).toBe(0);
  });

  describe('as a console', () => {
    it('wakes the guest with what is typed', async () => {
      const typed = ['a', 'b', 'q'];
      const { code, out } = await run([put(echo)], '', () => typed.shift());
      expect({ code, out }).toEqual({ code: 0, out: '>abq' });
    });

    it('works with a pipe', async () => {
      expect(await run([put(echo)], 'xyzq')).toMatchObject({ code: 0, out: expect.stringMatching(/q$/) });
    });

    it('ends when the pipe does and the guest waits for more', async () => {
      const { code, err } = await run([put(echo)], 'x');
      expect(code).toBe(1);
      expect(err).toContain('there is no more');
    });

    it('ends with Ctrl-A x, and leaves the terminal', async () => {
      const { code, closed } = await run([put(echo)], '', () => '\x01x');
      expect({ code, closed }).toEqual({ code: 0, closed: 1 });
    });
  });

  describe('with --trace', () => {
    it('tells of traps with names', async () => {
      const { err } = await run([put(hello), '--trace', 'traps']);
      expect(err).toMatch(/^ +\d+ 0 M {2}return M→S to 0x80200000 <_start>$/m);
      expect(err).toMatch(/^ +\d+ 0 S {2}trap S→M ecall-s at 0x802000[0-9a-f]+ <.*>, to 0x[0-9a-f]+ <trap_entry>$/m);
    });

    it('tells of CSRs and devices', async () => {
      const { err } = await run([put(`${start}csrw sscratch, sp\n${finish(0x5555)}`), '--trace', 'csr,devices']);
      expect(err).toContain('csr medeleg 0x0 → ');
      expect(err).toMatch(/S {2}csr sscratch 0x/);
      expect(err).toMatch(/store of 4 at 0x100000: 0x5555/);
    });

    it('tells nothing else', async () => {
      const { err } = await run([put(hello), '--trace', 'interrupts']);
      expect(err).not.toContain('trap');
    });
  });

  const wrong: readonly (readonly [string, () => string[], RegExp])[] = [
    ['no kernel', () => [], /needs a kernel/],
    ['two kernels', () => [put(pass), put(pass)], /more than one kernel/],
    ['a missing kernel', () => [join(place, 'nothing.elf')], /There is no file `.*nothing\.elf` for the kernel/],
    ['a folder', () => [place], /is not a file/],
    ['a missing disk', () => [put(pass), '--disk', 'no.img'], /no file `no\.img` for the disk/],
    ['an unknown option', () => [put(pass), '--apend', 'x'], /no option `--apend`. Did you mean `--append`/],
    ['an option of QEMU’s', () => [put(pass), '-append', 'x'], /Did you mean `--append`/],
    ['an option without its value', () => [put(pass), '--append'], /`--append` needs a value/],
    ['an option twice', () => [put(pass), '-m', '1G', '-m', '2G'], /given twice/],
    ['a size that is none', () => [put(pass), '-m', 'lots'], /no size of RAM/],
    ['too much RAM', () => [put(pass), '-m', '8G'], /from 4K to 2G/],
    ['RAM of half a page', () => [put(pass), '-m', '9K'], /multiple of 4K/],
    ['no hart', () => [put(pass), '--smp', '0'], /from 1 to 8/],
    ['a trace of nothing known', () => [put(pass), '--trace', 'trap'], /Did you mean `traps`/],
    ['no limit', () => [put(pass), '--max-instructions', 'ten'], /takes a number/],
    ['a program that does not assemble', () => [put('_start: addd a0, a0, a0\n')], /f\d+\.S:1:9: .*addd/],
    ['an ELF file that is cut off', () => [put(elf(pass).subarray(0, 80), '.elf')], /f\d+\.elf: /],
    [
      'an ELF file of another machine',
      () => [
        put(
          elf(pass).map((b, at) => (at === 18 ? 62 : b)),
          '.elf',
        ),
      ],
      /RISC-V/,
    ],
    ['a compressed kernel', () => [put(Uint8Array.of(0x1f, 0x8b, 8, 0), '.gz')], /compressed by gzip/],
    ['a kernel that does not fit', () => [put(new Uint8Array(3 << 20), '.bin'), '-m', '4M'], /Give the board more RAM/],
    ['a kernel over the firmware', () => [put(elf(pass, 0x8000_0000n), '.elf')], /would overwrite the firmware/],
    ['a device tree that is none', () => [put(pass), '--dtb', put('tree', '.dtb')], /does not begin with d0 0d fe ed/],
  ];
  it.each(wrong)('refuses %s with code 2, and without a stack trace', async (_, args, message) => {
    const { code, err, out } = await run(args());
    expect(err).toMatch(message);
    expect(err).not.toMatch(/mistake of Guesthouse|\n {4}at /);
    expect({ code, out }).toEqual({ code: 2, out: '' });
  });
});

describe('keys that end a run', () => {
  const take = (...chunks: readonly string[]) => {
    const keys = new EscapeKeys();
    const taken = chunks.map((chunk) => keys.take(new TextEncoder().encode(chunk)));
    const text = taken.map(({ bytes }) => new TextDecoder().decode(bytes)).join('');
    return { text, quit: taken.some(({ quit }) => quit), help: taken.some(({ help }) => help) };
  };
  const rows = [
    ['plain text', ['ab\x03c'], 'ab\x03c', false],
    ['Ctrl-A x', ['a\x01x'], 'a', true],
    ['Ctrl-A and x apart', ['a\x01', 'x'], 'a', true],
    ['Ctrl-A a', ['\x01a'], '\x01', false],
    ['Ctrl-A twice', ['\x01\x01x'], '\x01x', false],
    ['Ctrl-A and another key', ['\x01z'], '\x01z', false],
  ] as const;
  it.each(rows)('%s', (_, chunks, text, quit) => {
    expect(take(...chunks)).toMatchObject({ text, quit });
  });

  it('Ctrl-A h explains', () => {
    expect(take('\x01h')).toMatchObject({ text: '', help: true });
  });
});
