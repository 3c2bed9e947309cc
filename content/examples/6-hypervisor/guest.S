# VS-mode. A kernel that believes itself alone: it makes its page tables, has a UART and a test finisher, and
# knows nothing of the second stage. It lies on pages of its own, the only ones that the hypervisor maps.
#
#   0x00000000  1 GiB   devices                     one entry of the root table
#   0x40000000  4 KiB   GUEST_MEMORY                three levels, each of them walked by the second stage, too
#   0x80000000  1 GiB   memory, as it is            one entry of the root table

        .include "board.inc"
        .equ    DATA,           0x40000000

        .section .guest, "awx"
        .balign 4096
        .globl  guest_start, guest_end
guest_start:
        la      t0, guest_root
        li      t1, LEAF
        sd      t1, 0(t0)
        li      t1, (0x80000000 >> 2) | LEAF
        sd      t1, 8 * 2 (t0)
        la      t1, guest_middle
        srli    t2, t1, 2
        ori     t2, t2, POINTER
        sd      t2, 8 * 1 (t0)
        la      t2, guest_last
        srli    t3, t2, 2
        ori     t3, t3, POINTER
        sd      t3, 0(t1)
        li      t3, (GUEST_MEMORY >> 2) | LEAF
        sd      t3, 0(t2)

        srli    t0, t0, 12              # satp: while V=1 this is vsatp
        li      t1, SV39
        or      t0, t0, t1
        csrw    satp, t0
        sfence.vma

        li      s0, DATA                # a word through both stages
        li      s1, 42
        sd      s1, 0(s0)

        la      s0, greeting
        li      s1, UART
1:      lbu     a0, 0(s0)
        beqz    a0, 3f
2:      lbu     t0, LINE_STATUS(s1)     # each of these two is an exit
        andi    t0, t0, HAS_ROOM
        beqz    t0, 2b
        sb      a0, 0(s1)
        addi    s0, s0, 1
        j       1b

3:      ecall                           # a hypercall: a0 is how often the hypervisor was needed
        li      s0, DATA
        sd      a0, 8(s0)

        li      t0, FINISHER
        li      t1, PASS
        sw      t1, 0(t0)
        j       .

greeting:
        .asciz  "Hello from VS-mode.\n"

        .balign 4096
guest_root:
        .space  4096
guest_middle:
        .space  4096
guest_last:
        .space  4096
guest_end:
