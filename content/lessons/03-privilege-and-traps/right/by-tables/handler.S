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

        csrr    s2, sepc                # where to go on; each case may change it
        csrr    s3, stval
        srai    t1, t0, 63              # all ones for an interrupt
        bnez    t1, interrupt
        li      t1, 16
        bgeu    t0, t1, unexpected
        la      t1, table
        slli    t0, t0, 3
        add     t1, t1, t0
        ld      t1, 0(t1)
        jr      t1

unexpected:
        li      a0, 1
        tail    end_program

called: addi    s2, s2, 4
        la      t1, calls
        ld      t0, 17*8(s1)            # 1, 2 or 3; anything else is taken for 3
        addi    t0, t0, -1
        li      t2, 2
        bleu    t0, t2, 1f
        mv      t0, t2
1:      slli    t0, t0, 3
        add     t1, t1, t0
        ld      t1, 0(t1)
        ld      a0, 10*8(s1)
        jalr    t1                      # put_byte, give_ticks or end_program
        j       resume

give_ticks:
        ld      t0, ticks
        sd      t0, 10*8(s1)
        ret

touched:
        li      t0, ~0xfff              # the page's first byte decides
        and     s3, s3, t0
        li      t0, HEAP
        sub     t0, s3, t0              # one unsigned comparison for both ends
        li      t1, HEAP_END - HEAP
        li      a0, 13
        bgeu    t0, t1, end_program
        call    alloc_page
        mv      a1, a0
        mv      a0, s3
        li      a2, 0x02 | 0x04 | 0x10
        call    map_page
        sfence.vma s3, zero
        j       resume

interrupt:
        call    arm_timer
        la      t0, ticks
        li      t1, 1
        amoadd.d zero, t1, (t0)

resume: csrw    sepc, s2

trap_return:
        mv      tp, s1
        .irp    n, 1,2,3,5,6,7,8,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
        ld      x\n, \n*8(tp)
        .endr
        ld      s1, 9*8(tp)
        ld      tp, 4*8(tp)
        sret

        .section .rodata
        .balign 8
table:  .dword  unexpected, unexpected, unexpected, unexpected
        .dword  unexpected, unexpected, unexpected, unexpected
        .dword  called, unexpected, unexpected, unexpected
        .dword  unexpected, touched, unexpected, touched
calls:  .dword  put_byte, give_ticks, end_program
