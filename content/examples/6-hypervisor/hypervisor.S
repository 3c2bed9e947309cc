# A hypervisor for one guest. The guest's pages are mapped by a second stage of translation; where it expects
# devices nothing is mapped, so that every access comes here as a guest-page fault and is done in its place.

        .include "board.inc"

        .text
        .globl  _start
_start:
        li      t0, -1                  # PMP: all memory, for everybody
        csrw    pmpaddr0, t0
        li      t0, 0x1f
        csrw    pmpcfg0, t0
        li      t0, -1                  # all exceptions that can be: for HS-mode
        csrw    medeleg, t0
        li      t0, 3 << 11
        csrc    mstatus, t0
        li      t0, 1 << 11             # mstatus.MPP = S. With MPV = 0 that is HS-mode.
        csrs    mstatus, t0
        la      t0, hypervisor
        csrw    mepc, t0
        mret

hypervisor:
        la      sp, stack_top
        la      t0, exit
        csrw    stvec, t0
        la      t0, frame               # exit looks for it in sscratch
        csrw    sscratch, t0

        la      s0, guest_start         # the guest's program: at the addresses that it is linked at
        la      s1, guest_end
1:      mv      a0, s0
        mv      a1, s0
        call    map
        li      t0, PAGE
        add     s0, s0, t0
        bltu    s0, s1, 1b
        li      a0, GUEST_MEMORY        # and one page that the guest sees elsewhere than it is
        la      a1, guest_frame
        call    map

        la      t0, root
        srli    t0, t0, 12
        li      t1, SV39 | 1 << 44      # VMID 1
        or      t0, t0, t1
        csrw    hgatp, t0
        hfence.gvma

        li      t0, 1 << 12 | 1 << 13 | 1 << 15
        csrw    hedeleg, t0             # page faults of its own tables are the guest's to handle

        li      t0, 1 << 7              # hstatus.SPV and sstatus.SPP: sret enters VS-mode
        csrs    hstatus, t0
        li      t0, 1 << 8
        csrs    sstatus, t0
        la      t0, guest_start
        csrw    sepc, t0
        sret

# The guest has left. sepc is where, scause why; htval the guest-physical address, shifted by 2, and htinst what
# the instruction was (Privileged Spec, "Transformed Instruction or Pseudoinstruction for mtinst or htinst").
        .balign 4
exit:
        csrrw   tp, sscratch, tp        # tp: the frame, xN at 8 * N
        .irp    n, 1,2,3, 5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
        sd      x\n, 8 * \n (tp)
        .endr
        csrr    t0, sscratch
        sd      t0, 8 * 4 (tp)
        csrw    sscratch, tp
        la      sp, stack_top

        la      t0, exits
        ld      t1, 0(t0)
        addi    t1, t1, 1
        sd      t1, 0(t0)

        csrr    s0, scause
        csrr    s1, htval
        slli    s1, s1, 2
        csrr    t0, stval               # htval lacks the two lowest bits
        andi    t0, t0, 3
        or      s1, s1, t0              # s1: the guest-physical address
        csrr    s2, htinst

        li      t0, STORE_GUEST_FAULT
        beq     s0, t0, store
        li      t0, LOAD_GUEST_FAULT
        beq     s0, t0, load
        li      t0, ECALL_FROM_VS
        beq     s0, t0, hypercall
        j       fail

store:  srli    t0, s2, 20              # rs2: which register was to be stored
        andi    t0, t0, 31
        slli    t0, t0, 3
        add     t0, t0, tp
        ld      a0, 0(t0)
        li      t0, FINISHER
        beq     s1, t0, finish
        li      t0, UART
        bne     s1, t0, fail
        sb      a0, 0(t0)               # the real one
        la      t0, bytes
        ld      t1, 0(t0)
        addi    t1, t1, 1
        sd      t1, 0(t0)
        j       skip

load:   li      t0, UART + LINE_STATUS
        bne     s1, t0, fail
        srli    t0, s2, 7               # rd: which register was to be loaded
        andi    t0, t0, 31
        beqz    t0, skip
        slli    t0, t0, 3
        add     t0, t0, tp
        li      t1, HAS_ROOM            # this UART is never busy
        sd      t1, 0(t0)
        j       skip

hypercall:                              # how often it has left so far, in a0
        la      t0, exits
        ld      t0, 0(t0)
        sd      t0, 8 * 10 (tp)

skip:   csrr    t0, sepc
        addi    t0, t0, 4
        csrw    sepc, t0
        .irp    n, 1,2,3, 5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
        ld      x\n, 8 * \n (tp)
        .endr
        ld      tp, 8 * 4 (tp)          # last, as it is the base of all the others
        sret                            # hstatus.SPV is still 1: back into the guest

# The guest has ended its run. a0: what it stored to its finisher.
finish: mv      s3, a0
        la      a0, sum_1
        call    print
        la      t0, exits
        ld      a0, 0(t0)
        call    print_number
        la      a0, sum_2
        call    print
        la      t0, bytes
        ld      a0, 0(t0)
        call    print_number
        la      a0, sum_3
        call    print
        li      t0, FINISHER
        sw      s3, 0(t0)
        j       .

fail:   li      t0, FINISHER            # nothing is done for this exit: the run ends with its cause
        slli    t1, s0, 16
        li      t2, FAIL
        or      t1, t1, t2
        sw      t1, 0(t0)
        j       .

# map(a0: guest-physical address, a1: physical address): a page of 4 KiB in the tables of the second stage. Their
# root has 2048 entries, by bits 40 to 30. Changes t0 to t4.
map:    la      t1, root
        srli    t0, a0, 30
        slli    t0, t0, 3
        add     t1, t1, t0
        li      t2, 21
1:      ld      t3, 0(t1)
        bnez    t3, 2f
        la      t0, next_table
        ld      t3, 0(t0)
        li      t4, PAGE
        add     t4, t3, t4
        sd      t4, 0(t0)
        srli    t3, t3, 2
        ori     t3, t3, POINTER
        sd      t3, 0(t1)
2:      srli    t1, t3, 10              # down to the table that the entry names
        slli    t1, t1, 12
        srl     t0, a0, t2
        andi    t0, t0, 511
        slli    t0, t0, 3
        add     t1, t1, t0
        addi    t2, t2, -9
        li      t0, 3
        bne     t2, t0, 1b
        srli    t0, a1, 2
        ori     t0, t0, GUEST_LEAF
        sd      t0, 0(t1)
        ret

# print(a0: a string that ends with a zero), print_number(a0). Change a0, t0 to t3.
print:  li      t0, UART
1:      lbu     t1, 0(a0)
        beqz    t1, 2f
        sb      t1, 0(t0)
        addi    a0, a0, 1
        j       1b
2:      ret

print_number:
        la      t0, digits_end
        li      t1, 10
1:      remu    t2, a0, t1
        addi    t2, t2, '0'
        addi    t0, t0, -1
        sb      t2, 0(t0)
        divu    a0, a0, t1
        bnez    a0, 1b
        mv      a0, t0
        j       print

        .data
sum_1:  .asciz  "["
sum_2:  .asciz  " exits, "
sum_3:  .asciz  " bytes sent for the guest]\n"
digits: .space  20
digits_end:
        .byte   0
        .balign 8
exits:  .dword  0
bytes:  .dword  0
next_table:
        .dword  tables

        .bss
        .balign 16384                   # the root of the second stage is four pages, and aligned to that
root:   .space  16384
tables: .space  8 * 4096
        .globl  guest_frame
guest_frame:
        .space  4096
frame:  .space  32 * 8
        .space  2048
stack_top:
