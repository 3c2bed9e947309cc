# Timer interrupts in M-mode, each as soon as the one before is over: the handler sets the timer to
# the time that it has read. A unit of work is 1,000 interrupts.

        .include "modes.inc"
        .equ    COMPARE,        0x02004000      # CLINT: mtimecmp of hart 0
        .equ    TIME,           0x0200bff8      # CLINT: mtime
        .equ    TIMER,          1 << 7          # mie.MTIE
        .equ    ENABLE,         1 << 3          # mstatus.MIE

        .text
        .globl  _start
_start: la      t0, tick
        csrw    mtvec, t0
        ld      s0, amount
        li      t0, 1000
        mul     s0, s0, t0
        li      a0, 0
        li      s1, COMPARE
        li      s2, TIME
        sd      zero, 0(s1)
        li      t0, TIMER
        csrw    mie, t0
        csrsi   mstatus, ENABLE
1:      j       1b

        .balign 4
tick:   addi    a0, a0, 1
        beq     a0, s0, report
        ld      t0, 0(s2)
        sd      t0, 0(s1)
        mret

        .include "report.inc"
