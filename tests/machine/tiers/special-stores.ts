/** Code that is changed while it is hot. */
import { service } from './handlers.ts';
import { alias, copyFlip, leafEntry, places } from './places.ts';
import { addi, argument, type Special, word } from './special.ts';
import { dma } from './system-pieces.ts';

const leaf = leafEntry(places.spaces[0], 1);

export const storesOverCode: readonly Special[] = [
  {
    name: 'a store rewrites the very next instruction, another one each time',
    text: `
        li      s2, 20
        la      t3, target
        li      t4, ${addi(argument(0), 2)}
        li      t5, ${addi(argument(0), 4)}
1:      sw      t4, (t3)
target: addi    a0, a0, 1
        mv      t6, t4
        mv      t4, t5
        mv      t5, t6
        addi    s2, s2, -1
        bnez    s2, 1b`,
    expect: { 10: 60n },
  },
  {
    name: 'a store rewrites the branch at the end of its own block',
    text: `
        la      t3, last
        li      t4, ${word('addi')}
        li      t5, 9
1:      addi    a0, a0, 1
        sltu    t6, a0, t5
        bnez    t6, last
        sw      t4, (t3)
last:   j       1b`,
    expect: { 10: 9n },
  },
  {
    name: 'a store rewrites an instruction that is behind it in the running loop',
    text: `
        li      s2, 30
        la      t3, target
target: addi    a0, a0, 1
        lw      t4, (t3)
        li      t5, 1 << 20
        add     t4, t4, t5
        sw      t4, (t3)
        addi    s2, s2, -1
        bnez    s2, target`,
    expect: { 10: 465n },
  },
  {
    name: 'a byte is stored into the immediate of an instruction a little ahead, with fence.i',
    text: `
        li      s2, 12
        la      t3, target
1:      andi    t4, s2, 1
        slli    t4, t4, 4
        addi    t4, t4, 5             # the rest of the byte: rs1 is a0
        sb      t4, 2(t3)
        fence.i
        nop
target: ori     a0, a0, 0
        add     a1, a1, a0
        addi    s2, s2, -1
        bnez    s2, 1b`,
    expect: { 10: 1n, 11: 11n },
  },
  {
    name: 'a four-byte instruction becomes two short ones',
    text: `
        li      s2, 16
        la      t3, target
        li      t4, ${(0x0585 << 16) | 0x0505 | 0}
1:      li      t5, 8
        bne     s2, t5, target
        sw      t4, (t3)
target: addi    a0, a0, 16
        addi    s2, s2, -1
        bnez    s2, 1b`,
    expect: { 10: 136n, 11: 8n },
  },
  {
    name: 'an instruction is entered in its middle, where another one lies',
    text: `
        li      s2, 10
        la      t3, over
1:      andi    t4, s2, 1
        slli    t4, t4, 1
        add     t4, t4, t3
        jr      t4
over:   .word   0x05050537            # lui a0, 0x5050; its upper half is c.addi a0, 1
        addi    a1, a1, 1
        addi    s2, s2, -1
        bnez    s2, 1b`,
    expect: { 11: 10n },
  },
  {
    name: 'code is changed through another mapping of its page',
    mode: 'S',
    text: `
        li      s2, 20
        la      t3, target
        li      t4, ${alias}
        add     t3, t3, t4
        li      t5, ${addi(argument(1), 1)}
1:      li      t6, 10
        bne     s2, t6, target
        sw      t5, (t3)
target: addi    a0, a0, 1
        addi    s2, s2, -1
        bnez    s2, 1b`,
    expect: { 10: 10n, 11: 10n },
  },
  {
    name: 'the same code runs by both of its mappings in turn, and counts where it is',
    mode: 'U',
    text: `
        li      s2, 20
        li      t4, ${alias}
1:      la      t3, 2f
        auipc   t5, 0
        srli    t5, t5, 31
        add     a0, a0, t5
        xor     t5, t5, 1
        slli    t3, t3, 34
        srli    t3, t3, 34
        slli    t6, t5, 31
        add     t3, t3, t6
        beqz    t6, 3f
        j       4f
3:      bseti   t3, t3, 30
4:      jr      t3
2:      addi    s2, s2, -1
        bnez    s2, 1b`,
    expect: { 10: 10n },
  },
  {
    name: 'a trap is put over an instruction and taken away again',
    text: `
        li      s2, 20
        la      t3, target
        li      t4, ${word('ebreak')}
        li      t5, ${addi(argument(0), 1)}
1:      sw      t4, (t3)
target: addi    a0, a0, 1
        mv      t6, t4
        mv      t4, t5
        mv      t5, t6
        addi    s2, s2, -1
        bnez    s2, 1b`,
    expect: { 10: 10n },
  },
  {
    name: 'another hart changes what this one executes',
    harts: 2,
    steps: 3000,
    text: `
        la      t3, target
        li      t4, ${addi(argument(0), 1) ^ addi(argument(1), 1)}
        bnez    tp, 2f
        li      s2, 300
target: addi    a0, a0, 1
        addi    s2, s2, -1
        bnez    s2, target
        add     a2, a0, a1
        j       done
2:      lw      t5, (t3)
        xor     t5, t5, t4
        sw      t5, (t3)
        li      t6, 11
3:      addi    t6, t6, -1
        bnez    t6, 3b
        j       2b`,
    expect: { 12: 300n },
  },
  {
    name: 'a disk is read into the page that runs',
    lead: 600,
    steps: 3000,
    text: `
        ${dma}
        li      s2, 600
slot0:  addi    a0, a0, 1
        addi    s2, s2, -1
        bnez    s2, slot0
        add     a1, a0, s0`,
    expect: {},
  },
  {
    name: 'an atomic swap and a store of eight bytes change code',
    text: `
        li      s2, 16
        la      t3, target
        ld      t4, (t3)
        li      t5, ${addi(argument(1), 1)}
1:      amoswap.w t5, t5, (t3)
        nop
        .balign 8
target: addi    a0, a0, 1
        addi    a2, a2, 1
        andi    t6, s2, 3
        bnez    t6, 2f
        sd      t4, (t3)
        li      t5, ${addi(argument(1), 1)}
2:      addi    s2, s2, -1
        bnez    s2, 1b`,
    expect: { 12: 16n },
  },
  {
    name: 'the entry of the running page is changed, and fenced',
    mode: 'S',
    text: `
        li      s2, 10
        li      t3, ${leaf}
        li      t4, ${copyFlip(1)}
1:      ld      t5, (t3)
        xor     t5, t5, t4
        sd      t5, (t3)
        sfence.vma
slot0:  addi    a0, a0, 1
        addi    s2, s2, -1
        bnez    s2, 1b`,
    expect: { 8: 4n, 10: 5n },
  },
  {
    name: 'the entry of the running page is changed, and fenced much later',
    mode: 'S',
    text: `
        li      s2, 40
        li      t3, ${leaf}
        li      t4, ${copyFlip(1)}
        ld      t5, (t3)
        xor     t5, t5, t4
        sd      t5, (t3)
1:      andi    t6, s2, 7
        bnez    t6, slot0
        sfence.vma t3
slot0:  addi    a0, a0, 1
        addi    s2, s2, -1
        bnez    s2, 1b
        sfence.vma
        li      s2, 10
slot1:  addi    a1, a1, 1
        addi    s2, s2, -1
        bnez    s2, slot1`,
    expect: { 9: 0n, 10: 40n },
  },
  {
    name: 'the host’s second stage is switched under a guest',
    mode: 'VS',
    steps: 2500,
    text: `
        li      s2, 20
        li      a7, ${service('switchGuest')}
1:      ecall
slot0:  addi    a0, a0, 1
        addi    s2, s2, -1
        bnez    s2, 1b`,
    expect: { 8: 9n, 10: 10n },
  },
];
