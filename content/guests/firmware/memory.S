# Which memory S-mode may name in a call, and telling the kernel which is not its own.

        .include "layout.inc"

        .text

# check_range(a0: bytes, a1: low, a2: high part of the first address) -> t0: 0 if S-mode may use
# all of it. That is RAM behind the firmware: it lies in one piece, so its ends are tried.
# Changes t1 to t3 and t5.
        .globl  check_range
check_range:
        mv      t5, ra
        bnez    a2, bad
        beqz    a0, good
        add     t0, a1, a0
        addi    t0, t0, -1              # the last byte
        bltu    t0, a1, bad             # around the end of the address space
        li      t1, FIRMWARE + FIRMWARE_SIZE
        bltu    a1, t1, bad
        andi    t0, t0, -8
        call    try_load
        bnez    t1, bad
        andi    t0, a1, -8
        call    try_load
        bnez    t1, bad
good:   li      t0, 0
        jr      t5
bad:    li      t0, -1
        jr      t5

# try_load(t0: address of a double-word) -> t0: what is there, t1: 0, or -1 if nothing is. The
# access fault comes back to here, as mtvec says so meanwhile. Changes t2 and t3.
        .globl  try_load
try_load:
        csrr    t3, mepc
        la      t1, 1f
        csrrw   t2, mtvec, t1
        csrr    t1, mstatus
        ld      t0, 0(t0)
        csrw    mtvec, t2
        li      t1, 0
        ret
        .balign 4                       # a place for mtvec
1:      csrw    mtvec, t2
        csrw    mstatus, t1             # this trap has overwritten the mode to return to
        csrw    mepc, t3
        li      t1, -1
        ret

# reserve_memory(a1: device tree): adds the firmware's memory to the tree's list of reserved
# memory, as S-mode would get an access fault there, and makes room at its end, if there is RAM:
# boot loaders add to the tree where it is. Devicetree Specification 0.4, 5.2 and 5.3. Numbers in
# the tree are big-endian. Changes t0 to t6.
        .equ    TREE_MAGIC,     0xd00dfeed
        .equ    TOTAL_SIZE,     4
        .equ    STRUCTURE,      8
        .equ    STRINGS,        12
        .equ    RESERVED,       16
        .equ    ENTRY_SIZE,     16              # an address and a size
        .equ    ROOM,           2000

        .globl  reserve_memory
reserve_memory:
        mv      t6, ra
        mv      t0, a1
        call    try_load
        bnez    t1, 3f
        mv      t0, a1
        call    load_big
        li      t1, TREE_MAGIC
        bne     t1, t2, 3f
        addi    t0, a1, RESERVED
        call    load_big
        add     t4, a1, t2              # t4: the list
        addi    t0, a1, TOTAL_SIZE
        call    load_big
        addi    t2, t2, 7
        andi    t2, t2, -8
        add     t5, a1, t2              # t5: the end of the tree

1:      addi    t5, t5, -8              # move all from the list on up by an entry
        ld      t0, 0(t5)
        sd      t0, ENTRY_SIZE(t5)
        bgtu    t5, t4, 1b

        sd      zero, 0(t4)             # the new entry
        sd      zero, 8(t4)
        addi    t0, t4, 4
        li      t2, FIRMWARE
        call    store_big
        addi    t0, t4, 12
        li      t2, FIRMWARE_SIZE
        call    store_big

        li      t4, TOTAL_SIZE          # and three words that have moved along
2:      add     t0, a1, t4
        call    load_big
        addi    t2, t2, ENTRY_SIZE
        call    store_big
        addi    t4, t4, 4
        li      t5, STRINGS
        bleu    t4, t5, 2b

        addi    t0, a1, TOTAL_SIZE
        call    load_big
        addi    t4, t2, ROOM            # t4: the size with room
        add     t0, a1, t4
        andi    t0, t0, -8
        call    try_load
        bnez    t1, 3f
        addi    t0, a1, TOTAL_SIZE
        mv      t2, t4
        call    store_big
3:      jr      t6

# load_big(t0: address) -> t2: the big-endian word there. Changes t1.
load_big:
        lbu     t2, 0(t0)
        .irp    n, 1, 2, 3
        slli    t2, t2, 8
        lbu     t1, \n(t0)
        or      t2, t2, t1
        .endr
        ret

# store_big(t0: address, t2: word). Changes t1.
store_big:
        .irp    n, 0, 1, 2, 3
        srli    t1, t2, 24 - 8 * \n
        sb      t1, \n(t0)
        .endr
        ret
