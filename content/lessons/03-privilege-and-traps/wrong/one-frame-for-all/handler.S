# The trap handler. Every trap from U-mode comes to trap_entry, in S-mode, with interrupts off.
# Saving and restoring is done for you. What stands between is yours.
#
#   sepc     where the trap came from; sret will go there
#   scause   why: 8 is ecall, 13 a load page fault, 15 a store page fault;
#            bit 63 set and 5 below it: the supervisor's timer
#   stval    the address, if it was a page fault
#
# You can call, all of kernel.S:
#   map_page(a0 virtual, a1 physical, a2 flags)    flags: 0x02 R, 0x04 W, 0x08 X, 0x10 U
#   alloc_page() -> a0                             a page of zeros
#   put_byte(a0)    end_program(a0)    arm_timer()
# They change a- and t-registers as any function may. s1 points to the frame.

        .equ    HEAP,     0x50000000
        .equ    HEAP_END, 0x50010000

        .text
        .globl  trap_entry
        .balign 4
trap_entry:
        csrrw   tp, sscratch, tp        # tp: the frame; the program's tp is in sscratch
        sd      ra, 1*8(tp)
        sd      sp, 2*8(tp)
        sd      gp, 3*8(tp)
        .irp    n, 5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
        sd      x\n, \n*8(tp)
        .endr
        mv      s1, tp
        csrr    t0, sscratch
        sd      t0, 4*8(s1)
        csrw    sscratch, s1            # ready for the next trap
        la      sp, kernel_stack_top

        csrr    t0, scause

        bltz    t0, timer               # bit 63: an interrupt
        li      t1, 8
        beq     t0, t1, system_call
        li      t1, 13
        beq     t0, t1, page_fault
        li      t1, 15
        beq     t0, t1, page_fault
        li      a0, 1                   # nothing that a program should cause
        call    end_program

system_call:
        csrr    t0, sepc                # on with the instruction after the ecall
        addi    t0, t0, 4
        csrw    sepc, t0
        ld      a0, 10*8(s1)
        ld      t0, 17*8(s1)
        li      t1, 1
        beq     t0, t1, write
        li      t1, 2
        beq     t0, t1, count
        call    end_program
write:  call    put_byte
        j       trap_return
count:  la      t0, ticks
        ld      t0, 0(t0)
        sd      t0, 10*8(s1)
        j       trap_return

page_fault:                             # sepc stays: the instruction runs again
        csrr    s2, stval
        li      t0, HEAP
        bltu    s2, t0, stray
        li      t0, HEAP_END
        bgeu    s2, t0, stray
        la      t0, shared              # the page that was allocated at the first fault
        ld      a1, 0(t0)
        bnez    a1, have_page
        call    alloc_page
        mv      a1, a0
        la      t0, shared
        sd      a1, 0(t0)
have_page:
        mv      a0, s2
        li      a2, 0x16                # R, W, U
        call    map_page
        sfence.vma
        j       trap_return
stray:  li      a0, 13
        call    end_program

timer:  la      t0, ticks               # sepc stays: the program asked for nothing
        ld      t1, 0(t0)
        addi    t1, t1, 1
        sd      t1, 0(t0)
        call    arm_timer

trap_return:
        mv      tp, s1
        .irp    n, 1,2,3,5,6,7,8,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
        ld      x\n, \n*8(tp)
        .endr
        ld      s1, 9*8(tp)
        ld      tp, 4*8(tp)
        sret

        .data
        .balign 8
shared: .dword  0
