/** Hot code with interrupts, counters, traps and unusual operands. */
import type { Field } from '../../../src/engine/isa/encoding.ts';
import { encode, instructions } from '../../../src/engine/isa/instructions.ts';
import { service } from './handlers.ts';
import type { Special } from './special.ts';

/** An operand that every instruction takes; s4 for an address. */
function operand({ name, nonzero, align, bias }: Field): number {
  if (name === 'rs1') return 20;
  return nonzero ? 2 ** align : bias;
}

const mayBeZero = ({ name, nonzero, bias }: Field): boolean => name === 'rd' && !nonzero && bias === 0;

/** Every instruction that computes or loads, with x0 as its destination. */
const toZero = instructions
  .filter(
    ({ effect, encoding }) => effect.rd !== undefined && effect.pc === undefined && encoding.fields.some(mayBeZero),
  )
  .map((row) => {
    const values = row.encoding.fields.map((field) => [field.name, operand(field)] as const);
    return `.insn ${encode(row, Object.fromEntries(values))}`;
  });

export const trapsAndCounters: readonly Special[] = [
  {
    name: 'writes to x0 by every kind of instruction',
    steps: 3000,
    text: `
        fmv.d.x fa0, s4
        li      s2, 4
1:      addi    a0, a0, 1
        ${toZero.join('\n        ')}
        csrr    zero, mscratch
        amoadd.d zero, s2, (s4)
        lr.d    zero, (s4)
        sc.d    zero, s2, (s4)
        add     a1, zero, zero
        addi    s2, s2, -1
        bnez    s2, 1b`,
    expect: { 0: 0n, 10: 4n, 11: 0n },
  },
  {
    name: 'jumps by a register that receives the return address',
    text: `
        li      s2, 20
1:      la      ra, 2f
        jalr    ra, ra
        addi    a0, a0, 1
        la      t0, 2f
        jalr    t0, t0
        addi    a1, a1, 1
        addi    s2, s2, -1
        bnez    s2, 1b
        j       done
2:      addi    a2, a2, 1
        la      t3, 3f
        bne     ra, zero, 4f
4:      andi    t4, a2, 1
        beqz    t4, 5f
        jr      ra
5:      jr      t0
3:      nop`,
    expect: { 10: 20n, 11: 20n, 12: 40n },
  },
  {
    name: 'cycle, instret and time are read at several places of a loop',
    text: `
        li      s2, 20
1:      csrr    t3, instret
        nop
        csrr    t4, instret
        sub     t4, t4, t3
        add     a0, a0, t4
        csrr    t3, cycle
        c.nop
        csrr    t4, cycle
        sub     t4, t4, t3
        add     a1, a1, t4
        csrr    t5, time
        addi    s2, s2, -1
        bnez    s2, 1b`,
    expect: { 10: 40n, 11: 40n },
  },
  {
    name: 'minstret is written and stopped in a loop',
    text: `
        li      s2, 20
1:      csrw    minstret, s2
        csrr    t3, minstret
        sub     t3, t3, s2
        add     a0, a0, t3
        csrwi   mcountinhibit, 4
        csrr    t3, minstret
        nop
        csrr    t4, minstret
        sub     t4, t4, t3
        add     a1, a1, t4
        csrwi   mcountinhibit, 0
        addi    s2, s2, -1
        bnez    s2, 1b`,
    expect: { 11: 0n },
  },
  {
    name: 'LR and SC in a loop of their own',
    text: `
        li      s2, 20
        sd      zero, (s4)
1:      lr.d    t3, (s4)
        addi    t3, t3, 1
        sc.d    t4, t3, (s4)
        bnez    t4, 1b
        addi    s2, s2, -1
        bnez    s2, 1b
        ld      a0, (s4)`,
    expect: { 10: 20n },
  },
  {
    name: 'a store-conditional without a reservation, where turns end anywhere in the loop',
    harts: 2,
    quantum: 13,
    steps: 2500,
    text: `
1:      la      t3, 2f
        jr      t3
2:      sc.w    zero, t0, (s4)
        add     t0, t0, a0
        addi    a0, a0, 1
        j       1b`,
    expect: {},
  },
  {
    name: 'two harts count by LR and SC',
    harts: 2,
    steps: 6000,
    text: `
        li      t5, 0x80005100
        li      s2, 100
1:      lr.w    t3, (t5)
        addi    t3, t3, 1
        sc.w    t4, t3, (t5)
        bnez    t4, 1b
        addi    s2, s2, -1
        bnez    s2, 1b
        addi    t6, t5, 8
        li      t4, 1
        amoadd.d zero, t4, (t6)
        li      t3, 2
2:      ld      t4, (t6)
        bne     t4, t3, 2b
        ld      a0, (t5)`,
    expect: { 10: 200n },
  },
  {
    name: 'FS is turned off in the midst of floating-point code',
    steps: 4000,
    text: `
        li      s2, 30
        li      t3, 3 << 13
        li      t4, 1
1:      fcvt.d.l fa0, t4
        fadd.d  fa1, fa1, fa0
        andi    t5, s2, 3
        bnez    t5, 2f
        csrc    mstatus, t3
2:      fadd.d  fa1, fa1, fa0         # left out when FS is off
        addi    s2, s2, -1
        bnez    s2, 1b
        fcvt.l.d a0, fa1`,
    expect: { 10: 53n },
  },
  {
    name: 'the rounding mode of CSR frm changes in a loop of divisions',
    text: `
        li      s2, 20
        li      t3, 3
        fcvt.d.l fa1, t3
1:      andi    t4, s2, 3
        fsrm    t4
        fcvt.d.l fa0, s2
        fdiv.d  fa2, fa0, fa1
        fadd.d  fa3, fa3, fa2
        frflags t5
        add     a0, a0, t5
        fsflags zero
        addi    s2, s2, -1
        bnez    s2, 1b`,
    expect: {},
  },
  {
    name: 'timer interrupts come all the time',
    period: 2,
    steps: 4000,
    text: `
        li      s2, 100
1:      addi    a0, a0, 1
        xor     a1, a1, a0
        sd      a1, (s4)
        ld      a2, (s4)
        addi    s2, s2, -1
        bnez    s2, 1b`,
    expect: { 10: 100n },
  },
  {
    name: 'an interrupt that a store to the CLINT makes pending is taken right behind it',
    text: `
        li      s2, 20
        li      t3, 0x2000000
        li      t4, 1
1:      sw      t4, (t3)
        lw      t5, (t3)
        add     a0, a0, t5
        addi    s2, s2, -1
        bnez    s2, 1b`,
    expect: { 10: 0n },
  },
  {
    name: 'an interrupt that waits is taken when a loop enables it',
    steps: 3000,
    text: `
        li      s2, 20
        li      t3, 0x2000000
        li      t4, 1
1:      csrci   mstatus, 8
        sw      t4, (t3)
        lw      t5, (t3)
        add     a0, a0, t5
        csrsi   mstatus, 8
        lw      t5, (t3)
        add     a1, a1, t5
        addi    s2, s2, -1
        bnez    s2, 1b`,
    expect: { 10: 20n, 11: 0n },
  },
  {
    name: 'a loop waits for its timer',
    steps: 2000,
    text: `
        li      s2, 10
1:      li      a7, ${service('timer')}
        ecall
        wfi
        addi    a0, a0, 1
        addi    s2, s2, -1
        bnez    s2, 1b`,
    expect: { 10: 10n },
  },
  {
    name: 'a jump table changes its way every time',
    text: `
        li      s2, 33
1:      andi    t3, s2, 3
        la      t4, ways
        sh2add  t3, t3, t4
        jr      t3
ways:   j       2f
        j       3f
        j       4f
        j       5f
2:      addi    a0, a0, 1
3:      addi    a1, a1, 1
4:      addi    a2, a2, 1
5:      addi    a3, a3, 1
        addi    s2, s2, -1
        bnez    s2, 1b`,
    expect: { 10: 8n, 11: 17n, 12: 25n, 13: 33n },
  },
  {
    name: 'a misaligned load over a page’s end traps in its second half',
    mode: 'S',
    steps: 3000,
    text: `
        li      s2, 20
        addi    t3, s6, -4
1:      li      t4, 5
        ld      t4, (t3)
        add     a0, a0, t4
        addi    s2, s2, -1
        bnez    s2, 1b`,
    expect: { 10: 100n },
  },
  {
    name: 'a call in a call, and returns by both link registers',
    text: `
        li      s2, 20
1:      jal     ra, 2f
        addi    s2, s2, -1
        bnez    s2, 1b
        j       done
2:      addi    a0, a0, 1
        jal     t0, 3f
        addi    a1, a1, 1
        ret
3:      addi    a2, a2, 1
        jr      t0`,
    expect: { 10: 20n, 11: 20n, 12: 20n },
  },
];
