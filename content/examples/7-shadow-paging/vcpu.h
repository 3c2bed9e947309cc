/* A virtual hart: what its software takes for a machine, and what the real one needs to run it. */
#pragma once
#include <rt/paging.h>
#include <rt/trap.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Guest physical memory. It begins where software under SBI firmware expects to be; in the machine it lies at
 * guest_memory, which layout.ld says.
 */
#define GUEST_START 0x80200000UL
#define GUEST_BYTES 0x200000UL
extern unsigned char guest_memory[GUEST_BYTES];

/* sstatus.UXL: U-mode is RV64, too. */
#define SSTATUS_UXL_64 (2UL << 32)

/* The modes that the guest believes to be in. The machine runs both in U-mode. */
enum { MODE_U, MODE_S };

/* The guest's memory as a mode of it may reach it. S-mode reaches more while sstatus.SUM is set. */
enum { SHADOW_U, SHADOW_S, SHADOW_S_SUM, SHADOWS };

struct vcpu {
  /* x1 to x31 and the pc while the guest does not run. */
  struct trap_frame frame;
  uint64_t mode;
  uint64_t sstatus, sie, stvec, sscratch, sepc, scause, stval, sip, satp;
  struct page_table shadows[SHADOWS];
  /* The highest level of the guest's leaves that pages in the shadows were made of. */
  int largest_leaf;
  /* What the machine's own satp is for the guest, whatever the guest has in its one. */
  uint64_t shadow_satp;
};

/* emulate.c: the privileged instructions of an S-mode. */

/* Does what the instruction would have done in S-mode. False if it is illegal there as well. */
bool emulate(struct vcpu *vcpu, uint32_t instruction);
/* Takes a trap into the guest's S-mode, as a hart does. */
void guest_trap(struct vcpu *vcpu, uint64_t cause, uint64_t value);

/* CSRs that there are, by their numbers; bits that are not writable keep their values. */
struct csr_row {
  unsigned number;
  size_t offset; /* of its value in struct vcpu */
  uint64_t writable;
};
enum { CSRS = 9 };
extern const struct csr_row csrs[CSRS];

/* walk.c: the guest's own page tables. */

/* By the bit in a PTE that allows it. */
enum access { LOAD = PTE_READ, STORE = PTE_WRITE, FETCH = PTE_EXECUTE };

struct translation {
  enum { TRANSLATED, PAGE_FAULT, ACCESS_FAULT } outcome;
  /* Where the guest's page of 4 KiB really lies, and PTE_READ, PTE_WRITE, PTE_EXECUTE for what may be done there now. */
  uint64_t page;
  unsigned bits;
  /* Of the guest's leaf: 0 for a page of 4 KiB. */
  int level;
};

struct translation guest_walk(const struct vcpu *vcpu, uint64_t address, enum access access);
/* Guest physical memory, or NULL where the guest has none. */
void *guest_physical(uint64_t address, uint64_t bytes);

/* shadow.c: the tables that the machine walks while the guest runs. */

void shadow_start(struct vcpu *vcpu);
/* Chooses by the guest's mode. */
void shadow_use(struct vcpu *vcpu);
void shadow_fill(struct vcpu *vcpu, uint64_t address, const struct translation *translation);
void shadow_forget(struct vcpu *vcpu, uint64_t address);
void shadow_forget_all(struct vcpu *vcpu);

/* firmware.c: what the guest calls with `ecall` from its S-mode. */

void firmware_call(struct vcpu *vcpu);

/* labels.c: what the pictures are told. */

void label_start(const struct vcpu *vcpu);
void label_enter(const struct vcpu *vcpu);
void label_leave(void);

/* hypervisor.c */

__attribute__((noreturn)) void guest_ended(int code);
