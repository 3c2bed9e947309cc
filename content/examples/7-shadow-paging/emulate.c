/*
 * What the guest's kernel believes to do in S-mode. As it is in U-mode, each of these
 * instructions is illegal and traps.
 */
#include "vcpu.h"

/* Privileged Specification, "RISC-V Privileged Instruction Set Listings". */
enum { OPCODE = 0x7f, SYSTEM = 0x73 };
#define SRET 0x10200073
#define WFI 0x10500073
#define SFENCE_VMA 0x12000073
#define SFENCE_VMA_MASK 0xfe007fff

#define SATP_MODE (15UL << 60)
#define SATP_MODE_SV39 (8UL << 60)
#define SATP_PPN ((1UL << 44) - 1)
#define SSTATUS_WRITABLE                                                             \
  (STATUS_SIE | STATUS_SPIE | STATUS_SPP | STATUS_SUM | STATUS_MXR)

/*
 * Their fields are WARL, and may be as small as one likes: this hart has no ASIDs, no
 * interrupts, and one address that traps go to. scounteren and senvcfg are left out.
 */
const struct csr_row csrs[CSRS] = {
    {0x100, offsetof(struct vcpu, sstatus), SSTATUS_WRITABLE},
    {0x104, offsetof(struct vcpu, sie), 0},
    {0x105, offsetof(struct vcpu, stvec), ~3UL},
    {0x140, offsetof(struct vcpu, sscratch), ~0UL},
    {0x141, offsetof(struct vcpu, sepc), ~1UL},
    {0x142, offsetof(struct vcpu, scause), ~0UL},
    {0x143, offsetof(struct vcpu, stval), ~0UL},
    {0x144, offsetof(struct vcpu, sip), 0},
    {0x180, offsetof(struct vcpu, satp), SATP_MODE | SATP_PPN},
};

static const struct csr_row *find_csr(unsigned number) {
  for (int i = 0; i < CSRS; i++) {
    if (csrs[i].number == number)
      return &csrs[i];
  }
  return NULL;
}

static uint64_t *value_of(struct vcpu *vcpu, const struct csr_row *row) {
  return (uint64_t *)((char *)vcpu + row->offset);
}

static void write_csr(struct vcpu *vcpu, const struct csr_row *row, uint64_t value) {
  uint64_t *csr = value_of(vcpu, row);
  uint64_t old = *csr;
  /* With a mode that the hart does not have, a write of satp does nothing at all. */
  uint64_t mode = value & SATP_MODE;
  if (csr == &vcpu->satp && mode != 0 && mode != SATP_MODE_SV39)
    return;
  *csr = (old & ~row->writable) | (value & row->writable);
  /* Other tables, or other rights by the same ones: what is in the shadows is void. */
  bool other_rights = csr == &vcpu->sstatus && ((old ^ *csr) & STATUS_MXR) != 0;
  if (csr == &vcpu->satp || other_rights)
    shadow_forget_all(vcpu);
}

/* csrrw, csrrs, csrrc, and the three with an immediate in the place of rs1. */
static bool access_csr(struct vcpu *vcpu, uint32_t instruction) {
  const struct csr_row *row = find_csr(instruction >> 20);
  if (row == NULL)
    return false;
  unsigned rd = instruction >> 7 & 31, rs1 = instruction >> 15 & 31;
  unsigned function = instruction >> 12 & 7;
  uint64_t *x = vcpu->frame.x; /* x[0] is never written, and 0 */
  uint64_t operand = function & 4 ? rs1 : x[rs1];
  uint64_t old = *value_of(vcpu, row);
  switch (function & 3) {
  case 1:
    write_csr(vcpu, row, operand);
    break;
  case 2:
    if (rs1 != 0)
      write_csr(vcpu, row, old | operand);
    break;
  case 3:
    if (rs1 != 0)
      write_csr(vcpu, row, old & ~operand);
    break;
  }
  if (rd != 0)
    x[rd] = old;
  return true;
}

/* The guest has changed its tables, around the address in rs1 or, for x0, anywhere. */
static void fence(struct vcpu *vcpu, uint32_t instruction) {
  unsigned rs1 = instruction >> 15 & 31;
  if (rs1 == 0)
    shadow_forget_all(vcpu);
  else
    shadow_forget(vcpu, vcpu->frame.x[rs1]);
}

/* A trap moves SIE to SPIE and the mode to SPP, `sret` moves them back. */
void guest_trap(struct vcpu *vcpu, uint64_t cause, uint64_t value) {
  uint64_t status = vcpu->sstatus & ~(STATUS_SPP | STATUS_SPIE | STATUS_SIE);
  if (vcpu->mode == MODE_S)
    status |= STATUS_SPP;
  if (vcpu->sstatus & STATUS_SIE)
    status |= STATUS_SPIE;
  vcpu->sstatus = status;
  vcpu->scause = cause;
  vcpu->stval = value;
  vcpu->sepc = vcpu->frame.pc;
  vcpu->frame.pc = vcpu->stvec;
  vcpu->mode = MODE_S;
}

static void return_from_trap(struct vcpu *vcpu) {
  uint64_t status = vcpu->sstatus & ~(STATUS_SPP | STATUS_SIE);
  if (vcpu->sstatus & STATUS_SPIE)
    status |= STATUS_SIE;
  vcpu->mode = vcpu->sstatus & STATUS_SPP ? MODE_S : MODE_U;
  vcpu->sstatus = status | STATUS_SPIE;
  vcpu->frame.pc = vcpu->sepc;
}

bool emulate(struct vcpu *vcpu, uint32_t instruction) {
  bool is_csr = (instruction & OPCODE) == SYSTEM && (instruction >> 12 & 3) != 0;
  if (is_csr) {
    if (!access_csr(vcpu, instruction))
      return false;
  } else if (instruction == SRET) {
    return_from_trap(vcpu);
    return true;
  } else if ((instruction & SFENCE_VMA_MASK) == SFENCE_VMA) {
    fence(vcpu, instruction);
  } else if (instruction != WFI) { /* which may do nothing: "Wait for Interrupt" */
    return false;
  }
  vcpu->frame.pc += 4;
  return true;
}
