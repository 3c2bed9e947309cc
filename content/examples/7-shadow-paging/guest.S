/* The guest's kernel: how it starts, and how traps of its user come and go. */
#define FRAME_PC 0

/* each(load or store, numbers): of registers, x31 being the frame. */
        .macro  each instruction, numbers:vararg
        .irp    n, \numbers
        \instruction x\n, 8 * \n(x31)
        .endr
        .endm

        .section .text.init, "ax"
        .globl  guest_start
guest_start:
        la      sp, kernel_stack_end
        la      t0, trap_entry
        csrw    stvec, t0
        csrw    sscratch, zero
        call    kernel

/* resume(a0: the user's frame, xN at 8 * N and the pc in the place of x0) */
        .globl  resume
resume: csrw    sscratch, a0
        ld      t0, FRAME_PC(a0)
        csrw    sepc, t0
        mv      x31, a0
        each    ld, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
        each    ld, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 31
        sret

/* sscratch is the user's frame, and 0 while the kernel runs. */
        .balign 4
trap_entry:
        csrrw   x31, sscratch, x31
        beqz    x31, kernel_trapped
        each    sd, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        each    sd, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
        csrrw   t0, sscratch, zero
        sd      t0, 8 * 31(x31)
        csrr    t0, sepc
        sd      t0, FRAME_PC(x31)
        mv      s0, x31
        mv      a0, x31
        la      sp, kernel_stack_end
        call    user_trapped
        mv      a0, s0
        j       resume

        .bss
        .balign 4096
        .space  4096
kernel_stack_end:
