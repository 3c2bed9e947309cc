# One guest counts, the other one knows the alphabet. Each believes to have the machine for itself.
	.equ	PAUSE, 40

	.macro	rest
	li	t1, PAUSE
1:	addi	t1, t1, -1
	bnez	t1, 1b
	.endm

	.globl	guest_a
guest_a:
	li	s2, 0
2:	li	t0, 10
	remu	t0, s2, t0
	addi	a0, t0, '0'
	ecall					# print it
	addi	s2, s2, 1
	rest
	j	2b

	.globl	guest_b
guest_b:
	li	s2, 0
2:	li	t0, 26
	remu	t0, s2, t0
	addi	a0, t0, 'a'
	ecall
	addi	s2, s2, 1
	rest
	j	2b
