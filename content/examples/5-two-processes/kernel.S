# M-mode. mscratch always points at the process that runs. A trap saves all of its registers
# there; to go on with another process is to load them from elsewhere.

        .include "board.inc"

        .text
        .globl  _start
_start:
        la      t0, trap
        csrw    mtvec, t0
        li      t0, -1                  # PMP: all memory, for U-mode as well
        csrw    pmpaddr0, t0
        li      t0, 0x1f
        csrw    pmpcfg0, t0
        li      t0, MTIE                # in U-mode machine interrupts are always taken
        csrs    mie, t0
        call    set_timer
        la      tp, first
        j       resume

        .balign 4
trap:
        csrrw   tp, mscratch, tp        # tp: the process; mscratch: its own tp
        .irp    n, 1,2,3, 5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
        sd      x\n, 8 * \n (tp)
        .endr
        csrr    t0, mscratch
        sd      t0, 8 * 4 (tp)
        csrr    t0, mepc
        sd      t0, PC(tp)
        csrr    t0, mcause
        bltz    t0, switch              # the highest bit says interrupt, and the timer is the only one
        li      t1, ECALL_FROM_U
        bne     t0, t1, end

        li      t0, UART                # PUT
        sb      a0, 0(t0)
        ld      t0, PC(tp)
        addi    t0, t0, 4
        sd      t0, PC(tp)
        j       resume

switch: la      t0, switches
        ld      t1, 0(t0)
        addi    t1, t1, 1
        sd      t1, 0(t0)
        li      t2, SWITCHES
        bge     t1, t2, end
        call    set_timer
        ld      tp, NEXT(tp)

# resume(tp: a process): goes on with it. Does not return.
resume: csrw    mscratch, tp
        ld      t0, PC(tp)
        csrw    mepc, t0
        li      t0, 3 << 11             # mstatus.MPP = U
        csrc    mstatus, t0
        .irp    n, 1,2,3, 5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
        ld      x\n, 8 * \n (tp)
        .endr
        ld      tp, 8 * 4 (tp)          # last, as it is the base of all the others
        mret

# set_timer(): the next interrupt is a slice from now. Changes t0 and t1.
set_timer:
        li      t0, MTIME
        ld      t1, 0(t0)
        addi    t1, t1, SLICE
        li      t0, MTIMECMP
        sd      t1, 0(t0)
        ret

end:    li      t0, FINISHER
        li      t1, PASS
        sw      t1, 0(t0)
        j       end

        .data
        .balign 8
switches:
        .dword  0
first:  .dword  process_a
        .space  SP - 8
        .dword  stack_a
        .space  NEXT - SP - 8
        .dword  second
second: .dword  process_b
        .space  SP - 8
        .dword  stack_b
        .space  NEXT - SP - 8
        .dword  first

        .bss
        .balign 16
        .space  1024
stack_a:
        .space  1024
stack_b:
