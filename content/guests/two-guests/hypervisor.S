# Two guests in VS-mode share one hart. Each has a frame for its registers; every trap of theirs saves them there, calls
# `handle`, and restores those of the guest whose turn it then is.

	.equ	TURN, 25			# ticks of a guest's turn: a tick is 100 cycles
	.equ	ECALL_FROM_VS, 10
	.equ	UART, 0x10000000
	.equ	FINISHER, 0x100000
	.equ	FAIL, 0x3333

	.equ	RA, 8				# offsets in a frame: register n at 8 n, the pc where x0 would be
	.equ	A0, 80
	.equ	PC, 0
	.equ	FRAME_BYTES, 256

	.globl	_start
_start:						# M-mode: give everything to the hypervisor, and leave
	li	t0, -1
	csrw	pmpaddr0, t0
	li	t0, 0x1f			# all of memory: R, W, X
	csrw	pmpcfg0, t0
	li	t0, -1				# every exception that can be
	csrw	medeleg, t0
	li	t0, 1 << 5			# the supervisor's timer
	csrw	mideleg, t0
	li	t0, 1 << 63			# STCE: that timer is stimecmp
	csrw	menvcfg, t0
	csrwi	mcounteren, 7
	li	t0, 3 << 11
	csrc	mstatus, t0
	li	t0, 1 << 11			# MPP: supervisor
	csrs	mstatus, t0
	la	t0, hypervisor
	csrw	mepc, t0
	mret

hypervisor:
	la	t0, trap
	csrw	stvec, t0
	la	t0, frame_b
	la	t1, guest_b
	sd	t1, PC(t0)
	la	t0, frame_a
	la	t1, guest_a
	sd	t1, PC(t0)
	csrw	sscratch, t0
	li	t0, 1 << 7			# SPV: the return goes to a guest
	csrs	hstatus, t0
	li	t0, 1 << 8			# SPP: in its supervisor mode
	csrs	sstatus, t0
	li	t0, 1 << 5
	csrw	sie, t0
	call	next_turn
	j	resume

	.balign	4
trap:						# sscratch holds the frame of the guest that runs
	csrrw	t6, sscratch, t6
	.irp	n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
	sd	x\n, 8*\n(t6)
	.endr
	mv	s0, t6
	csrrw	t6, sscratch, t6
	sd	t6, 8*31(s0)
	csrr	t0, sepc
	sd	t0, PC(s0)
	la	sp, stack
	li	s1, UART
	csrr	a0, scause
	call	handle

resume:
	csrr	t6, sscratch
	ld	t0, PC(t6)
	csrw	sepc, t0
	.irp	n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	ld	x\n, 8*\n(t6)
	.endr
	sret

	.include "handler.inc"

# The other guest's turn. Changes t0, t1 and t2.
next_guest:
	csrr	t0, sscratch
	la	t1, frame_a
	la	t2, frame_b
	bne	t0, t1, 1f
	mv	t1, t2
1:	csrw	sscratch, t1

# A whole turn from now. Changes t0.
next_turn:
	rdtime	t0
	addi	t0, t0, TURN
	csrw	stimecmp, t0
	ret

# A guest did what no guest may: the machine stops.
stop:
	li	t0, FINISHER
	li	t1, FAIL
	sw	t1, 0(t0)
	j	.

	.bss
	.balign	16
frame_a:	.zero	FRAME_BYTES
frame_b:	.zero	FRAME_BYTES
	.zero	1024
stack:
