/**
 * A small kernel under the firmware: paging, a process in U-mode on each hart that reaches the code by another mapping,
 * timer interrupts, calls, prints, and an interrupt to the other hart now and then.
 */
import { boot } from '../../../src/engine/machine/boot/boot.ts';
import { defaultBoard } from '../../../src/engine/machine/machine.ts';
import { firmwareImage } from '../../../src/labs/firmware.ts';
import { firmwareTexts, ids, program } from '../../guests/supervisor.ts';
import type { Guest } from './guest.ts';

const ram = 4 * 2 ** 20;
/** Where the process finds the code, below where it lies. */
const userOffset = 0x4000_0000;
const tick = 40;

const sbi = (extension: number, fid = 0): string => `li a7, ${extension}\nli a6, ${fid}\necall`;

const text = `
        la      t0, root
        li      t1, 0xc7            # devices: V R W A D
        sd      t1, (t0)
        li      t1, 0x200000df      # V R W X U A D
        sd      t1, 8(t0)
        li      t1, 0x200000cf
        sd      t1, 16(t0)
        li      a0, 1
        la      a1, hart
        ${sbi(ids.hsm)}
        li      a0, 0
hart:   mv      tp, a0
        la      t0, root
        srli    t0, t0, 12
        li      t1, 8 << 60
        or      t0, t0, t1
        csrw    satp, t0
        sfence.vma
        la      t0, trap
        csrw    stvec, t0
        la      t0, frames
        slli    t1, tp, 8
        add     t0, t0, t1
        csrw    sscratch, t0
        li      t0, 0x22
        csrw    sie, t0
        li      t0, 3 << 13
        csrs    sstatus, t0
        csrr    a0, time
        addi    a0, a0, ${tick}
        ${sbi(ids.time)}
        la      t0, process
        li      t1, ${userOffset}
        sub     t0, t0, t1
        csrw    sepc, t0
        li      t0, 0x100
        csrc    sstatus, t0
        sret

        .balign 4
trap:   csrrw   t6, sscratch, t6
        sd      t0, 0(t6)
        sd      t1, 8(t6)
        sd      a0, 16(t6)
        sd      a1, 24(t6)
        sd      a6, 32(t6)
        sd      a7, 40(t6)
        csrr    t0, scause
        bltz    t0, interrupt
        csrr    t0, sepc
        addi    t0, t0, 4
        csrw    sepc, t0
        la      t0, called
        li      t1, 1
        amoadd.d t1, t1, (t0)
        andi    t1, t1, 3
        bnez    t1, out
        li      a0, 'u'
        ${sbi(ids.legacyPutchar)}
        j       out
interrupt: andi t0, t0, 4
        bnez    t0, timer
        csrci   sip, 2
        j       out
timer:  csrr    a0, time
        addi    a0, a0, ${tick}
        ${sbi(ids.time)}
        li      a0, 1
        xori    a1, tp, 1
        ${sbi(ids.ipi)}
out:    ld      t0, 0(t6)
        ld      t1, 8(t6)
        ld      a0, 16(t6)
        ld      a1, 24(t6)
        ld      a6, 32(t6)
        ld      a7, 40(t6)
        csrrw   t6, sscratch, t6
        sret

process: la     s0, shared
        fcvt.d.l fs0, tp
        li      t0, 3
        fcvt.d.l fs1, t0
1:      li      s1, 40
2:      fmadd.d fs0, fs0, fs1, fs1
        fdiv.d  fs0, fs0, fs1
        mul     t0, s1, s2
        xor     s2, s2, t0
        ror     s2, s2, s1
        amoadd.d t1, s1, (s0)
        add     s2, s2, t1
        andi    t0, s2, 0x7f8
        add     t0, t0, s0
        sd      s2, 64(t0)
        ld      t1, 64(t0)
        call    mix
        addi    s1, s1, -1
        bnez    s1, 2b
        ecall
        j       1b
mix:    bclr    s3, s3, s1
        add     s3, s3, t1
        beqz    s3, 3f
        c.addi  s3, 1
3:      ret

        .bss
        .balign 4096
root:   .space  4096
frames: .space  512
called: .space  8
shared: .space  4096
        .text
`;

export function kernelGuest(harts: number): Guest {
  const booted = boot({ harts, ram }, { firmware: firmwareImage(firmwareTexts), kernel: program(text) });
  if (!booted.ok) throw new Error(booted.message);
  return { text: 'the kernel of kernel.ts', image: booted.image, board: { ...defaultBoard, ram, harts } };
}
