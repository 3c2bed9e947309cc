# M-mode: opens memory to U-mode, enters the program, and from then on runs only when there is a trap.

        .include "board.inc"

        .text
        .globl  _start
_start:
        la      t0, trap
        csrw    mtvec, t0
        la      t0, frame               # trap looks for it in mscratch
        csrw    mscratch, t0

        li      t0, -1                  # PMP entry 0: all addresses, for reading, writing and executing.
        csrw    pmpaddr0, t0            # Without an entry that allows it, U-mode may touch nothing.
        li      t0, 0x1f
        csrw    pmpcfg0, t0

        li      t0, 3 << 11             # mstatus.MPP = 0: mret enters U-mode
        csrc    mstatus, t0
        la      t0, program
        csrw    mepc, t0
        mret

# The hart has put the cause into mcause and the place into mepc. All registers are the program's: the ones
# that are needed here are saved first.
        .balign 4
trap:
        csrrw   sp, mscratch, sp        # sp: the frame; mscratch: the program's sp
        sd      t0, 0(sp)
        sd      t1, 8(sp)
        sd      s0, 16(sp)
        csrr    t0, mcause
        li      t1, ECALL_FROM_U
        beq     t0, t1, call
        la      s0, illegal
        li      t1, ILLEGAL_INSTRUCTION
        beq     t0, t1, report
        la      s0, no_such_place
        li      t1, LOAD_ACCESS_FAULT
        beq     t0, t1, report
        mv      a0, t0                  # nothing is known about any other: the run ends with the cause
        j       end

call:   li      t1, PUT
        bne     a7, t1, 1f
        li      t0, UART
        sb      a0, 0(t0)
        j       skip
1:      li      t1, END
        beq     a7, t1, end
        j       skip                    # a number that means nothing does nothing

report: li      t0, UART
1:      lbu     t1, 0(s0)
        beqz    t1, skip
        sb      t1, 0(t0)
        addi    s0, s0, 1
        j       1b

# mepc is the address of the instruction that trapped. Left as it is, it would trap again.
skip:   csrr    t0, mepc
        addi    t0, t0, 4
        csrw    mepc, t0
        ld      t0, 0(sp)
        ld      t1, 8(sp)
        ld      s0, 16(sp)
        csrrw   sp, mscratch, sp
        mret

end:    li      t0, FINISHER
        li      t1, PASS
        beqz    a0, 1f
        slli    a0, a0, 16
        li      t1, FAIL
        or      t1, t1, a0
1:      sw      t1, 0(t0)
        j       1b

        .data
illegal:
        .asciz  "[illegal instruction: skipped]\n"
no_such_place:
        .asciz  "[load access fault: skipped]\n"
        .balign 8
frame:  .space  24
