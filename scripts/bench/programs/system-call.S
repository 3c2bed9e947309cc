# System calls to a kernel that has page tables of its own, as xv6 has: it goes to its address space
# and back, and looks at a handful of CSRs. A unit of work is 1,000 calls.

        .include "modes.inc"
        .include "user.inc"
        .equ    CALLS,          1 << 8          # medeleg: ecall from U
        .equ    INTERRUPTS,     1 << 1          # sstatus.SIE

        .text
        .globl  _start
_start: enter_user CALLS, user

        .balign 4096
user:   ecall
        ld      t0, word                # what the fences have thrown out is found anew
        addi    a0, a0, 1
        bne     a0, s0, user
        ebreak

# Into another address space; with interrupts allowed there for a moment, as a kernel does.
        .macro  switch_space
        sfence.vma
        csrw    satp, t2
        sfence.vma
        csrsi   sstatus, INTERRUPTS
        csrci   sstatus, INTERRUPTS
        ld      t5, user_root
        .endm

        .balign 4
supervisor_trap:
        csrrw   t1, sscratch, t1
        csrr    t0, sepc
        csrr    t2, satp
        csrr    t3, scause
        csrr    t4, stval
        addi    t0, t0, 4
        csrw    sepc, t0
        switch_space
        switch_space
        li      t5, 0x120               # sstatus.SPP, SPIE: back to U, whatever the moment has left
        csrc    sstatus, t5
        csrrw   t1, sscratch, t1
        sret

        .balign 4
machine_trap:                           # the program's ebreak
        csrr    t0, mcause
        li      t1, 3
        bne     t0, t1, fail
        j       report

        .data
word:   .dword  0
        .include "report.inc"
