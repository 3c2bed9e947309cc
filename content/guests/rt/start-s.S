/*
 * The start of a program in S-mode (HS-mode, with guests), which SBI firmware enters on one hart, with the hart's number
 * in a0 and the address of the device tree in a1. It calls main(hart, device_tree), whose result ends the run. The other
 * harts are the firmware's until start_harts() asks for them; they begin in hart_main(hart).
 */
#include <rt/board.h>
#include <rt/csr.h>

#define SBI_HSM 0x48534d
#define SBI_HART_START 0

        .section .text.init, "ax"
        .globl  supervisor_start
supervisor_start:
        call    begin
        mv      s0, a1
        la      a0, __bss_start         # C counts on zeros in variables without a value
        li      a1, 0
        la      a2, __bss_end
        sub     a2, a2, a0
        call    memset
        mv      a0, tp
        mv      a1, s0
        call    main
        call    exit

/* The firmware enters a started hart here. */
other_start:
        call    begin
        mv      a0, tp
        call    hart_main
sleep:  wfi
        j       sleep

/* gp, tp, sp and what traps need, for the hart in a0. Keeps a1. */
begin:  .option push
        .option norelax                 # or the linker would make this `mv gp, gp`
        la      gp, __global_pointer$
        .option pop
        csrw    sie, zero
        la      t0, unexpected
        csrw    stvec, t0
        mv      tp, a0                  # tp holds the hart's number from here on
        li      t0, STATUS_FS_INITIAL   # C may use floating-point registers
        csrs    sstatus, t0
        li      t0, MOST_HARTS
        bgeu    tp, t0, sleep
        la      sp, stacks
        addi    t0, tp, 1               # a stack grows down from its end
        li      t1, STACK_BYTES
        mul     t0, t0, t1
        add     sp, sp, t0
        ret

/* Asks for every hart but this one; the firmware refuses those that are not there, or run already. */
        .globl  start_harts
start_harts:
        li      t0, 0
1:      beq     t0, tp, 2f
        mv      a0, t0
        la      a1, other_start
        li      a2, 0
        li      a6, SBI_HART_START
        li      a7, SBI_HSM
        ecall
2:      addi    t0, t0, 1
        li      t1, MOST_HARTS
        bltu    t0, t1, 1b
        ret

/* A trap before the program has a handler for it ends the run with 128 + its cause. */
        .balign 4
unexpected:
        csrr    a0, scause
        addi    a0, a0, 128
        call    exit
