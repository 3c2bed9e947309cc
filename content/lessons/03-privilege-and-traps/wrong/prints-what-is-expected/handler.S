# The trap handler. trap.S has saved the program's registers and jumps here, in S-mode, with
# interrupts off. Every way through this file ends with `j trap_return` or `call end_program`.
#
#   s1       the frame: the program's a0 is at FRAME_A0(s1), its a7 at FRAME_A7(s1)
#   sepc     where in the program the trap happened, and where sret will go
#   scause   why
#   stval    for a page fault, the address that the program wanted
#
# From kernel.S, to be called; all of them keep s1:
#   alloc_page() -> a0    map_page(a0, a1, a2)    set_next_tick()    put_byte(a0)    end_program(a0)

        .include "layout.inc"

        .text
        .globl  handle_trap
handle_trap:
        la      s2, expected
1:      lbu     a0, 0(s2)
        beqz    a0, 2f
        call    put_byte
        addi    s2, s2, 1
        j       1b
2:      li      a0, 0
        call    end_program

expected:
        .asciz  "knock\n"
