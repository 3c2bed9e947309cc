# U-mode: the program. It knows nothing of pages: it writes to its heap as if it were there.
# WRITES, PAGES, TICKS, STRIDE and STRAY are given by the run.

        .section .text.program, "ax"
        .balign 4096
        .globl  program_start
program_start:
        li      s2, WRITES              # say something: one system call for each letter
        li      s3, 'a'
1:      mv      a0, s3
        li      a7, 1
        ecall
        addi    s3, s3, 1
        addi    s2, s2, -1
        bnez    s2, 1b

        li      s2, 0                   # touch PAGES pages of the heap, STRIDE apart, and add up
        li      s4, 0x50000000          # what is read back
        li      s5, 0
        li      s6, STRIDE * 4096
        li      s7, 0x50000000
2:      sd      s2, 0(s4)
        ld      t0, 8(s4)               # a new page is zero
        add     s5, s5, t0
        ld      t0, 0(s4)
        add     s5, s5, t0
        add     s4, s4, s6
        addi    s2, s2, 1
        li      t0, PAGES
        bne     s2, t0, 2b

        li      s2, 0                   # read all again: each page has kept its own number
        mv      s4, s7
3:      ld      t0, 0(s4)
        add     s5, s5, t0
        add     s4, s4, s6
        addi    s2, s2, 1
        li      t0, PAGES
        bne     s2, t0, 3b

4:      addi    s8, s8, 1               # compute until TICKS timer interrupts have come;
        addi    s9, s9, 1               # s8 and s9 stay equal if no instruction is lost
        li      t0, 200
        remu    t0, s8, t0
        bnez    t0, 4b
        li      a7, 2
        ecall
        li      t0, TICKS
        bltu    a0, t0, 4b

        sub     s8, s8, s9              # 0, if the interrupts left no trace
        li      t0, PAGES * (PAGES - 1) # what the sums must give: 2 × (0 + 1 + … )
        sub     s5, s5, t0
        or      a0, s5, s8
        snez    a0, a0

        li      t0, STRAY               # an address that is not the program's to touch, or 0
        beqz    t0, 5f
        sd      zero, 0(t0)
5:      li      a7, 3
        ecall
6:      j       6b
