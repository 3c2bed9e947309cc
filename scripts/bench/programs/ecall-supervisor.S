# System calls from U-mode that S-mode answers at once: a unit of work is 1,000 of them.

        .include "modes.inc"
        .include "user.inc"

        .text
        .globl  _start
_start: enter_user 1 << CALL | 1 << BREAK, user

        .balign 4
trap:   answer_calls sscratch, scause, sepc, sret
        end_or_fail

        .balign 4096
user:   ecall
        addi    a0, a0, 1
        bne     a0, s0, user
        ebreak

        .include "report.inc"
