# U-mode. Each of the two computes for a while, says its letter, and never gives up the hart by itself.

        .include "board.inc"
        .equ    WORK,           1500    # rounds between two letters

        .text
        .globl  process_a, process_b
process_a:
        li      s0, 'a'
        j       work
process_b:
        li      s0, 'b'

work:   li      s1, WORK
1:      addi    s1, s1, -1
        bnez    s1, 1b
        mv      a0, s0
        li      a7, PUT
        ecall
        j       work
