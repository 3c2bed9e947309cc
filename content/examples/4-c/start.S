# What C needs before its first statement: a stack. What it leaves behind is the exit code of the run.

        .text
        .globl  _start
_start:
        la      sp, stack_top
        call    main
        li      t0, 0x00100000          # the test finisher
        li      t1, 0x5555
        beqz    a0, 1f
        slli    a0, a0, 16
        li      t1, 0x3333
        or      t1, t1, a0
1:      sw      t1, 0(t0)
        j       1b

        .bss
        .balign 16
        .space  64 * 1024
stack_top:
