# The trap handler, with heap pages from the other end of the pool: tables grow up, the heap
# grows down. Commits sepc at the end, in one place, with what is to be added to it in s3.

        .include "layout.inc"

        .text
        .globl  handle_trap
handle_trap:
        csrr    s2, sepc
        li      s3, 0
        csrr    t0, scause
        slli    t1, t0, 1
        srli    t1, t1, 1               # the code without bit 63
        bne     t0, t1, interrupt
        li      t0, ECALL_FROM_U
        bne     t1, t0, not_a_call

        li      s3, 4
        ld      t0, FRAME_A7(s1)
        addi    t0, t0, -SYS_WRITE
        beqz    t0, write
        addi    t0, t0, SYS_WRITE - SYS_TICKS
        beqz    t0, tell_ticks
        addi    t0, t0, SYS_TICKS - SYS_EXIT
        bnez    t0, kill
        ld      a0, FRAME_A0(s1)
        call    end_program

write:
        ld      a0, FRAME_A0(s1)
        call    put_byte
        j       finish

tell_ticks:
        ld      t0, ticks
        sd      t0, FRAME_A0(s1)
        j       finish

not_a_call:
        andi    t1, t1, ~2              # 13 and 15 differ in bit 1
        li      t0, LOAD_FAULT
        bne     t1, t0, kill
        csrr    s4, stval
        srli    t0, s4, 16              # the heap is 64 KiB, and aligned to that
        li      t1, HEAP >> 16
        bne     t0, t1, kill

        la      t0, lowest_frame
        ld      t1, 0(t0)
        li      t2, PAGE_SIZE
        sub     a1, t1, t2
        sd      a1, 0(t0)
        mv      t0, a1
1:      sd      zero, 0(t0)
        sd      zero, 8(t0)
        addi    t0, t0, 16
        bne     t0, t1, 1b
        mv      a0, s4
        li      a2, PTE_U | PTE_W | PTE_R
        call    map_page
        sfence.vma
        j       finish

interrupt:
        li      t0, TIMER
        bne     t1, t0, kill
        ld      t0, ticks
        addi    t0, t0, 1
        sd      t0, ticks, t1
        call    set_next_tick

finish:
        add     s2, s2, s3
        csrw    sepc, s2
        j       trap_return

kill:
        li      a0, KILLED
        call    end_program

        .data
        .balign 8
lowest_frame:
        .dword  frames_end
