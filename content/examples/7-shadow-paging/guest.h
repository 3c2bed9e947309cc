/* What the guest's kernel and its user agree on. */
#pragma once

/* Where the kernel is, in physical memory and in all address spaces. */
#define KERNEL 0x80200000UL

/* The user's addresses; its program begins at the first of them (layout.ld). */
#define USER 0x40000000UL
#define STACK_END 0x40009000UL
#define WINDOW 0x40010000UL
#define HEAP 0x40020000UL
#define HEAP_BYTES 0x4000UL
#define USER_END 0x40200000UL

/* System calls: the number in a7. */
#define CALL_PRINT 1 /* a0: a text, a1: its length */
#define CALL_TURN 2  /* another page behind the window */
