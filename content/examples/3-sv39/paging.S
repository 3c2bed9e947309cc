# M-mode hands everything to S-mode. S-mode builds an address space and works in it:
#
#   0x00000000  1 GiB   devices, as they are                R W     one entry of the root table
#   0x40000000  4 KiB   the frame `shared`                  R W
#   0x40001000  4 KiB   the same frame again                R W
#   0x60000000          nothing, until it is touched
#   0x80000000  1 GiB   RAM, as it is                       R W X   one entry of the root table

        .include "board.inc"
        .equ    FIRST,          0x40000000
        .equ    SECOND,         FIRST + PAGE
        .equ    LAZY,           0x60000000

        .text
        .globl  _start
_start:
        li      t0, -1                  # PMP: all memory, for everybody
        csrw    pmpaddr0, t0
        li      t0, 0x1f
        csrw    pmpcfg0, t0
        li      t0, -1                  # page faults and all other exceptions: for S-mode
        csrw    medeleg, t0
        li      t0, 3 << 11
        csrc    mstatus, t0
        li      t0, 1 << 11             # mstatus.MPP = S
        csrs    mstatus, t0
        la      t0, supervisor
        csrw    mepc, t0
        mret

supervisor:
        la      sp, stack_top
        la      t0, page_fault
        csrw    stvec, t0

        la      t0, root
        li      t1, V | R | W | A | D                           # a leaf in the root table: 1 GiB
        sd      t1, 0(t0)
        li      t1, (RAM >> 2) | V | R | W | X | A | D
        sd      t1, 8 * (RAM / GIGABYTE)(t0)

        li      a0, FIRST
        la      a1, shared
        call    map
        li      a0, SECOND
        la      a1, shared
        call    map

        la      t0, root
        srli    t0, t0, 12
        li      t1, SV39
        or      t0, t0, t1
        csrw    satp, t0
        sfence.vma

        li      t0, FIRST               # written at one address, read at the other
        li      t1, 0x1234
        sd      t1, 0(t0)
        li      t0, SECOND
        ld      t2, 0(t0)
        bne     t1, t2, fail
        la      a0, same
        call    print

        li      t0, LAZY                # nothing is there: page_fault puts a frame there
        sd      t1, 8(t0)
        ld      t2, 8(t0)
        bne     t1, t2, fail
        li      t0, LAZY + 5 * PAGE
        ld      t2, 16(t0)              # new frames are zero
        bnez    t2, fail

        li      t1, PASS
        j       finish
fail:   li      t1, FAIL | 1 << 16
finish: li      t0, FINISHER
        sw      t1, 0(t0)
        j       finish

# stval is the address that was wanted. After the new entry the instruction is done again: sepc stays.
        .balign 4
page_fault:
        addi    sp, sp, -80
        sd      ra, 0(sp)
        sd      t0, 8(sp)
        sd      t1, 16(sp)
        sd      t2, 24(sp)
        sd      t3, 32(sp)
        sd      t4, 40(sp)
        sd      a0, 48(sp)
        sd      a1, 56(sp)
        sd      s0, 64(sp)

        csrr    t0, scause
        li      t1, LOAD_PAGE_FAULT
        beq     t0, t1, 1f
        li      t1, STORE_PAGE_FAULT
        bne     t0, t1, fail
1:      csrr    s0, stval
        srli    s0, s0, 12
        slli    s0, s0, 12
        call    new_frame
        mv      a1, a0
        mv      a0, s0
        call    map
        sfence.vma
        la      a0, came
        call    print
        mv      a0, s0
        call    print_address
        la      a0, touched
        call    print

        ld      ra, 0(sp)
        ld      t0, 8(sp)
        ld      t1, 16(sp)
        ld      t2, 24(sp)
        ld      t3, 32(sp)
        ld      t4, 40(sp)
        ld      a0, 48(sp)
        ld      a1, 56(sp)
        ld      s0, 64(sp)
        addi    sp, sp, 80
        sret

# map(a0: virtual address, a1: frame): a page of 4 KiB, R and W; makes the tables on the way that are
# missing. Changes a0 and t0 to t4.
map:
        addi    sp, sp, -16
        sd      ra, 0(sp)
        mv      t1, a0
        la      t2, root
        li      t3, 30                  # bits 38-30 index the root, 29-21 the next table, 20-12 the last
1:      srl     t4, t1, t3
        andi    t4, t4, 511
        slli    t4, t4, 3
        add     t2, t2, t4              # t2: the entry's address
        li      t0, 12
        beq     t3, t0, 3f
        ld      t4, 0(t2)
        bnez    t4, 2f
        call    new_frame
        srli    t4, a0, 2
        ori     t4, t4, V               # no R, W, X: it names another table
        sd      t4, 0(t2)
2:      srli    t2, t4, 10
        slli    t2, t2, 12
        addi    t3, t3, -9
        j       1b
3:      srli    t4, a1, 2
        ori     t4, t4, V | R | W | A | D
        sd      t4, 0(t2)
        ld      ra, 0(sp)
        addi    sp, sp, 16
        ret

# new_frame() -> a0: a frame of zeros, as nobody had it before. Changes t0 and t4.
new_frame:
        la      t0, next_frame
        ld      a0, 0(t0)
        li      t4, PAGE
        add     t4, a0, t4
        sd      t4, 0(t0)
        ret

# print(a0: a string that ends with a zero), print_address(a0). Change a0 and t0 to t2.
print:  li      t0, UART
1:      lbu     t1, 0(a0)
        beqz    t1, 2f
        sb      t1, 0(t0)
        addi    a0, a0, 1
        j       1b
2:      ret

print_address:
        li      t0, UART
        li      t1, 28
1:      srl     t2, a0, t1
        andi    t2, t2, 15
        addi    t2, t2, '0'             # only digits up to 9 come up here
        sb      t2, 0(t0)
        addi    t1, t1, -4
        bgez    t1, 1b
        ret

        .data
same:   .asciz  "One frame, two addresses: same word.\n"
came:   .asciz  "A page for 0x"
touched:
        .asciz  " came when it was touched.\n"
        .balign 8
next_frame:
        .dword  frames

        .bss
        .balign 4096
root:   .space  4096
shared: .space  4096
frames: .space  16 * 4096
        .space  4096
stack_top:
