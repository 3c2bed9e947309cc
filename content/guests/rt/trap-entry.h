/*
 * How traps enter and leave, once for S-mode and once for M-mode: trap-s.S and trap-m.S name the two
 * entries, the CSRs and the instruction that returns.
 *
 * The scratch register tells where a trap comes from. It holds the frame of what runs below, or 0 while the program
 * itself runs.
 */
#include <rt/trap.h>

        .macro  each_register instruction, base, numbers:vararg
        .irp    number, \numbers
        \instruction x\number, 8 * \number(\base)
        .endr
        .endm

        .macro  save_cause base
        csrr    t0, CSR(epc)
        sd      t0, TRAP_PC(\base)
        csrr    t0, CSR(status)
        sd      t0, TRAP_STATUS(\base)
        csrr    t0, CSR(cause)
        sd      t0, TRAP_CAUSE(\base)
        csrr    t0, CSR(tval)
        sd      t0, TRAP_VALUE(\base)
        .endm

        .text
        .balign 4
        .globl  TRAP_ENTRY
TRAP_ENTRY:
        csrrw   t6, CSR(scratch), t6
        bnez    t6, from_below

        csrrw   t6, CSR(scratch), t6    # as they were: t6, and 0
        addi    sp, sp, -TRAP_FRAME_BYTES
        each_register sd, sp, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18
        each_register sd, sp, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
        addi    t0, sp, TRAP_FRAME_BYTES
        sd      t0, 8 * 2(sp)
        save_cause sp
        mv      a0, sp
        call    trap_handler
        ld      t0, TRAP_PC(sp)
        csrw    CSR(epc), t0
        ld      t0, TRAP_STATUS(sp)
        csrw    CSR(status), t0
        each_register ld, sp, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18
        each_register ld, sp, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
        addi    sp, sp, TRAP_FRAME_BYTES
        RETURN

/* Keeps what a call has to keep on the stack, and says in the frame where. */
        .globl  TRAP_ENTER
TRAP_ENTER:
        csrci   CSR(status), INTERRUPTS_ENABLE
        addi    sp, sp, -128
        sd      ra, 0(sp)
        sd      gp, 8(sp)
        sd      tp, 16(sp)
        sd      s0, 24(sp)
        sd      s1, 32(sp)
        sd      s2, 40(sp)
        sd      s3, 48(sp)
        sd      s4, 56(sp)
        sd      s5, 64(sp)
        sd      s6, 72(sp)
        sd      s7, 80(sp)
        sd      s8, 88(sp)
        sd      s9, 96(sp)
        sd      s10, 104(sp)
        sd      s11, 112(sp)
        sd      sp, TRAP_OWNER_STACK(a0)
        csrw    CSR(scratch), a0
        mv      t6, a0
        ld      t0, TRAP_PC(t6)
        csrw    CSR(epc), t0
        ld      t0, TRAP_STATUS(t6)
        andi    t0, t0, ~INTERRUPTS_ENABLE      # or an interrupt would be taken before the registers are back
        csrw    CSR(status), t0
#ifdef WITH_GUESTS
        ld      t0, TRAP_HSTATUS(t6)
        beqz    t0, 1f
        csrw    hstatus, t0
1:
#endif
        each_register ld, t6, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18
        each_register ld, t6, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
        RETURN

/* t6 is the frame; its old value is in the scratch register. Returns from trap_enter. */
from_below:
        each_register sd, t6, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18
        each_register sd, t6, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
        csrrw   t0, CSR(scratch), zero
        sd      t0, 8 * 31(t6)
        save_cause t6
#ifdef WITH_GUESTS
        ld      t0, TRAP_HSTATUS(t6)
        beqz    t0, 2f
        li      t1, HSTATUS_SPV
        csrrc   t0, hstatus, t1         # cleared: what is entered next may be a task
        sd      t0, TRAP_HSTATUS(t6)
        csrr    t0, htval
        sd      t0, TRAP_GUEST_ADDRESS(t6)
        csrr    t0, htinst
        sd      t0, TRAP_INSTRUCTION(t6)
2:
#endif
        ld      sp, TRAP_OWNER_STACK(t6)
        ld      ra, 0(sp)
        ld      gp, 8(sp)
        ld      tp, 16(sp)
        ld      s0, 24(sp)
        ld      s1, 32(sp)
        ld      s2, 40(sp)
        ld      s3, 48(sp)
        ld      s4, 56(sp)
        ld      s5, 64(sp)
        ld      s6, 72(sp)
        ld      s7, 80(sp)
        ld      s8, 88(sp)
        ld      s9, 96(sp)
        ld      s10, 104(sp)
        ld      s11, 112(sp)
        addi    sp, sp, 128
        ret
