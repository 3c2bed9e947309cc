# Starting, stopping and suspending harts: the HSM extension.

        .include "layout.inc"

        .text
        .globl  sbi_hsm
sbi_hsm:
        beqz    a6, hart_start
        li      t0, 2
        bltu    a6, t0, hart_stop
        beq     a6, t0, hart_get_status
        li      t0, 3
        beq     a6, t0, hart_suspend
        j       not_supported

# find_block(a0: hart) -> t0: its block, or 0 if there is no such hart. Changes t1 and t2.
find_block:
        li      t0, MAX_HARTS
        bgeu    a0, t0, 1f
        la      t0, hart_blocks
        slli    t1, a0, BLOCK_SHIFT
        add     t0, t0, t1
        ld      t1, STATE(t0)
        li      t2, ABSENT
        bne     t1, t2, 2f
1:      li      t0, 0
2:      ret

# hart_start(a0: hart, a1: address, a2: what it finds in a1)
hart_start:
        mv      t6, ra
        call    find_block
        mv      t4, t0                  # t4: its block
        beqz    t4, start_nobody
        mv      t0, a1                  # an instruction is there, and it is not ours
        li      t1, FIRMWARE + FIRMWARE_SIZE
        bltu    t0, t1, start_nowhere
        andi    t0, t0, -8
        call    try_load
        bnez    t1, start_nowhere

        addi    t0, t4, STATE           # two harts may want this: only one of them sees STOPPED
        li      t1, STOPPED
        li      t2, START_PENDING
1:      lr.d.aq t3, (t0)
        bne     t3, t1, start_again
        sc.d    t3, t2, (t0)
        bnez    t3, 1b

        sd      a1, START_ADDRESS(t4)
        sd      a2, START_OPAQUE(t4)
        li      t0, WORK_START
        call    send
        li      a0, SUCCESS
        li      a1, 0
        jr      t6
start_nobody:
        mv      ra, t6
        j       invalid_param
start_nowhere:
        mv      ra, t6
        j       invalid_address
start_again:
        li      a0, ALREADY_AVAILABLE
        li      a1, 0
        jr      t6

# hart_stop(): does not return. Who starts this hart again may do so before it waits: the work
# is kept for it.
hart_stop:
        fence   rw, w
        li      t0, STOPPED
        sd      t0, STATE(tp)

        .globl  wait_for_start
wait_for_start:
        csrw    mscratch, tp
        li      t0, MSI
        csrw    mie, t0
1:      wfi
        csrr    t0, mip
        andi    t0, t0, MSI
        beqz    t0, 1b
        call    do_work                 # a fence may be among it: its sender waits for us
        andi    t0, t1, WORK_START
        beqz    t0, 1b

        # First started, then fences (in enter_supervisor): who has seen another state and has
        # sent us no fence is right, as ours comes later.
        ld      t4, START_ADDRESS(tp)
        ld      a1, START_OPAQUE(tp)
        ld      a0, HART_ID(tp)
        li      t0, STARTED
        sd      t0, STATE(tp)
        fence   rw, rw
        j       enter_supervisor

# hart_get_status(a0: hart) -> a1: its state
hart_get_status:
        mv      t6, ra
        call    find_block
        mv      ra, t6
        beqz    t0, invalid_param
        ld      a1, STATE(t0)
        li      a0, SUCCESS
        ret

# hart_suspend(a0: type, of 32 bits): type 0 keeps everything, and returns when an interrupt that
# S-mode has enabled is pending. The default type without retention is not offered; the others
# are nobody's here.
hart_suspend:
        sext.w  t0, a0
        beqz    t0, 1f
        lui     t1, 0x80000             # sign-extended, as t0 is
        beq     t0, t1, not_supported
        j       invalid_param
1:      mv      t6, ra
        li      t0, SUSPENDED
        sd      t0, STATE(tp)
2:      csrr    t0, mip
        csrr    t1, mie
        and     t0, t0, t1
        andi    t1, t0, MSI
        bnez    t1, 3f
        andi    t1, t0, MTI
        bnez    t1, 4f
        bnez    t0, 5f
        wfi
        j       2b
3:      mv      a1, t6                  # do_work changes all the others
        call    do_work
        mv      t6, a1
        j       2b
4:      li      t0, MTI                 # S-mode's timer, as in trap.S
        csrc    mie, t0
        li      t0, STI
        csrs    mip, t0
        j       2b
5:      li      t0, STARTED
        sd      t0, STATE(tp)
        li      a0, SUCCESS
        li      a1, 0
        jr      t6
