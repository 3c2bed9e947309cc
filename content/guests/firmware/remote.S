# Messages between harts: interprocessor interrupts and remote fences. Each hart has a mailbox in
# its block, and msip says that there is something in it.

        .include "layout.inc"

        .text

# send(t0: bits, t4: block): adds work and rings. Changes t1 and t2.
        .globl  send
send:
        addi    t1, t4, WORK
        amoor.d.aqrl zero, t0, (t1)

# ring(t4: block of a hart): sets its msip. Changes t1 and t2.
ring:
        fence   rw, ow                  # the mail lies there before the bell rings
        li      t1, CLINT
        ld      t2, HART_ID(t4)
        slli    t2, t2, 2
        add     t1, t1, t2
        li      t2, 1
        sw      t2, 0(t1)
        ret

# do_work() -> t1: the work that was in this hart's mailbox. All but WORK_START has been done.
# Changes t0 and t2 to t6.
        .globl  do_work
do_work:
        mv      t6, ra
        li      t0, CLINT
        ld      t1, HART_ID(tp)
        slli    t1, t1, 2
        add     t0, t0, t1
        sw      zero, 0(t0)             # the bell off first: who comes from now on rings anew
        fence   ow, rw
        addi    t0, tp, FENCES
        amoswap.d.aqrl t2, zero, (t0)
        la      t3, hart_blocks
1:      beqz    t2, 3f                  # t2: harts that want a fence, t3: block of the lowest
        andi    t0, t2, 1
        beqz    t0, 2f
        call    fence_for
        li      t0, 1                   # this one is done: take our bit out
        ld      t1, HART_ID(tp)
        sll     t0, t0, t1
        not     t0, t0
        addi    t1, t3, FENCE_PENDING
        amoand.d.aqrl zero, t0, (t1)
2:      srli    t2, t2, 1
        addi    t3, t3, 1 << BLOCK_SHIFT
        j       1b
3:      addi    t0, tp, WORK
        amoswap.d.aqrl t1, zero, (t0)
        andi    t0, t1, WORK_IPI
        beqz    t0, 4f
        csrsi   mip, SSI
4:      jr      t6

# choose_harts(a0: mask, a1: number of its lowest bit, or -1 for all harts) -> t0: mask of harts,
# t1: 0, or -1 if one of them does not exist. Changes t2.
choose_harts:
        la      t2, harts
        ld      t2, 0(t2)
        mv      t0, t2
        li      t1, -1
        beq     a1, t1, 1f
        mv      t0, a0
        beqz    a0, 1f
        li      t1, 64
        bgeu    a1, t1, 2f
        sll     t0, a0, a1
        srl     t1, t0, a1
        bne     t1, a0, 2f              # bits were shifted out: there are no such harts
        not     t1, t2
        and     t1, t1, t0
        bnez    t1, 2f
1:      li      t1, 0
        ret
2:      li      t1, -1
        ret

# send_ipi(a0: mask, a1: number of its lowest bit)
        .globl  sbi_ipi
sbi_ipi:
        bnez    a6, not_supported
        mv      t6, ra
        call    choose_harts
        mv      ra, t6
        bnez    t1, invalid_param
        mv      t3, t0                  # t3: harts to come, t4: block of the lowest
        la      t4, hart_blocks
1:      beqz    t3, 3f
        andi    t0, t3, 1
        beqz    t0, 2f
        ld      t0, STATE(t4)
        li      t1, STOPPED
        beq     t0, t1, 2f              # nobody there to be interrupted
        li      t0, WORK_IPI
        call    send
2:      srli    t3, t3, 1
        addi    t4, t4, 1 << BLOCK_SHIFT
        j       1b
3:      li      a0, SUCCESS
        li      a1, 0
        jr      t6

# Remote fences (a0: mask, a1: number of its lowest bit, a2: first address, a3: bytes, a4: ASID
# or VMID). Returns when all of the harts have done it.
        .equ    FUNCTIONS,      7
        .equ    FIRST_OF_H,     3               # functions from here on need the extension H
        .equ    MOST_PAGES,     64              # for more than these, it is faster to fence all

        .globl  sbi_rfence
sbi_rfence:
        li      t0, FUNCTIONS
        bgeu    a6, t0, not_supported
        li      t0, FIRST_OF_H
        bltu    a6, t0, 1f
        csrr    t0, misa
        andi    t0, t0, 1 << 7          # H is the eighth letter
        beqz    t0, not_supported
        csrr    t0, HGATP
        sd      t0, FENCE_HGATP(tp)
1:      mv      t6, ra
        call    choose_harts
        mv      ra, t6
        bnez    t1, invalid_param
        mv      t5, t0                  # t5: harts to come
        la      t0, routines
        slli    t1, a6, 3
        add     t0, t0, t1
        ld      t0, 0(t0)
        sd      t0, FENCE_ROUTINE(tp)
        sd      a4, FENCE_SPACE(tp)

        li      t0, -PAGE_SIZE
        and     t0, t0, a2
        sd      t0, FENCE_FIRST(tp)
        add     t1, a2, a3              # the end, unless there is a reason to fence all
        bltu    t1, a2, 2f              # among them a3 = -1,
        beqz    t1, 2f                  # and a2 = a3 = 0
        sub     t2, t1, t0
        li      t3, MOST_PAGES * PAGE_SIZE
        bleu    t2, t3, 3f
2:      li      t1, 0
3:      sd      t1, FENCE_END(tp)
        sd      ra, FENCE_RETURN(tp)

        # Ask the others. A hart that is stopped fences when it is started.
        la      t4, hart_blocks
        li      t3, 1                   # t3: bit, t4: block of the hart
4:      beqz    t5, 6f
        and     t0, t5, t3
        beqz    t0, 5f
        sub     t5, t5, t3
        beq     t4, tp, 5f
        ld      t0, STATE(t4)
        andi    t0, t0, STOPPED | START_PENDING
        bnez    t0, 5f
        addi    t0, tp, FENCE_PENDING
        amoor.d zero, t3, (t0)
        li      t0, 1
        ld      t1, HART_ID(tp)
        sll     t0, t0, t1
        addi    t1, t4, FENCES
        amoor.d.aqrl zero, t0, (t1)
        call    ring
5:      slli    t3, t3, 1
        addi    t4, t4, 1 << BLOCK_SHIFT
        j       4b

        # Ourselves; more often than asked for does no harm. Then wait, and do meanwhile what the
        # others want from us: one of them may be waiting here as well.
6:      mv      t3, tp
        call    fence_for
7:      ld      t0, FENCE_PENDING(tp)
        beqz    t0, 8f
        csrr    t0, mip
        andi    t0, t0, MSI
        beqz    t0, 7b
        call    do_work
        j       7b
8:      ld      ra, FENCE_RETURN(tp)
        fence   rw, rw
        li      a0, SUCCESS
        li      a1, 0
        ret

# fence_for(t3: block of the hart that wants it). Changes t0, t1, t4 and t5.
fence_for:
        ld      t4, FENCE_FIRST(t3)
        ld      t5, FENCE_END(t3)
        ld      t1, FENCE_SPACE(t3)
        ld      t0, FENCE_ROUTINE(t3)
        jr      t0

# What follows fences for t4 up to t5, or for all if that is 0; t1 is the ASID or VMID.
# An assembler need not know the fences of H: hfence_vvma and hfence_gvma write them as numbers.
        .macro  hfence_vvma address, space
        .insn   r 0x73, 0, 0x11, zero, \address, \space
        .endm
        .macro  hfence_gvma address, space
        .insn   r 0x73, 0, 0x31, zero, \address, \space
        .endm

fence_i:
        fence.i
        ret

fence_vma:
        bnez    t5, 1f
        sfence.vma
        ret
1:      sfence.vma t4
        li      t0, PAGE_SIZE
        add     t4, t4, t0
        bltu    t4, t5, 1b
        ret

fence_vma_asid:
        bnez    t5, 1f
        sfence.vma zero, t1
        ret
1:      sfence.vma t4, t1
        li      t0, PAGE_SIZE
        add     t4, t4, t0
        bltu    t4, t5, 1b
        ret

fence_gvma_vmid:
        bnez    t5, 1f
        hfence_gvma zero, t1
        ret
1:      srli    t0, t4, 2               # guest-physical addresses stand shifted
        hfence_gvma t0, t1
        li      t0, PAGE_SIZE
        add     t4, t4, t0
        bltu    t4, t5, 1b
        ret

fence_gvma:
        bnez    t5, 1f
        hfence_gvma zero, zero
        ret
1:      srli    t0, t4, 2
        hfence_gvma t0, zero
        li      t0, PAGE_SIZE
        add     t4, t4, t0
        bltu    t4, t5, 1b
        ret

# Fences of guest-virtual addresses act on the VMID in hgatp: it has to be the caller's meanwhile.
fence_vvma_asid:
        ld      t0, FENCE_HGATP(t3)
        csrrw   t0, HGATP, t0
        sd      t0, FENCE_OLD_HGATP(tp)
        bnez    t5, 1f
        hfence_vvma zero, t1
        j       2f
1:      hfence_vvma t4, t1
        li      t0, PAGE_SIZE
        add     t4, t4, t0
        bltu    t4, t5, 1b
2:      ld      t0, FENCE_OLD_HGATP(tp)
        csrw    HGATP, t0
        ret

fence_vvma:
        ld      t0, FENCE_HGATP(t3)
        csrrw   t0, HGATP, t0
        sd      t0, FENCE_OLD_HGATP(tp)
        bnez    t5, 1f
        hfence_vvma zero, zero
        j       2f
1:      hfence_vvma t4, zero
        li      t0, PAGE_SIZE
        add     t4, t4, t0
        bltu    t4, t5, 1b
2:      ld      t0, FENCE_OLD_HGATP(tp)
        csrw    HGATP, t0
        ret

        .section .rodata
        .balign 8
routines:
        .dword  fence_i, fence_vma, fence_vma_asid
        .dword  fence_gvma_vmid, fence_gvma, fence_vvma_asid, fence_vvma
