/* A virtual hart: what its software takes for a machine, and what runs it. */
#pragma once
#include <rt/paging.h>
#include <rt/trap.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Guest physical memory. It begins where kernels under SBI firmware expect to be; in
 * the machine it lies at guest_memory, which layout.ld decides.
 */
#define GUEST_START 0x80200000UL
#define GUEST_BYTES 0x200000UL
extern unsigned char guest_memory[GUEST_BYTES];

/* sstatus.UXL: U-mode has 64 bits, too. */
#define SSTATUS_UXL_64 (2UL << 32)

/* The modes that the guest believes to be in. The machine runs both in U-mode. */
enum { MODE_U, MODE_S };

/* One for each reach that the guest can have: sstatus.SUM opens more to S-mode. */
enum { SHADOW_U, SHADOW_S, SHADOW_S_SUM, SHADOWS };

struct vcpu {
  /* x1 to x31 and the pc while the guest does not run. */
  struct trap_frame frame;
  uint64_t mode;
  uint64_t sstatus, sie, stvec, sscratch, sepc, scause, stval, sip, satp;
  struct page_table shadows[SHADOWS];
  /* The highest level of the guest's leaves that are in them. */
  int largest_leaf;
  /* What satp really holds while the guest runs. */
  uint64_t shadow_satp;
};

/* emulate.c: what is privileged in S-mode. */

/* Does what the instruction does in S-mode. False if it is illegal there as well. */
bool emulate(struct vcpu *vcpu, uint32_t instruction);
/* Takes a trap into the guest's S-mode, as a hart does. */
void guest_trap(struct vcpu *vcpu, uint64_t cause, uint64_t value);

struct csr_row {
  unsigned number;
  size_t offset; /* of its value in struct vcpu */
  uint64_t writable;
};
enum { CSRS = 9 };
extern const struct csr_row csrs[CSRS];

/* walk.c: the guest's own page tables. */

/* Each is the bit of a PTE that allows it. */
enum access { LOAD = PTE_READ, STORE = PTE_WRITE, FETCH = PTE_EXECUTE };

struct translation {
  enum { TRANSLATED, PAGE_FAULT, ACCESS_FAULT } outcome;
  /* Where in the machine the 4 KiB around the address lie. */
  uint64_t page;
  /* PTE_READ, PTE_WRITE and PTE_EXECUTE, for what the guest may do there now. */
  unsigned bits;
  /* Of the guest's leaf: 0 for 4 KiB, 1 for 2 MiB, 2 for 1 GiB. */
  int level;
};

struct translation guest_walk(const struct vcpu *vcpu, uint64_t address,
                              enum access access);
/* Guest physical memory, or NULL where the guest has none. */
void *guest_physical(uint64_t address, uint64_t bytes);

/* shadow.c: the tables that the machine walks. */

void shadow_start(struct vcpu *vcpu);
/* Puts those in force that are for the guest's mode. */
void shadow_use(struct vcpu *vcpu);
void shadow_fill(struct vcpu *vcpu, uint64_t address,
                 const struct translation *translation);
void shadow_forget(struct vcpu *vcpu, uint64_t address);
void shadow_forget_all(struct vcpu *vcpu);

/* firmware.c: what the guest asks for with `ecall` in its S-mode. */

void firmware_call(struct vcpu *vcpu);

/* labels.c: what pictures are told. */

void label_start(const struct vcpu *vcpu);
void label_enter(const struct vcpu *vcpu);
void label_leave(void);

/* hypervisor.c */

__attribute__((noreturn)) void guest_ended(int code);
