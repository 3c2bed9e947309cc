# Exits of a guest: it calls its hypervisor (VS to HS), which goes back at once. A unit of work is
# 1,000 exits. The guest's memory is translated, by gigapages.

        .include "modes.inc"
        .equ    GUEST_CALLS,    1 << 10         # medeleg: ecall from VS

        .text
        .globl  _start
_start: open_machine
        la      t0, hypervisor
        csrw    stvec, t0
        li      t0, GUEST_CALLS
        csrw    medeleg, t0
        gigapage guest_root, 0, 0, USER_LEAF
        gigapage guest_root, 2, RAM, USER_LEAF
        translate hgatp, guest_root
        hfence.gvma
        ld      s0, amount
        li      t0, 1000
        mul     s0, s0, t0
        li      a0, 0
        enter   SUPERVISOR | GUEST, guest

guest:  ecall
        addi    a0, a0, 1
        bne     a0, s0, guest
        j       report

        .balign 4
hypervisor:
        csrr    t0, sepc
        addi    t0, t0, 4
        csrw    sepc, t0
        sret

        .bss
        .balign 16384
guest_root:
        .space  16384
        .include "report.inc"
