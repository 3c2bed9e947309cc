/*
 * Labels for the pictures (rt/markers.h). Only the hypervisor knows what its guest believes, as for the machine there is
 * but a program in U-mode: it says where it keeps the guest's registers, and which tables stand for which.
 */
#include "vcpu.h"
#include <rt/markers.h>

enum { VM = 1, HOST = 0, FIRST_REGISTER = 1, REGISTERS = 31 };

/* PC, mode, shadow tables, memory, and the end of the list. */
static struct guest_fact facts[CSRS + REGISTERS + 5];

/* M-mode has no translation: its pointers are physical addresses. */
static struct guest_fact fact(unsigned long what, const void *where) {
  return (struct guest_fact){.what = what, .where = (uintptr_t)where};
}

void label_start(const struct vcpu *vcpu) {
  struct guest_fact *next = facts;
  for (int i = 0; i < CSRS; i++)
    *next++ = fact(csrs[i].number, (const char *)vcpu + csrs[i].offset);
  for (int i = FIRST_REGISTER; i <= REGISTERS; i++)
    *next++ = fact(FACT_REGISTER((unsigned)i), &vcpu->frame.x[i]);
  *next++ = fact(FACT_PC, &vcpu->frame.pc);
  *next++ = fact(FACT_MODE, &vcpu->mode);
  *next++ = fact(FACT_SHADOW, &vcpu->shadow_satp);
  *next++ = (struct guest_fact){FACT_MEMORY, GUEST_START, (uintptr_t)guest_memory, GUEST_BYTES};
  *next = fact(FACT_END, NULL);
}

void label_enter(const struct vcpu *vcpu) {
  mark_guest(facts);
  mark_vm(VM);
  mark_vcpu(0);
  mark_mode(vcpu->mode);
}

void label_leave(void) {
  mark_vm(HOST);
}
