# The first thing that runs: every hart arrives here from the reset vector, in M-mode, with
#
#   a0   the hart's number
#   a1   the device tree
#   a2   where to go next: `fw_dynamic_info` of OpenSBI's docs/firmware/fw_dynamic.md
#
# Hart 0 boots, so that a run is the same each time; elsewhere the first to come may do it. All
# the others wait until S-mode software starts them.

        .include "layout.inc"

        .equ    INFO_MAGIC,     0x4942534f      # "OSBI"
        .equ    INFO_NEXT,      16              # offset of the next stage's address

        .text
        .globl  _start
_start:
        csrw    mie, zero
        li      t0, MAX_HARTS
        bgeu    a0, t0, surplus
        la      tp, hart_blocks
        slli    t0, a0, BLOCK_SHIFT
        add     tp, tp, t0
        sd      a0, HART_ID(tp)
        csrw    mscratch, tp
        la      t0, trap_entry
        csrw    mtvec, t0
        call    set_up_hart
        bnez    a0, second

        call    find_harts
        call    console_set_up
        call    reserve_memory
        .ifdef  BANNER
        la      t3, banner
        call    put_text
        .endif
        call    next_stage              # t4: its address
        beqz    t4, nothing_to_run
        li      t0, STARTED
        sd      t0, STATE(tp)
        j       enter_supervisor        # a0, a1 as they came

second: la      t0, harts               # find_harts needs the msips: hands off until it is done
        ld      t0, 0(t0)
        beqz    t0, second
        j       wait_for_start

surplus:                                # nothing enabled: this wait has no end
        wfi
        j       surplus

nothing_to_run:
        la      t3, nothing
        call    put_text
        j       fail

# set_up_hart(): what every hart needs before S-mode runs on it. Changes t0 to t2.
set_up_hart:
        # All exceptions from below go straight to S-mode, except for its calls (9). A bit that
        # the hart does not have stays zero: 10 and 20 to 23 come with the hypervisor extension.
        li      t0, 0xf0b5ff
        csrw    medeleg, t0
        li      t0, SSI | STI | SEI
        csrw    mideleg, t0
        csrwi   mcounteren, 7           # cycle, time, instret: for S-mode,
        csrwi   scounteren, 7           # and below it, as Linux reads time there and sets nothing

        # Two PMP entries, both NAPOT, the lower one counts: our memory for nobody but us, the
        # rest for everybody. Ones at the end of an address give the size.
        li      t0, (FIRMWARE >> 2) | ((FIRMWARE_SIZE >> 3) - 1)
        csrw    pmpaddr0, t0
        li      t0, -1
        csrw    pmpaddr1, t0
        li      t0, 0x1f18              # entry 1: NAPOT, X, W, R; entry 0: NAPOT
        csrw    pmpcfg0, t0

        # menvcfg: S-mode may have its own timer (STCE, 63), page-based memory types (PBMTE, 62)
        # and cache-block operations (7 to 4). What the hart lacks stays zero. The other bits stay
        # as the hart has them: ADUE, 61, lets it set A and D in page tables.
        li      t0, (3 << 62) | 0xd0
        csrs    menvcfg, t0

        # Is there a timer for S-mode? Some harts without it keep STCE all the same. Reading
        # stimecmp is certain: it comes back to here if there is none, as mtvec says so meanwhile.
        la      t0, 1f
        csrrw   t0, mtvec, t0
        li      t1, 0
        csrr    t2, STIMECMP
        li      t1, 1
        .balign 4                       # a place for mtvec
1:      csrw    mtvec, t0
        sd      t1, HAS_SSTC(tp)
        ret

# find_harts(): learns which harts exist. An msip that keeps what is written belongs to one.
# Changes t0 to t6.
find_harts:
        li      t0, CLINT
        la      t1, hart_blocks
        li      t2, 0                   # t2: those found
        li      t3, 1                   # t3: the bit of the hart to be tried
        li      t4, MAX_HARTS
1:      li      t6, ABSENT
        li      t5, 1
        sw      t5, 0(t0)
        lw      t5, 0(t0)
        sw      zero, 0(t0)
        beqz    t5, 2f
        or      t2, t2, t3
        li      t6, STOPPED
2:      li      t5, MAX_HARTS           # its number, by which it is rung: it may not have come far enough to say so
        sub     t5, t5, t4
        sd      t5, HART_ID(t1)
        sd      t6, STATE(t1)
        addi    t0, t0, 4
        addi    t1, t1, 1 << BLOCK_SHIFT
        slli    t3, t3, 1
        addi    t4, t4, -1
        bnez    t4, 1b
        fence   rw, w                   # the states before the mask that says that they are there
        la      t0, harts
        sd      t2, 0(t0)
        ret

# next_stage(a2: fw_dynamic_info, perhaps) -> t4: address of the next stage. Changes t0 to t3.
next_stage:
        mv      t4, ra
        mv      t0, a2
        call    try_load                # there may be no memory at all
        mv      ra, t4
        li      t4, DEFAULT_NEXT
        bnez    t1, 1f
        li      t1, INFO_MAGIC
        bne     t0, t1, 1f
        ld      t4, INFO_NEXT(a2)
1:      ret

# enter_supervisor(t4: address, a0: hart, a1: opaque): S-mode with the MMU and interrupts off.
        .globl  enter_supervisor
enter_supervisor:
        csrw    mepc, t4
        li      t0, 1 << 11             # MPP = S, all else zero: mret leaves SIE as it is
        csrw    mstatus, t0
        li      t0, MSI                 # this also clears what S-mode had enabled before
        csrw    mie, t0
        csrw    mip, zero
        csrw    satp, zero
        ld      t0, HAS_SSTC(tp)
        beqz    t0, 1f
        li      t0, -1
        csrw    STIMECMP, t0
1:      sfence.vma
        fence.i
        li      tp, 0
        mret

        .section .rodata
nothing:
        .asciz  "Firmware: there is nothing to run.\n"
        .ifdef  BANNER
banner: .asciz  "Guesthouse firmware, SBI 2.0\n"
        .endif

        .bss
        .balign 8
        .globl  harts, hart_blocks
harts:  .space  8                       # bit n: hart n exists
        .balign 1 << BLOCK_SHIFT
hart_blocks:
        .space  MAX_HARTS << BLOCK_SHIFT
