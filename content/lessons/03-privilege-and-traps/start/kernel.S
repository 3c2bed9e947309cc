# S-mode: a kernel with one process. It builds an address space, enters U-mode, and from then on
# runs only when something traps.
#
# The address space (Sv39, three levels of tables):
#
#   0x0000_0000_0010_0000   test finisher        S  read write
#   0x0000_0000_1000_0000   UART                 S  read write
#   0x0000_0000_4000_0000   the program          U  read execute
#   0x0000_0000_5000_0000   its heap, 16 pages   U  nothing is mapped: that is your work
#   0x0000_0000_6000_0000   its stack, one page  U  read write
#   0x0000_0000_8000_0000   RAM, one gigapage    S  read write execute

        .equ    FINISHER,   0x00100000
        .equ    UART,       0x10000000
        .equ    PROGRAM,    0x40000000
        .equ    STACK,      0x60000000

        .equ    PTE_V, 0x01
        .equ    PTE_R, 0x02
        .equ    PTE_W, 0x04
        .equ    PTE_X, 0x08
        .equ    PTE_U, 0x10

        .text
        .globl  kernel_start
kernel_start:
        la      sp, kernel_stack_top
        la      t0, trap_entry
        csrw    stvec, t0
        la      t0, frame               # the handler finds the place for registers here
        csrw    sscratch, t0

        la      t0, root                # root[2]: 0x8000_0000 to itself, as one leaf of 1 GiB
        li      t1, (0x80000000 >> 2) | PTE_V | PTE_R | PTE_W | PTE_X
        sd      t1, 16(t0)

        li      a0, FINISHER
        li      a1, FINISHER
        li      a2, PTE_R | PTE_W
        call    map_page
        li      a0, UART
        li      a1, UART
        li      a2, PTE_R | PTE_W
        call    map_page
        li      a0, PROGRAM
        la      a1, program_start
        li      a2, PTE_R | PTE_X | PTE_U
        call    map_page
        call    alloc_page
        mv      a1, a0
        li      a0, STACK
        li      a2, PTE_R | PTE_W | PTE_U
        call    map_page

        la      t0, root                # satp: Sv39, and the root table's page number
        srli    t0, t0, 12
        li      t1, 8 << 60
        or      t0, t0, t1
        csrw    satp, t0
        sfence.vma

        call    arm_timer
        li      t0, 0x20                # STIE: the supervisor's timer interrupt is enabled;
        csrw    sie, t0                 # it is taken whenever the hart is in U-mode

        li      t0, 0x100               # sstatus.SPP = 0: sret goes to U-mode
        csrc    sstatus, t0
        li      t0, PROGRAM
        csrw    sepc, t0
        li      sp, STACK + 4096
        sret

# map_page(a0: virtual address, a1: physical address, a2: flags)
# Walks from the root and makes the tables that are missing. Changes t0 to t5.
        .globl  map_page
map_page:
        la      t0, root
        li      t1, 30                  # VPN[2] begins at bit 30, VPN[1] at 21, VPN[0] at 12
1:      srl     t2, a0, t1
        andi    t2, t2, 0x1ff
        slli    t2, t2, 3
        add     t2, t0, t2              # the entry's address
        li      t3, 12
        beq     t1, t3, 3f
        ld      t3, 0(t2)
        bnez    t3, 2f
        la      t4, next_frame          # no table yet: take a page for it
        ld      t3, 0(t4)
        li      t5, 4096
        add     t5, t3, t5
        sd      t5, 0(t4)
        srli    t3, t3, 2
        ori     t3, t3, PTE_V
        sd      t3, 0(t2)
2:      srli    t0, t3, 10              # on to the table that the entry points to
        slli    t0, t0, 12
        addi    t1, t1, -9
        j       1b
3:      srli    t3, a1, 12              # the leaf
        slli    t3, t3, 10
        or      t3, t3, a2
        ori     t3, t3, PTE_V
        sd      t3, 0(t2)
        ret

# alloc_page() -> a0: physical address of a page of zeros. Changes t0 and t1.
        .globl  alloc_page
alloc_page:
        la      t0, next_frame
        ld      a0, 0(t0)
        li      t1, 4096
        add     t1, a0, t1
        sd      t1, 0(t0)
        ret

# arm_timer(): the next timer interrupt comes INTERVAL ticks from now. Asks M-mode; changes a0.
        .globl  arm_timer
arm_timer:
        li      a0, INTERVAL
        ecall
        ret

# put_byte(a0): sends a byte to the console. Changes t0 and t1.
        .globl  put_byte
put_byte:
        li      t0, UART
1:      lbu     t1, 5(t0)               # line status: wait until the transmitter is empty
        andi    t1, t1, 0x20
        beqz    t1, 1b
        sb      a0, 0(t0)
        ret

# end_program(a0): ends the run with this exit code; does not return.
        .globl  end_program
end_program:
        li      t0, FINISHER
        li      t1, 0x5555              # 0: pass
        beqz    a0, 1f
        slli    t1, a0, 16              # anything else: fail, with the code
        li      t2, 0x3333
        or      t1, t1, t2
1:      sw      t1, 0(t0)
        j       1b

        .data
        .balign 8
next_frame:                             # frames are handed out from here on, never taken back
        .dword  frames
        .globl  ticks
ticks:  .dword  0                       # timer interrupts so far; the handler counts them

        .bss
        .balign 4096
        .globl  root, frame, kernel_stack_top
root:   .space  4096
frame:  .space  256
        .space  4096 - 256
kernel_stack_top:
        .balign 4096
        .globl  frames
frames: .space  64 * 4096
