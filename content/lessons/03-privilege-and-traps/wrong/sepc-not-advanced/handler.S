# The trap handler. trap.S has saved the program's registers and jumps here, in S-mode, with
# interrupts off. Every way through this file ends with `j trap_return` or `call end_program`.
#
#   s1       the frame: the program's a0 is at FRAME_A0(s1), its a7 at FRAME_A7(s1)
#   sepc     where in the program the trap happened, and where sret will go
#   scause   why
#   stval    for a page fault, the address that the program wanted
#
# From kernel.S, to be called; all of them keep s1:
#   alloc_page() -> a0    map_page(a0, a1, a2)    set_next_tick()    put_byte(a0)    end_program(a0)

        .include "layout.inc"

        .text
        .globl  handle_trap
handle_trap:
        csrr    t0, scause
        bltz    t0, interrupt           # bit 63 is the sign
        li      t1, ECALL_FROM_U
        beq     t0, t1, system_call
        li      t1, LOAD_FAULT
        beq     t0, t1, page_fault
        li      t1, STORE_FAULT
        beq     t0, t1, page_fault

kill:                                   # nothing else is the program's right
        li      a0, KILLED
        call    end_program

system_call:
        ld      t0, FRAME_A7(s1)
        li      t1, SYS_EXIT
        beq     t0, t1, system_exit

        li      t1, SYS_WRITE
        beq     t0, t1, system_write
        li      t1, SYS_TICKS
        bne     t0, t1, kill

        ld      t0, ticks
        sd      t0, FRAME_A0(s1)
        j       call_done

system_write:
        ld      a0, FRAME_A0(s1)
        call    put_byte

call_done:
        j       trap_return

system_exit:                            # this one is done, as an example
        ld      a0, FRAME_A0(s1)        # not a0: that is the kernel's by now
        call    end_program

page_fault:
        csrr    t0, stval
        li      t1, HEAP
        bltu    t0, t1, kill
        li      t1, HEAP_END
        bgeu    t0, t1, kill

        call    alloc_page
        mv      a1, a0
        csrr    a0, stval
        li      a2, PTE_U | PTE_R | PTE_W
        call    map_page
        sfence.vma                      # all addresses: map_page may have made tables, too
        j       trap_return             # sepc stays: the access has yet to be made

interrupt:                              # only the timer's is enabled
        la      t0, ticks
        ld      t1, 0(t0)
        addi    t1, t1, 1
        sd      t1, 0(t0)
        call    set_next_tick
        j       trap_return             # sepc stays: that instruction has not been executed
