# Stores to every page of RAM behind itself: what a process takes whose guest uses all of its memory.

        .include "modes.inc"
        .equ    PAGE,           4096
        .equ    RAM_END,        RAM + (128 << 20)

        .text
        .globl  _start
_start: la      t0, behind
        li      t1, RAM_END
        li      t2, PAGE
        li      a0, 0
1:      sd      t0, 0(t0)
        addi    a0, a0, 1
        add     t0, t0, t2
        bltu    t0, t1, 1b
        j       report

        .include "report.inc"
        .bss
        .balign PAGE
behind: .space  PAGE
