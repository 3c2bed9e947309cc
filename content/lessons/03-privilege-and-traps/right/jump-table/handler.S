# The trap handler, with a table of causes and a table of system calls instead of comparisons.

        .include "layout.inc"

        .equ    CAUSES, 16
        .equ    CALLS,  4

        .text
        .globl  handle_trap
handle_trap:
        csrr    t0, scause
        bltz    t0, interrupt
        li      t1, CAUSES
        bgeu    t0, t1, kill
        la      t1, causes
        j       dispatch

system_call:
        csrr    t2, sepc
        addi    t2, t2, 4
        csrw    sepc, t2
        ld      t0, FRAME_A7(s1)
        li      t1, CALLS
        bgeu    t0, t1, kill
        la      t1, calls

dispatch:                               # t0: index, t1: table
        slli    t0, t0, 3
        add     t1, t1, t0
        ld      t1, 0(t1)
        ld      a0, FRAME_A0(s1)
        jr      t1

kill:
        li      a0, KILLED
        j       end_program

system_write:
        la      ra, trap_return         # put_byte returns to there
        j       put_byte

system_ticks:
        la      t0, ticks
        ld      t0, 0(t0)
        sd      t0, FRAME_A0(s1)
        j       trap_return

page_fault:
        csrr    s2, stval
        li      t0, HEAP
        sub     t0, s2, t0              # below HEAP this is huge: one comparison does for both ends
        li      t1, HEAP_END - HEAP
        bgeu    t0, t1, kill
        li      t0, -PAGE_SIZE
        and     s2, s2, t0
        call    alloc_page
        mv      a1, a0
        mv      a0, s2
        li      a2, PTE_R | PTE_W | PTE_U
        call    map_page
        sfence.vma
        j       trap_return

interrupt:
        call    set_next_tick
        la      t0, ticks
        li      t1, 1
        amoadd.d zero, t1, (t0)
        j       trap_return

        .section .rodata
        .balign 8
causes: .dword  kill, kill, kill, kill, kill, kill, kill, kill
        .dword  system_call, kill, kill, kill, kill, page_fault, kill, page_fault
calls:  .dword  kill, system_write, system_ticks, end_program
