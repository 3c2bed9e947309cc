# M-mode: the machine starts here. It hands almost everything down to S-mode and keeps two
# things for itself: the timer, which belongs to M-mode on this board, and the right to say so.

        .equ    CLINT_MTIME,    0x0200bff8
        .equ    CLINT_MTIMECMP, 0x02004000

        .text
        .globl  _start
_start:
        la      t0, machine_trap
        csrw    mtvec, t0
        la      t0, machine_save
        csrw    mscratch, t0

        li      t0, -1                  # PMP: one range over all of memory, open to S and U
        csrw    pmpaddr0, t0
        li      t0, 0x1f
        csrw    pmpcfg0, t0

        li      t0, 0xb1ff              # S-mode handles every exception but ecall from S
        csrw    medeleg, t0
        li      t0, 0x222               # and the supervisor interrupts
        csrw    mideleg, t0
        li      t0, 0x80                # M-mode listens to its own timer (MTIE)
        csrw    mie, t0
        li      t0, 7                   # lower modes may read cycle, time and instret
        csrw    mcounteren, t0

        li      t0, 0x1800              # mstatus.MPP = S
        csrc    mstatus, t0
        li      t0, 0x0800
        csrs    mstatus, t0
        la      t0, kernel_start
        csrw    mepc, t0
        mret                            # go there, in S-mode

# Two traps come here: the timer, and S-mode's request to set it again.
        .balign 4
machine_trap:
        csrrw   sp, mscratch, sp
        sd      t0, 0(sp)
        sd      t1, 8(sp)
        csrr    t0, mcause
        bltz    t0, timer_rings         # bit 63: an interrupt

        csrr    t0, mepc                # ecall from S: a0 ticks from now, the timer shall ring
        addi    t0, t0, 4
        csrw    mepc, t0
        li      t0, CLINT_MTIME
        ld      t0, 0(t0)
        add     t0, t0, a0
        li      t1, CLINT_MTIMECMP
        sd      t0, 0(t1)
        li      t0, 0x20                # the supervisor's timer interrupt is no longer pending
        csrc    mip, t0
        li      t0, 0x80
        csrs    mie, t0
        j       machine_return

timer_rings:                            # pass it on: make the supervisor's interrupt pending,
        li      t0, 0x20                # and be deaf to this one until it is set again
        csrs    mip, t0
        li      t0, 0x80
        csrc    mie, t0

machine_return:
        ld      t0, 0(sp)
        ld      t1, 8(sp)
        csrrw   sp, mscratch, sp
        mret

        .bss
        .balign 16
machine_save:
        .space  16
