# S-mode. A kernel with one program: it builds the address space, enters the program, and from
# then on runs only when there is a trap. Then come the functions that a trap handler needs.

        .include "layout.inc"

        .text
        .globl  kernel_start
kernel_start:
        la      sp, kernel_stack_top
        la      t0, trap_entry
        csrw    stvec, t0
        la      t0, frame               # trap_entry looks for the frame here
        csrw    sscratch, t0
        csrwi   scounteren, 2           # U-mode may read time

        li      s0, FINISHER            # the address space, as layout.inc has it
        li      s1, PTE_R | PTE_W
        call    map_identity
        li      s0, UART
        call    map_identity
        la      s0, kernel_start
        la      s2, kernel_data
        li      s1, PTE_R | PTE_X
        call    map_range
        la      s2, user_start
        li      s1, PTE_R | PTE_W
        call    map_range
        li      s1, PTE_R | PTE_X | PTE_U
        call    map_identity
        la      s0, user_data
        li      s1, PTE_R | PTE_W | PTE_U
        call    map_identity

        la      t0, root                # satp: mode 8, Sv39, and the page number of the root
        srli    t0, t0, 12
        li      t1, 8 << 60
        or      t0, t0, t1
        csrw    satp, t0
        sfence.vma

        li      t0, 1 << TIMER          # in U-mode, what sie enables is taken; in S-mode it has
        csrw    sie, t0                 # to wait, as sstatus.SIE is 0 here and in every handler
        call    set_next_tick

        li      t0, 1 << 8              # sstatus.SPP = U, so that sret enters U-mode
        csrc    sstatus, t0
        la      t0, user_start
        csrw    sepc, t0
        sret

# map_range(s0: first page, s2: end, s1: flags), map_identity(s0: page, s1: flags)
# Map pages to themselves. Only used above. s0 is at the end, or at the same page, afterwards.
map_range:
        mv      s3, ra
1:      call    map_identity
        li      t0, PAGE_SIZE
        add     s0, s0, t0
        bne     s0, s2, 1b
        jr      s3

map_identity:
        mv      a0, s0
        mv      a1, s0
        mv      a2, s1
        j       map_page                # which returns to the caller

# map_page(a0: virtual address, a1: physical address, a2: flags without PTE_V)
# Maps the page in which the virtual address lies; makes the tables on the way that are missing.
# Changes a0, a1, and t0 to t6.
        .globl  map_page
map_page:
        mv      t6, ra
        mv      t2, a0
        la      t3, root
        li      t4, 30                  # bits 38-30 index the root, 29-21 the next, 20-12 the last
1:      srl     t5, t2, t4
        andi    t5, t5, 511
        slli    t5, t5, 3
        add     t3, t3, t5              # t3: the entry's address
        li      t0, 12
        beq     t4, t0, 3f
        ld      t5, 0(t3)
        bnez    t5, 2f
        call    alloc_page
        srli    t5, a0, 2
        ori     t5, t5, PTE_V
        sd      t5, 0(t3)
2:      srli    t3, t5, 10              # down to the table that the entry names
        slli    t3, t3, 12
        addi    t4, t4, -9
        j       1b
3:      srli    a1, a1, 12
        slli    a1, a1, 10
        or      a1, a1, a2
        ori     a1, a1, PTE_V
        sd      a1, 0(t3)
        jr      t6

# alloc_page() -> a0: physical address of a free frame, filled with zeros. Changes t0 and t1.
# Zeros, because a frame may hold what another program has left there.
        .globl  alloc_page
alloc_page:
        la      t0, next_frame
        ld      a0, 0(t0)
        la      t1, frames_end
        beq     a0, t1, panic
        li      t1, PAGE_SIZE
        add     t1, t1, a0              # t1: end of this frame, and beginning of the next
        sd      t1, 0(t0)
        mv      t0, a0
1:      sd      zero, 0(t0)
        addi    t0, t0, 8
        bne     t0, t1, 1b
        ret

# set_next_tick(): asks the firmware for an interrupt INTERVAL from now. Changes a0, a6, a7, t0.
        .globl  set_next_tick
set_next_tick:
        rdtime  a0
        addi    a0, a0, INTERVAL
        li      a6, 0
        li      a7, 0x54494d45
        ecall
        ret

# put_byte(a0): sends a byte to the console. Changes t0 and t1.
        .globl  put_byte
put_byte:
        li      t0, UART
1:      lbu     t1, 5(t0)               # line status: has the transmitter room?
        andi    t1, t1, 0x20
        beqz    t1, 1b
        sb      a0, 0(t0)
        ret

# end_program(a0: exit code): ends the run. Does not return.
        .globl  end_program
end_program:
        li      t0, FINISHER
        li      t1, 0x5555              # code 0
        beqz    a0, 1f
        li      t1, 0x3333              # any other code stands above this
        slli    a0, a0, 16
        or      t1, t1, a0
1:      sw      t1, 0(t0)
        j       1b

panic:
        li      a0, PANIC
        j       end_program

        .data
        .balign 4096
kernel_data:
        .globl  ticks
ticks:  .dword  0                       # timer interrupts so far
next_frame:
        .dword  frames                  # this one and those behind it are free

        .bss
        .balign 4096
root:   .space  4096
        .globl  frames, frames_end
frames: .space  40 * 4096
frames_end:
        .globl  frame
frame:  .space  32 * 8                  # the program's registers: xN at 8 * N
        .space  4096 - 32 * 8
        .globl  kernel_stack_top
kernel_stack_top:
