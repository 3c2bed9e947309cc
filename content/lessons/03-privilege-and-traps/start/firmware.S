# M-mode. The machine starts here. The firmware hands the handling of nearly all traps down to
# S-mode, closes its own memory, and keeps one service: the timer, whose comparator mtimecmp can
# interrupt M-mode only.

        .equ    MTIMECMP,       0x02004000      # of hart 0
        .equ    MTIP,           1 << 7          # the bits have the same places in mip and mie
        .equ    STIP,           1 << 5

        .equ    SBI_TIME,       0x54494d45      # "TIME": the extension's number, in a7
        .equ    SBI_UNKNOWN,    -2

        .text
        .globl  _start
_start:
        la      t0, machine_trap
        csrw    mtvec, t0
        la      t0, machine_save
        csrw    mscratch, t0

        # PMP entry 0: the 4 KiB at 0x80000000, this file, for nobody below M-mode.
        # Entry 1: everything, for all. The lower entry wins.
        li      t0, (0x80000000 >> 2) | 0x1ff
        csrw    pmpaddr0, t0
        li      t0, -1
        csrw    pmpaddr1, t0
        li      t0, 0x1f18
        csrw    pmpcfg0, t0

        # A 1 in medeleg: this exception goes straight to S-mode, if it comes from S or U.
        # All do but ecall from S-mode (bit 9): that is S-mode's way to call the firmware.
        li      t0, 0xb1ff
        csrw    medeleg, t0
        li      t0, 0x222               # the three supervisor interrupts go there, too
        csrw    mideleg, t0
        csrwi   mcounteren, 2           # S-mode may read time

        li      t0, 3 << 11             # mstatus.MPP = S, so that mret enters S-mode
        csrc    mstatus, t0
        li      t0, 1 << 11
        csrs    mstatus, t0
        la      t0, kernel_start
        csrw    mepc, t0
        mret

# Two causes lead here: the timer, and a call from S-mode.
        .balign 4
machine_trap:
        csrrw   sp, mscratch, sp        # sp: the save area; the caller's sp is in mscratch
        sd      t0, 0(sp)
        sd      t1, 8(sp)
        csrr    t0, mcause
        bltz    t0, timer_rings

        csrr    t0, mepc                # behind the ecall
        addi    t0, t0, 4
        csrw    mepc, t0
        li      t0, SBI_TIME
        bne     a7, t0, unknown_call
        bnez    a6, unknown_call

        # set_timer(a0: a time): interrupt S-mode then, and not before.
        li      t0, MTIMECMP
        sd      a0, 0(t0)
        li      t0, STIP
        csrc    mip, t0
        li      t0, MTIP
        csrs    mie, t0
        li      a0, 0
        j       machine_return

unknown_call:
        li      a0, SBI_UNKNOWN
        j       machine_return

# Forward it: make the supervisor's timer interrupt pending, and mask the machine's, which
# stays pending until mtimecmp is written again.
timer_rings:
        li      t0, MTIP
        csrc    mie, t0
        li      t0, STIP
        csrs    mip, t0

machine_return:
        ld      t0, 0(sp)
        ld      t1, 8(sp)
        csrrw   sp, mscratch, sp
        mret

        .balign 8
machine_save:
        .space  16

        .balign 4096                    # the kernel begins on the next page
