# The base extension (what this firmware is and can do), the timer, and the end of a run.

        .include "layout.inc"

        .equ    SPECIFICATION,  2 << 24         # 2.0: major in bits 30 to 24, minor below
        .equ    IMPLEMENTATION, 0x4755          # ours; no registered number is this high
        .equ    VERSION,        1

        .text
        .globl  sbi_base
sbi_base:
        li      t0, 7
        bgeu    a6, t0, not_supported
        slli    t0, a6, 2
        la      t1, 1f
        add     t0, t0, t1
        jr      t0                      # into this list, by function
        .option push
        .option norvc                   # which needs jumps of one size
1:      j       get_spec_version
        j       get_impl_id
        j       get_impl_version
        j       probe_extension
        j       get_mvendorid
        j       get_marchid
        j       get_mimpid
        .option pop

get_spec_version:
        li      a1, SPECIFICATION
        j       ok
get_impl_id:
        li      a1, IMPLEMENTATION
        j       ok
get_impl_version:
        li      a1, VERSION
        j       ok
get_mvendorid:
        csrr    a1, mvendorid
        j       ok
get_marchid:
        csrr    a1, marchid
        j       ok
get_mimpid:
        csrr    a1, mimpid
ok:     li      a0, SUCCESS
        ret

probe_extension:
        la      t0, extensions
        li      a1, 0
1:      ld      t1, 8(t0)
        beqz    t1, ok
        ld      t2, 0(t0)
        addi    t0, t0, 16
        bne     t2, a0, 1b
        li      a1, 1
        j       ok

# The timer: set_timer(a0: when, in ticks of mtime). It always succeeds.
        .globl  sbi_time, legacy_timer
sbi_time:
        bnez    a6, not_supported
        li      a1, 0
legacy_timer:                           # the same, but a1 is the caller's
        ld      t0, HAS_SSTC(tp)
        beqz    t0, 1f
        csrw    STIMECMP, a0
        li      a0, SUCCESS
        ret
1:      li      t0, CLINT_COMPARE
        ld      t1, HART_ID(tp)
        slli    t1, t1, 3
        add     t0, t0, t1
        sd      a0, 0(t0)
        li      t0, STI                 # a new time ends an old interrupt
        csrc    mip, t0
        li      t0, MTI
        csrs    mie, t0
        li      a0, SUCCESS
        ret

# The end: system_reset(a0: type, a1: reason), both of 32 bits.
        .globl  sbi_reset, legacy_shutdown, fail
sbi_reset:
        bnez    a6, not_supported
        sext.w  t0, a0
        sext.w  t1, a1
        li      t2, 2
        bgtu    t0, t2, invalid_param   # 0 shutdown, 1 cold reboot, 2 warm reboot
        li      t2, 1
        bgtu    t1, t2, invalid_param   # 0 no reason, 1 system failure
        li      t3, FINISH_RESET
        bnez    t0, finish
        bnez    t1, fail
legacy_shutdown:
        li      t3, FINISH_PASS
finish: li      t0, FINISHER
        sw      t3, 0(t0)
        li      a0, FAILED              # still here: the board has no finisher
        ret
fail:   li      t3, FINISH_FAIL | (1 << 16)
        li      t0, FINISHER
        sw      t3, 0(t0)
1:      wfi
        j       1b
