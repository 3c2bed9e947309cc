/**
 * How fast the machine is: guest instructions a second on small programs, and each as a ratio to the first line of the
 * same run, which is what can be compared between machines and days. Seconds are the processor's, so that what else the
 * host does counts little.
 */
import { createMachine, defaultBoard } from '../src/engine/machine/machine.ts';
import { build } from '../src/engine/toolchain/build.ts';

interface Program {
  readonly name: string;
  readonly steps: number;
  readonly text: string;
}

/**
 * Sv39 with a gigapage over RAM for S-mode, and another, at 0x4000_0000, for U-mode, where the program goes on. S-mode
 * passes over what U-mode asks; `handle` is what it does besides.
 */
const underPaging = (handle = ''): string => `
        la      t0, supervisor_trap
        csrw    stvec, t0
        li      t0, -1
        csrw    pmpaddr0, t0
        li      t0, 0x1f
        csrw    pmpcfg0, t0
        li      t0, 0x100
        csrw    medeleg, t0
        la      t0, root
        li      t1, (0x80000000 >> 2) | 0xdf
        sd      t1, 8(t0)
        li      t1, (0x80000000 >> 2) | 0xcf
        sd      t1, 16(t0)
        srli    t0, t0, 12
        li      t1, 8 << 60
        or      t0, t0, t1
        csrw    satp, t0
        sfence.vma
        la      t0, user
        li      t1, 0x40000000
        sub     t0, t0, t1
        csrw    mepc, t0
        li      t0, 0x1800
        csrc    mstatus, t0
        mret
        .balign 4
supervisor_trap:
        csrr    t0, sepc
        addi    t0, t0, 4
        csrw    sepc, t0
        ${handle}
        sret
        .data
        .balign 4096
root:   .space  4096
        .text
        .balign 4096
user:
`;

const copyLoop = `
outer:  la      t0, source
        la      t1, target
        li      t2, 65536
inner:  ld      t3, 0(t0)
        ld      t4, 8(t0)
        sd      t3, 0(t1)
        sd      t4, 8(t1)
        addi    t0, t0, 16
        addi    t1, t1, 16
        addi    t2, t2, -16
        bnez    t2, inner
        j       outer
        .bss
        .balign 4096
source: .space  65536
target: .space  65536
`;

/** A kernel with page tables of its own goes there and back, and looks at a handful of CSRs. */
const switchSpaces = `
        csrrw   t1, sscratch, t1
        csrr    t2, satp
        csrr    t3, scause
        csrr    t4, stval
        .rept   2
        sfence.vma
        csrw    satp, t2
        sfence.vma
        csrsi   sstatus, 2
        csrci   sstatus, 2
        ld      t5, root
        .endr
        csrrw   t1, sscratch, t1
`;

const programs: readonly Program[] = [
  {
    name: 'loop',
    steps: 3e8,
    text: `
        .globl  _start
_start: addi    t1, t1, 3
        xor     t2, t2, t1
        add     t3, t3, t2
        addi    t0, t0, -1
        bnez    t0, _start
        j       _start
`,
  },
  { name: 'memory copy', steps: 2e8, text: `        .globl  _start\n_start:\n${copyLoop}` },
  { name: 'memory copy, Sv39', steps: 2e8, text: `        .globl  _start\n_start:\n${underPaging()}${copyLoop}` },
  {
    name: 'floating point',
    steps: 1e8,
    text: `
        .globl  _start
_start: li      t0, 0x2000
        csrs    mstatus, t0
        la      t0, numbers
        fld     fs1, 8(t0)
        fld     fs2, 16(t0)
loop:   fld     fs0, 0(t0)
        li      t1, 1000
series: fmul.d  ft0, fs0, fs1
        fadd.d  fs0, ft0, fs2
        fsub.d  ft1, fs0, fs1
        fmadd.d ft1, ft1, fs1, fs2
        addi    t1, t1, -1
        bnez    t1, series
        j       loop
        .data
        .balign 8
numbers: .double 0.1, 0.9, 0.3
`,
  },
  {
    name: 'trap storm U→S→U',
    steps: 1e7,
    text: `        .globl  _start\n_start:\n${underPaging()}\n        ecall\n        j       user\n`,
  },
  {
    name: 'system call as xv6’s',
    steps: 1e7,
    text: `        .globl  _start\n_start:\n${underPaging(switchSpaces)}\n        ecall\n        ld      t0, word\n        j       user\n        .data\nword:   .dword  0\n`,
  },
];

/** Of the processor, in milliseconds. */
const now = (): number => process.threadCpuUsage().user / 1000;

async function measure({ name, text, steps }: Program): Promise<{ name: string; rate: number }> {
  const built = build([{ name: `${name}.S`, text }]);
  if (!built.ok)
    throw new Error(built.diagnostics.map(({ line, message }) => `${name}:${line}: ${message}`).join('\n'));
  const machine = await createMachine(defaultBoard);
  machine.load(built.image);
  machine.run(steps / 20);
  const start = now();
  machine.run(steps);
  return { name, rate: steps / (now() - start) / 1000 };
}

const results: { name: string; rate: number }[] = [];
for (const program of programs) results.push(await measure(program));
const first = results[0]?.rate ?? 1;
console.log(`${'program'.padEnd(20)} ${'MIPS'.padStart(8)} ${'to loop'.padStart(8)}`);
for (const { name, rate } of results) {
  console.log(`${name.padEnd(20)} ${rate.toFixed(1).padStart(8)} ${(rate / first).toFixed(3).padStart(8)}`);
}
