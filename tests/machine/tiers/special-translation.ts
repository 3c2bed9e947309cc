/** Hot code whose addresses come to mean something else, or whose accesses do. */
import { flip, leafEntry, places, satps } from './places.ts';
import type { Special } from './special.ts';

const secondPage = leafEntry(places.spaces[0], 1);
const dataEntry = secondPage + 8 * 3;
const statusLoop = (bits: string): string => `
        li      s2, 20
        li      t5, ${bits}
1:      csrs    sstatus, t5
        li      t6, 1
        ld      t6, (s4)
        add     a0, a0, t6
        csrc    sstatus, t5
        li      t6, 1
        ld      t6, (s4)
        add     a1, a1, t6
        addi    s2, s2, -1
        bnez    s2, 1b`;
const withData = (bits: number, rest: string): string => `
        sd      zero, (s4)
        li      t3, ${dataEntry}
        ld      t4, (t3)
        xori    t4, t4, ${bits}
        sd      t4, (t3)
        sfence.vma
${rest}`;

export const changesOfAddress: readonly Special[] = [
  {
    name: 'a loop goes over a page’s end, and its second page is unmapped in the midst',
    mode: 'S',
    lead: 56,
    text: `
        j       2f
3:      addi    a1, a1, 1
        sfence.vma
1:      addi    a0, a0, 1
        andi    t6, a0, 7
        bnez    t6, 4f
        ld      t4, (t3)
        andi    t4, t4, -2
        sd      t4, (t3)
        sfence.vma
4:      addi    a2, a2, 1
        nop
        nop
        c.nop
        addi    a3, a3, 1             # over the border
        addi    s2, s2, -1
        bnez    s2, 1b
        j       done
2:      li      s2, 40
        li      t3, ${secondPage}
        la      s7, 3b
        j       1b`,
    expect: { 13: 40n, 11: 5n, 12: 45n },
  },
  {
    name: 'two address spaces have other code at the same address',
    mode: 'S',
    text: `
        li      s2, 20
        li      t4, ${flip(satps)}
1:      csrr    t3, satp
        xor     t3, t3, t4
        csrw    satp, t3
slot0:  addi    a0, a0, 1
        addi    s2, s2, -1
        bnez    s2, 1b`,
    expect: { 8: 9n, 10: 10n },
  },
  {
    name: 'S- and U-mode run the same code at the same address',
    mode: 'S',
    delegates: true,
    text: `
        csrw    satp, zero
        la      t3, back
        csrw    stvec, t3
        li      s2, 20
again:  li      t4, 0x100
        csrc    sstatus, t4
        la      t3, user
        csrw    sepc, t3
        sret
user:   call    work
        ecall
        .balign 4
back:   csrr    t3, scause
        li      t4, 8
        bne     t3, t4, skip
        call    work
        addi    s2, s2, -1
        bnez    s2, again
        j       done
skip:   csrr    t3, sepc
        addi    t3, t3, 4
        csrw    sepc, t3
        addi    a2, a2, 1
        sret
work:   addi    a0, a0, 1
        csrr    a1, sscratch
        ret`,
    expect: { 10: 40n, 12: 20n },
  },
  {
    name: 'SUM is set and cleared around loads from a user’s page',
    mode: 'S',
    steps: 3000,
    text: withData(0x10, statusLoop('1 << 18')),
    expect: { 10: 0n, 11: 20n },
  },
  {
    name: 'MXR is set and cleared around loads from a page that is only executable',
    mode: 'S',
    steps: 3000,
    text: withData(0x0e, statusLoop('1 << 19')),
    expect: { 10: 0n, 11: 20n },
  },
  {
    name: 'MPRV is set and cleared around loads, of the data’s other mapping',
    steps: 3000,
    text: `
        li      t3, 0x1800
        csrc    mstatus, t3
        li      t3, 0x800
        csrs    mstatus, t3
        li      t4, -0x40000000
        add     t4, t4, s4
        li      t5, 77
        sd      t5, (s4)
        li      t5, 1 << 17
        li      s2, 20
1:      csrs    mstatus, t5
        ld      t6, (t4)
        add     a0, a0, t6
        csrc    mstatus, t5
        ld      t6, (s4)
        add     a1, a1, t6
        addi    s2, s2, -1
        bnez    s2, 1b`,
    expect: { 10: 1540n, 11: 1540n },
  },
  {
    name: 'one entry of each TLB serves a loop over two pages of code and two of data',
    mode: 'U',
    lead: 44,
    tlb: 1,
    text: `
        li      s2, 30
1:      sd      s2, (s4)
        ld      t3, (s4)
        add     a0, a0, t3
        sd      a0, (s5)
        ld      t4, -4(s5)
        add     a1, a1, t4
        nop
        nop
        addi    s2, s2, -1
        bnez    s2, 1b`,
    expect: { 10: 465n },
  },
  {
    name: 'a page that stores reach for the first time gets its dirty bit, once',
    mode: 'VU',
    text: `
        li      s2, 30
1:      sd      s2, 8(s5)
        addi    s2, s2, -1
        bnez    s2, 1b
        ld      a0, 8(s5)`,
    expect: { 10: 1n },
  },
  {
    name: 'loads of a hot loop come to a page that is not mapped, and are left out',
    mode: 'S',
    steps: 4000,
    text: `
        li      s2, 30
        addi    t3, s6, -128
1:      li      t4, 1
        sd      zero, (t3)
        ld      t4, (t3)
        add     a0, a0, t4
        addi    t3, t3, 8
        addi    s2, s2, -1
        bnez    s2, 1b`,
    expect: { 10: 14n },
  },
];
