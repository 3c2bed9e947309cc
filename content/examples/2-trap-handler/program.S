# U-mode. What only M-mode can do for it, it asks for with `ecall`; then it does what it must not.

        .include "board.inc"

        .text
        .globl  program
program:
        la      s0, hello
        call    print
        csrr    t0, mhartid             # a CSR of M-mode: illegal here
        li      t1, 0x40
        ld      t0, 0(t1)               # nothing of the board lies there
        la      s0, alive
        call    print
        li      a0, 0
        li      a7, END
        ecall

# print(s0: a string that ends with a zero)
print:  lbu     a0, 0(s0)
        beqz    a0, 1f
        li      a7, PUT
        ecall
        addi    s0, s0, 1
        j       print
1:      ret

        .data
hello:  .asciz  "Hello from U-mode.\n"
alive:  .asciz  "Still alive.\n"
