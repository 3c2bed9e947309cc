# System calls from U-mode that M-mode answers at once: a unit of work is 1,000 of them.

        .include "modes.inc"
        .include "user.inc"
        .equ    BREAKPOINTS,    1 << 3          # medeleg

        .text
        .globl  _start
_start: enter_user BREAKPOINTS, user

        .balign 4096
user:   ecall
        addi    a0, a0, 1
        bne     a0, s0, user
        ebreak

        .balign 4
machine_trap:
        csrr    t0, mepc
        addi    t0, t0, 4
        csrw    mepc, t0
        mret

        .balign 4
supervisor_trap:                        # the program's ebreak
        csrr    t0, scause
        li      t1, 3
        bne     t0, t1, fail
        j       report

        .include "report.inc"
