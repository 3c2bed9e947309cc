# System calls to a kernel that has page tables of its own, as xv6 has: it goes to its address space
# and back, and looks at a handful of CSRs. A unit of work is 1,000 calls.

        .include "modes.inc"
        .include "user.inc"
        .equ    INTERRUPTS,     1 << 1          # sstatus.SIE
        .equ    BEFORE,         0x120           # sstatus.SPP, SPIE

        .text
        .globl  _start
_start: enter_user 1 << CALL | 1 << BREAK, user

        .balign 4096
user:   ecall
        ld      t0, word                # what the fences have thrown out is found anew
        addi    a0, a0, 1
        bne     a0, s0, user
        ebreak

# Into another address space, with interrupts allowed there for a moment.
        .macro  switch_space
        sfence.vma
        csrw    satp, t2
        sfence.vma
        csrsi   sstatus, INTERRUPTS
        csrci   sstatus, INTERRUPTS
        ld      t3, user_root
        .endm

        .balign 4
trap:   csrrw   sp, sscratch, sp
        csrr    t0, scause
        li      t1, CALL
        bne     t0, t1, other_trap
        csrr    t1, sepc
        csrr    t2, satp
        csrr    t3, stval
        addi    t1, t1, 4
        csrw    sepc, t1
        switch_space
        switch_space
        li      t3, BEFORE
        csrc    sstatus, t3
        csrrw   sp, sscratch, sp
        sret
        end_or_fail

        .data
word:   .dword  0
        .include "report.inc"
