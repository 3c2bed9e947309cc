# Every trap into M-mode ends up here: calls from S-mode, its timer where the hart has no
# stimecmp, and messages from other harts. Interrupts stay off until mret.

        .include "layout.inc"

        .text
        .globl  trap_entry
        .balign 4
trap_entry:
        csrrw   tp, mscratch, tp        # tp: our block
        sd      t0, SAVE_T0(tp)
        csrr    t0, mcause
        bltz    t0, interrupt           # bit 63 is the sign
        addi    t0, t0, -ECALL_FROM_S
        bnez    t0, unexpected

        sd      ra, SAVE_RA(tp)
        call    save_temporaries
        csrr    t0, mepc                # back to behind the ecall
        addi    t0, t0, 4
        csrw    mepc, t0
        call    dispatch
restore:
        ld      t1, SAVE_T1(tp)
        ld      t2, SAVE_T2(tp)
        ld      t3, SAVE_T3(tp)
        ld      t4, SAVE_T4(tp)
        ld      t5, SAVE_T5(tp)
        ld      t6, SAVE_T6(tp)
        ld      ra, SAVE_RA(tp)
restore_t0:
        ld      t0, SAVE_T0(tp)
        csrrw   tp, mscratch, tp
        mret

save_temporaries:
        sd      t1, SAVE_T1(tp)
        sd      t2, SAVE_T2(tp)
        sd      t3, SAVE_T3(tp)
        sd      t4, SAVE_T4(tp)
        sd      t5, SAVE_T5(tp)
        sd      t6, SAVE_T6(tp)
        ret

interrupt:
        slli    t0, t0, 1               # shifts the sign out
        addi    t0, t0, -2 * MACHINE_TIMER
        bnez    t0, message

        # S-mode's timer: pass it on, and be quiet until S-mode sets the next one.
        li      t0, MTI
        csrc    mie, t0
        li      t0, STI
        csrs    mip, t0
        j       restore_t0

message:                                # msip; no other is enabled
        sd      ra, SAVE_RA(tp)
        call    save_temporaries
        call    do_work
        j       restore

# Nothing else can come from below, as all of it is delegated: this is a mistake in here.
unexpected:
        la      t3, lost
        call    put_text
        j       fail

# dispatch(a7: extension): continues in the extension's routine, which may change t0 to t6 and
# returns a0 and a1 for the caller.
dispatch:
        la      t0, extensions
1:      ld      t1, 8(t0)
        beqz    t1, not_supported
        ld      t2, 0(t0)
        addi    t0, t0, 16
        bne     t2, a7, 1b
        jr      t1

        .globl  not_supported, invalid_param, invalid_address
not_supported:
        li      a0, NOT_SUPPORTED
        li      a1, 0
        ret
invalid_param:
        li      a0, INVALID_PARAM
        li      a1, 0
        ret
invalid_address:
        li      a0, INVALID_ADDRESS
        li      a1, 0
        ret

        .section .rodata
lost:   .asciz  "Firmware: a trap that it does not expect.\n"
        .balign 8
        .globl  extensions
extensions:
        .dword  TIME, sbi_time          # the frequent ones first
        .dword  IPI, sbi_ipi
        .dword  RFENCE, sbi_rfence
        .dword  DBCN, sbi_console
        .dword  HSM, sbi_hsm
        .dword  SRST, sbi_reset
        .dword  BASE, sbi_base
        .dword  LEGACY_TIMER, legacy_timer
        .dword  LEGACY_PUTCHAR, legacy_putchar
        .dword  LEGACY_GETCHAR, legacy_getchar
        .dword  LEGACY_SHUTDOWN, legacy_shutdown
        .dword  0, 0
