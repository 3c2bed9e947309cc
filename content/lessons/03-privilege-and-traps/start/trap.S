# The way into the kernel and out of it again. The hardware has set sepc, scause, stval and
# sstatus, and has jumped here. All 31 registers still hold what the program needs.

        .text
        .globl  trap_entry
        .balign 4
trap_entry:
        csrrw   tp, sscratch, tp        # tp: the frame. The program's tp is in sscratch.
        .irp    n, 1,2,3, 5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
        sd      x\n, 8 * \n (tp)
        .endr
        mv      s1, tp
        csrr    t0, sscratch
        sd      t0, 8 * 4 (s1)          # x4 is tp
        csrw    sscratch, s1            # ready for the next trap
        la      sp, kernel_stack_top
        j       handle_trap             # handler.S; s1: the frame

        .globl  trap_return
trap_return:
        mv      tp, s1
        .irp    n, 1,2,3, 5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
        ld      x\n, 8 * \n (tp)
        .endr
        ld      tp, 8 * 4 (tp)          # last, as it is the base of all the others
        sret                            # to the address in sepc, in U-mode
