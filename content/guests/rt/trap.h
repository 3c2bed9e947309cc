/*
 * Traps, and what runs below: tasks in U-mode, and guests.
 *
 * trap_enter(frame) goes on where the frame says, in the mode that it says, and returns when that code traps: for whoever
 * calls it, running a task or a guest is a call. It needs no handler. A trap of the program itself (an interrupt, or a
 * mistake) calls trap_handler instead, on the stack that is in use, and goes on behind it as the frame then says.
 *
 * Floating-point registers are not saved: those of a task or guest live through its traps only if the program leaves
 * them alone.
 */
#pragma once
#include <rt/csr.h>

#define TRAP_PC 256
#define TRAP_STATUS 264
#define TRAP_CAUSE 272
#define TRAP_VALUE 280
#define TRAP_HSTATUS 288
#define TRAP_GUEST_ADDRESS 296
#define TRAP_INSTRUCTION 304
#define TRAP_OWNER_STACK 312
#define TRAP_FRAME_BYTES 320

#ifndef __ASSEMBLER__
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct trap_frame {
  /* By number: x[2] is sp, x[10] a0. x[0] means nothing. */
  uint64_t x[32];
  /* What sepc and sstatus (mepc and mstatus) are to be, and were. */
  uint64_t pc;
  uint64_t status;
  /* Why it trapped: scause and stval. */
  uint64_t cause;
  uint64_t value;
  /* For a guest: hstatus with HSTATUS_SPV set. 0 for a task; then the two fields behind it stay as they are. */
  uint64_t hstatus;
  /* htval, which is a guest physical address shifted right by two, and htinst. */
  uint64_t guest_address;
  uint64_t instruction;
  /* trap_enter's own. */
  uint64_t owner_stack;
};

_Static_assert(offsetof(struct trap_frame, pc) == TRAP_PC, "trap-entry.h counts on it");
_Static_assert(offsetof(struct trap_frame, owner_stack) == TRAP_OWNER_STACK, "trap-entry.h counts on it");
_Static_assert(sizeof(struct trap_frame) == TRAP_FRAME_BYTES, "trap-entry.h counts on it");

enum {
  REGISTER_RA = 1,
  REGISTER_SP = 2,
  REGISTER_GP = 3,
  REGISTER_A0 = 10,
  REGISTER_A1 = 11,
  REGISTER_A6 = 16,
  REGISTER_A7 = 17,
};

/* Once on every hart, before anything that traps. */
void trap_start(void);

void trap_enter(struct trap_frame *frame);

/*
 * The program's own; without one, a trap prints its frame and ends the run. Interrupts are off in it. While it runs,
 * another trap overwrites sepc, scause and their like: the frame, not the CSRs, says why it was called.
 */
void trap_handler(struct trap_frame *frame);

void trap_print(const struct trap_frame *frame);

static inline bool trap_is_interrupt(const struct trap_frame *frame, enum interrupt which) {
  return frame->cause == (CAUSE_INTERRUPT | (unsigned long)which);
}
#endif
