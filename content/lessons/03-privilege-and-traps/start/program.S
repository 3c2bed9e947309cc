# U-mode. The program. It knows nothing of pages or ticks: it uses its heap as if it were there,
# and computes as if it were alone. LETTERS, PAGES, FIRST, STRIDE, TICKS and STRAY come from
# the run.

        .include "layout.inc"

        .equ    OFFSET, 1000            # where in each page it writes
        .equ    HEAP_WRONG, 0           # where in its own page its variables lie
        .equ    DAMAGE, 8
        .equ    TICKS_SEEN, 16
        .equ    LATEST, TICKS * INTERVAL + INTERVAL / 2

        .section .user, "ax"
        .balign 4096
        .globl  user_start, user_write, user_ticks, user_stray, user_exit
user_start:
        rdtime  s10
        li      t0, LATEST
        add     s10, s10, t0            # s10: when the computation below shall end

# 1. Say something, letter by letter.
        la      s0, message
        addi    s1, s0, LETTERS
1:      lbu     a0, 0(s0)
        li      a7, SYS_WRITE
user_write:
        ecall
        addi    s0, s0, 1
        bne     s0, s1, 1b

# 2. Touch PAGES of the heap's 16 pages, beginning with FIRST, each STRIDE behind the last one.
#    Every second page is read before it is written: a new page has to be zero.
        la      s11, user_data
        li      s0, 0
        li      s1, FIRST
        li      s2, HEAP + OFFSET
2:      slli    t0, s1, 12
        add     t0, t0, s2
        andi    t1, s0, 1
        beqz    t1, 3f
        ld      t2, 0(t0)
        beqz    t2, 3f
        sd      t2, HEAP_WRONG(s11)
3:      sd      t0, 0(t0)               # each page gets its own address, as a mark
        addi    s1, s1, STRIDE
        andi    s1, s1, 15
        addi    s0, s0, 1
        li      t1, PAGES
        bne     s0, t1, 2b

# 3. Visit them again: every page must have kept its mark.
        li      s0, 0
        li      s1, FIRST
4:      slli    t0, s1, 12
        add     t0, t0, s2
        ld      t2, 0(t0)
        beq     t2, t0, 5f
        sd      t0, HEAP_WRONG(s11)
5:      addi    s1, s1, STRIDE
        andi    s1, s1, 15
        addi    s0, s0, 1
        li      t1, PAGES
        bne     s0, t1, 4b

# 4. Compute (xorshift, in t3) until TICKS and a half intervals have passed. All registers that
#    take no part get a value to keep; afterwards, bit n of `damage` says that xn has lost it.
        mv      t5, s11
        mv      t4, s10
        .irp    n, 1,2,3,4,5,6, 8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27
        li      x\n, 0x111 * \n
        .endr
        li      t3, 1
compute:
        slli    t2, t3, 13
        xor     t3, t3, t2
        srli    t2, t3, 7
        xor     t3, t3, t2
        slli    t2, t3, 17
        xor     t3, t3, t2
        rdtime  t6
        bltu    t6, t4, compute

        li      t3, 0
        .irp    n, 1,2,3,4,5,6, 8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27
        li      t2, 0x111 * \n
        xor     t2, t2, x\n
        snez    t2, t2
        slli    t2, t2, \n
        or      t3, t3, t2
        .endr
        sd      t3, DAMAGE(t5)

# 5. How many ticks were there?
        li      a7, SYS_TICKS
user_ticks:
        ecall
        sd      a0, TICKS_SEEN(t5)

# 6. In some runs: store to an address that is not the program's.
        li      t0, STRAY
        beqz    t0, 6f
user_stray:
        sd      zero, 0(t0)

# 7. End, with code 1 if anything above was wrong.
6:      ld      t0, HEAP_WRONG(t5)
        ld      t1, DAMAGE(t5)
        or      a0, t0, t1
        snez    a0, a0
        li      a7, SYS_EXIT
user_exit:
        ecall
7:      j       7b                      # not reached

message:
        .ascii  "knock\nknock\nknock\n"

        .section .user_data, "aw"
        .balign 4096
        .globl  user_data, heap_wrong, damage, ticks_seen
user_data:
heap_wrong:
        .dword  0
damage: .dword  0
ticks_seen:
        .dword  0
        .balign 4096
