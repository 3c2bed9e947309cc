# System calls from U-mode that S-mode answers at once: a unit of work is 1,000 of them.

        .include "modes.inc"
        .include "user.inc"
        .equ    CALLS,          1 << 8          # medeleg: ecall from U

        .text
        .globl  _start
_start: enter_user CALLS, user

        .balign 4096
user:   ecall
        addi    a0, a0, 1
        bne     a0, s0, user
        ebreak

        .balign 4
supervisor_trap:
        csrr    t0, sepc
        addi    t0, t0, 4
        csrw    sepc, t0
        sret

        .balign 4
machine_trap:                           # the program's ebreak
        csrr    t0, mcause
        li      t1, 3
        bne     t0, t1, fail
        j       report

        .include "report.inc"
