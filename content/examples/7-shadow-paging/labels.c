/*
 * Labels for pictures (rt/markers.h). For the machine there is but a program in U-mode:
 * what the guest believes to be, only its hypervisor knows. It tells where it keeps the
 * guest's registers, and which tables stand for the guest's.
 */
#include "vcpu.h"
#include <rt/markers.h>

enum { HOST = 0, VM = 1, REGISTERS = 31 };

/* The pc, the mode, the shadow tables, the memory, and the end of the list. */
static struct guest_fact facts[CSRS + REGISTERS + 5];

/* M-mode has no translation: its pointers are physical addresses. */
static struct guest_fact fact(unsigned long what, const void *where) {
  return (struct guest_fact){.what = what, .where = (uintptr_t)where};
}

void label_start(const struct vcpu *vcpu) {
  struct guest_fact *next = facts;
  for (int i = 0; i < CSRS; i++)
    *next++ = fact(csrs[i].number, (const char *)vcpu + csrs[i].offset);
  for (unsigned i = 1; i <= REGISTERS; i++)
    *next++ = fact(FACT_REGISTER(i), &vcpu->frame.x[i]);
  *next++ = fact(FACT_PC, &vcpu->frame.pc);
  *next++ = fact(FACT_MODE, &vcpu->mode);
  *next++ = fact(FACT_SHADOW, &vcpu->shadow_satp);
  *next++ = (struct guest_fact){FACT_MEMORY, GUEST_START, (uintptr_t)guest_memory,
                                GUEST_BYTES};
  *next = fact(FACT_END, NULL);
}

void label_enter(const struct vcpu *vcpu) {
  mark_guest(facts);
  mark_vm(VM);
  mark_vcpu(0);
  mark_mode(vcpu->mode);
}

/* What the guest believes stays worth seeing while its trap is handled. */
void label_leave(void) {
  mark_vm(HOST);
}
