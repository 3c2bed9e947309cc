/** A guest in which memory is written in every way there is: by all kinds of stores, by a walk, by a disk. */
import type { BoardConfig } from '../../src/engine/machine/types.ts';

/** Sector 0 begins with these bytes. */
export const diskBytes = Uint8Array.from({ length: 1024 }, (_, index) => 0xd0 + (index & 15));

export const board: Partial<BoardConfig> = {
  ram: 2 ** 20,
  virtio: [{ kind: 'block', base: diskBytes }],
};

/** Label, and the instruction that writes `cell`, whose address is in s0; t1 is a value, and fa0 a float. */
export const stores = [
  ['sd', 'sd t1, (s0)'],
  ['sb', 'sb t1, 7(s0)'],
  ['c.sd', 'c.sd a1, 0(s0)'],
  ['c.sw', 'c.sw a1, 4(s0)'],
  ['fsd', 'fsd fa0, (s0)'],
  ['fsw', 'fsw fa0, (s0)'],
  ['c.fsd', 'c.fsd fa0, 0(s0)'],
  ['amoadd.d', 'amoadd.d t2, t1, (s0)'],
  ['amoswap.w', 'amoswap.w t2, t1, (s0)'],
  ['cbo.zero', 'cbo.zero (s0)'],
  ['hsv.d', 'hsv.d t1, (s0)'],
  ['page-crossing sd', 'sd t1, -4(s0)'],
] as const;

/** `cell` lies at the beginning of a page and of a cache block. */
export const storing = (instruction: string): string => `
        li      t0, 0x6000
        csrs    mstatus, t0
        li      t0, -1
        csrw    pmpaddr0, t0
        li      t0, 0x1f
        csrw    pmpcfg0, t0
        la      s0, cell
        li      t1, 0x55
        li      a1, 0x66
        fcvt.d.l fa0, t1
        nop
here:   ${instruction}
        li      t1, 0x100000
        li      t2, 0x5555
        sw      t2, (t1)
        j       .
        .data
        .balign 4096
        .zero   4096
cell:   .dword  7
        .zero   56
`;

/** Ends after one that succeeds, and one that fails. */
export const conditional = `
        la      s0, cell
        li      t1, 0x55
        lr.d    t2, (s0)
here:   sc.d    t3, t1, (s0)
failed: sc.d    t4, t1, (s0)
        li      t1, 0x100000
        li      t2, 0x5555
        sw      t2, (t1)
        j       .
        .data
        .balign 8
cell:   .dword  7
`;

/** S-mode stores through a gigapage whose A and D it clears each time; the hardware sets them (Svadu). */
export const walking = `
        la      t0, root
        li      t1, 0x2000000f
        sd      t1, 16(t0)
        li      t1, 1
        slli    t1, t1, 61
        csrs    menvcfg, t1
        li      t1, -1
        csrw    pmpaddr0, t1
        li      t1, 0x1f
        csrw    pmpcfg0, t1
        li      t1, 8
        slli    t1, t1, 60
        srli    t0, t0, 12
        or      t0, t0, t1
        csrw    satp, t0
        la      t0, super
        csrw    mepc, t0
        li      t0, 0x800
        csrs    mstatus, t0
        mret
super:  la      s0, cell
        la      s1, root
        li      s2, 12
        li      t1, 0x2000004f
again:  sd      t1, 16(s1)
        sfence.vma
here:   sd      t1, (s0)
        addi    s2, s2, -1
        bnez    s2, again
        li      t1, 0x5555
        j       .
        .data
        .balign 4096
root:   .zero   4096
cell:   .dword  7
`;

/** Reads sector 0 into `cell`, and waits until the request is done. */
export const reading = `
        li      s1, 0x10001000
        sw      zero, 0x70(s1)
        li      t0, 3
        sw      t0, 0x70(s1)
        li      t0, 1
        sw      t0, 0x24(s1)
        sw      t0, 0x20(s1)
        li      t0, 11
        sw      t0, 0x70(s1)
        li      t0, 8
        sw      t0, 0x38(s1)
        la      t0, table
        sw      t0, 0x80(s1)
        la      t0, driver
        sw      t0, 0x90(s1)
        la      t0, device
        sw      t0, 0xa0(s1)
        li      t0, 1
        sw      t0, 0x44(s1)
        li      t0, 15
        sw      t0, 0x70(s1)
        fence
here:   sw      zero, 0x50(s1)
        la      s2, device
wait:   lhu     t1, 2(s2)
        beqz    t1, wait
done:   li      t1, 0x100000
        li      t2, 0x5555
        sw      t2, (t1)
        j       .
        .data
        .balign 4096
table:  .dword  header
        .word   16
        .half   1, 1
        .dword  cell
        .word   512
        .half   3, 2
        .dword  status
        .word   1
        .half   2, 0
driver: .half   0, 1
        .half   0
        .zero   32
        .balign 8
device: .zero   128
header: .zero   16
status: .byte   255
        .balign 64
cell:   .zero   512
`;
