/*
 * The start of a program that has the machine for itself, in M-mode. Every hart comes here when it is switched on, with
 * its number in a0 and the address of the device tree in a1. Hart 0 calls main(hart, device_tree), whose result ends the
 * run; the others sleep until start_harts() wakes them for hart_main(hart).
 */
#include <rt/board.h>
#include <rt/csr.h>

        .section .text.init, "ax"
        .globl  _start
        .globl  machine_start
_start:
machine_start:
        .option push
        .option norelax                 # or the linker would make this `mv gp, gp`
        la      gp, __global_pointer$
        .option pop
        csrw    mie, zero
        la      t0, unexpected
        csrw    mtvec, t0
        csrr    tp, mhartid             # tp holds the hart's number from here on
        li      t0, STATUS_FS_INITIAL   # C may use floating-point registers
        csrs    mstatus, t0
        li      t0, MOST_HARTS
        bgeu    tp, t0, sleep
        la      sp, stacks
        addi    t0, tp, 1               # a stack grows down from its end
        li      t1, STACK_BYTES
        mul     t0, t0, t1
        add     sp, sp, t0
        bnez    tp, wait

        mv      s0, a1
        la      a0, __bss_start         # C counts on zeros in variables without a value
        li      a1, 0
        la      a2, __bss_end
        sub     a2, a2, a0
        call    memset
        la      t0, machine_mode
        li      t1, 1
        sb      t1, 0(t0)
        mv      a0, tp
        mv      a1, s0
        call    main
        call    exit

/* A software interrupt ends `wfi`, even though it is never taken: mstatus.MIE is clear. */
wait:   csrsi   mie, INTERRUPT_MSI         # its bit, as a mask
1:      wfi
        la      t0, released
        lw      t0, 0(t0)
        beqz    t0, 1b
        fence                           # what hart 0 wrote before is seen from here on
        li      t0, CLINT
        slli    t1, tp, 2
        add     t0, t0, t1
        sw      zero, 0(t0)
        csrw    mie, zero
        mv      a0, tp
        call    hart_main
sleep:  wfi
        j       sleep

        .globl  start_harts
start_harts:
        la      t0, released
        li      t1, 1
        fence   rw, w
        sw      t1, 0(t0)
        fence   rw, o                   # a hart that wakes must see it
        li      t0, CLINT + 4
        li      t2, CLINT + 4 * MOST_HARTS
2:      sw      t1, 0(t0)
        addi    t0, t0, 4
        bltu    t0, t2, 2b
        ret

/* A trap before the program has a handler for it ends the run with 128 + its cause. */
        .balign 4
unexpected:
        csrr    a0, mcause
        addi    a0, a0, 128
        call    exit

        .data
        .balign 4
released:
        .word   0
