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

        # The program's registers are in the frame: a0 at 10*8(s1), a7 at 17*8(s1).
        #
        # ecall:   a7 = 1  write the byte in a0
        #          a7 = 2  give the number of timer interrupts so far, in a0
        #          a7 = 3  end, with the exit code in a0
        # fault:   an address from HEAP up to HEAP_END gets a page of its own;
        #          any other address ends the program with exit code 13
        # timer:   count it in `ticks`, and set the timer again
        #
        # Your code goes here.

        li      a0, 1
        call    end_program

trap_return:
        mv      tp, s1
        .irp    n, 1,2,3,5,6,7,8,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
        ld      x\n, \n*8(tp)
        .endr
        ld      s1, 9*8(tp)
        ld      tp, 4*8(tp)
        sret
