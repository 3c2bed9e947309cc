# Start-up of the programs in C: entered in M-mode at the first byte of RAM.

        .section .text.start, "ax"
        .globl  _start
_start: la      sp, stack_end
        li      t0, 0x2000              # mstatus.FS: Initial
        csrs    mstatus, t0
        la      t0, fail
        csrw    mtvec, t0
        ld      a0, amount
        call    work
        j       report

        .include "report.inc"

        .bss
        .balign 16
        .space  65536
stack_end:
