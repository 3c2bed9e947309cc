# Here the machine starts, in M-mode, with nothing set up. A byte that is stored to the UART's
# first register is sent, and the test finisher ends the run when 0x5555 is stored to it.

        .equ    UART,           0x10000000
        .equ    LINE_STATUS,    5
        .equ    HAS_ROOM,       0x20            # in the line status: the transmitter is empty
        .equ    FINISHER,       0x00100000
        .equ    PASS,           0x5555

        .text
        .globl  _start
_start:
        la      s0, message
        li      s1, UART

next:   lbu     a0, 0(s0)
        beqz    a0, done
wait:   lbu     t0, LINE_STATUS(s1)
        andi    t0, t0, HAS_ROOM
        beqz    t0, wait
        sb      a0, 0(s1)
        addi    s0, s0, 1
        j       next

done:   li      t0, FINISHER
        li      t1, PASS
        sw      t1, 0(t0)

        .data
message:
        .asciz  "Hello from M-mode.\n"
