# The debug console and its predecessors, on the 16550 UART.

        .include "layout.inc"

        .equ    DATA,           0
        .equ    FIFO_CONTROL,   2
        .equ    LINE_CONTROL,   3
        .equ    LINE_STATUS,    5
        .equ    HAS_BYTE,       0x01            # line status
        .equ    HAS_ROOM,       0x20

        .text
        .globl  console_set_up
console_set_up:
        li      t0, UART
        li      t1, 3                   # eight bits
        sb      t1, LINE_CONTROL(t0)
        li      t1, 1                   # keep more than one byte
        sb      t1, FIFO_CONTROL(t0)
        ret

        .globl  sbi_console
sbi_console:
        beqz    a6, console_write
        li      t0, 2
        bltu    a6, t0, console_read
        beq     a6, t0, console_write_byte
        j       not_supported

# console_write(a0: bytes, a1: low, a2: high part of a physical address) -> a1: bytes written.
# It does not wait: it ends when the UART has no room.
console_write:
        mv      t6, ra
        call    check_range
        mv      ra, t6
        bnez    t0, invalid_param
        add     t1, a1, a0              # t1: the end
        mv      t0, a1
        li      t2, UART
1:      beq     t0, t1, 2f
        lbu     t3, LINE_STATUS(t2)
        andi    t3, t3, HAS_ROOM
        beqz    t3, 2f
        lbu     t3, 0(t0)
        sb      t3, DATA(t2)
        addi    t0, t0, 1
        j       1b
2:      sub     a1, t0, a1
        li      a0, SUCCESS
        ret

# console_read(the same) -> a1: bytes read, which may be none.
console_read:
        mv      t6, ra
        call    check_range
        mv      ra, t6
        bnez    t0, invalid_param
        add     t1, a1, a0
        mv      t0, a1
        li      t2, UART
1:      beq     t0, t1, 2f
        lbu     t3, LINE_STATUS(t2)
        andi    t3, t3, HAS_BYTE
        beqz    t3, 2f
        lbu     t3, DATA(t2)
        sb      t3, 0(t0)
        addi    t0, t0, 1
        j       1b
2:      sub     a1, t0, a1
        li      a0, SUCCESS
        ret

# console_write_byte(a0): this one waits.
console_write_byte:
        li      a1, 0
        .globl  legacy_putchar
legacy_putchar:                         # the same, but a1 is the caller's
        mv      t3, ra
        mv      t0, a0
        call    put_byte
        li      a0, SUCCESS
        jr      t3

# legacy_getchar() -> a0: a byte, or -1. It does not wait.
        .globl  legacy_getchar
legacy_getchar:
        li      t0, UART
        lbu     t1, LINE_STATUS(t0)
        andi    t1, t1, HAS_BYTE
        li      a0, -1
        beqz    t1, 1f
        lbu     a0, DATA(t0)
1:      ret

# put_byte(t0: byte): waits for room. Changes t1 and t2.
put_byte:
        li      t1, UART
1:      lbu     t2, LINE_STATUS(t1)
        andi    t2, t2, HAS_ROOM
        beqz    t2, 1b
        sb      t0, DATA(t1)
        ret

# put_text(t3: text that ends with a zero). Changes t0 to t4.
        .globl  put_text
put_text:
        mv      t4, ra
1:      lbu     t0, 0(t3)
        beqz    t0, 2f
        call    put_byte
        addi    t3, t3, 1
        j       1b
2:      jr      t4
