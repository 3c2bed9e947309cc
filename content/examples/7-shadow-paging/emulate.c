/* Instructions that the guest's kernel believes to execute in S-mode. In U-mode, each of them is illegal and traps. */
#include "vcpu.h"

/* Encodings (Privileged Specification, RISC-V Privileged Instruction Set Listings). */
#define SRET 0x10200073
#define WFI 0x10500073
#define SFENCE_VMA 0x12000073
#define SFENCE_VMA_MASK 0xfe007fff
enum { OPCODE_SYSTEM = 0x73 };

#define SATP_MODE (15UL << 60)
#define SATP_MODE_SV39 (8UL << 60)
#define SATP_PPN ((1UL << 44) - 1)

#define SSTATUS_WRITABLE (STATUS_SIE | STATUS_SPIE | STATUS_SPP | STATUS_SUM | STATUS_MXR)

/* No ASIDs, no interrupts, and traps go to one address: fields that are WARL may be that small. */
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
  /* A mode that there is not: the whole write has no effect (Privileged Specification, satp). */
  uint64_t mode = value & SATP_MODE;
  if (csr == &vcpu->satp && mode != 0 && mode != SATP_MODE_SV39)
    return;
  *csr = (old & ~row->writable) | (value & row->writable);
  /* Other tables, or other rights in them: what was made of them before is worth nothing. */
  if (csr == &vcpu->satp || (csr == &vcpu->sstatus && ((old ^ *csr) & STATUS_MXR)))
    shadow_forget_all(vcpu);
}

/* csrrw, csrrs, csrrc, and those with an immediate (Unprivileged Specification, Zicsr). */
static bool access_csr(struct vcpu *vcpu, uint32_t instruction) {
  const struct csr_row *row = find_csr(instruction >> 20);
  if (row == NULL)
    return false;
  unsigned rd = instruction >> 7 & 31, rs1 = instruction >> 15 & 31, function = instruction >> 12 & 7;
  uint64_t *x = vcpu->frame.x;
  uint64_t old = *value_of(vcpu, row);
  uint64_t operand = function & 4 ? rs1 : x[rs1]; /* x[0] was never written: it is 0 */
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

/* The guest says that it has changed its tables: what the shadows have of them is old. rs1 may name one page. */
static void fence(struct vcpu *vcpu, uint32_t instruction) {
  unsigned rs1 = instruction >> 15 & 31;
  if (rs1 == 0)
    shadow_forget_all(vcpu);
  else
    shadow_forget(vcpu, vcpu->frame.x[rs1]);
}

/* Back to where a trap came from (Privileged Specification, sret). */
static void return_from_trap(struct vcpu *vcpu) {
  uint64_t status = vcpu->sstatus;
  vcpu->mode = status & STATUS_SPP ? MODE_S : MODE_U;
  vcpu->sstatus = (status & ~(STATUS_SPP | STATUS_SIE)) | STATUS_SPIE | (status & STATUS_SPIE ? STATUS_SIE : 0);
  vcpu->frame.pc = vcpu->sepc;
}

/* The same the other way round (Privileged Specification, sstatus). */
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

bool emulate(struct vcpu *vcpu, uint32_t instruction) {
  if (instruction == SRET) {
    return_from_trap(vcpu);
    return true;
  }
  unsigned function = instruction >> 12 & 7;
  bool is_csr = (instruction & 0x7f) == OPCODE_SYSTEM && (function & 3) != 0;
  if (is_csr) {
    if (!access_csr(vcpu, instruction))
      return false;
  } else if ((instruction & SFENCE_VMA_MASK) == SFENCE_VMA) {
    fence(vcpu, instruction);
  } else if (instruction != WFI) { /* which may do nothing (Privileged Specification, wfi) */
    return false;
  }
  vcpu->frame.pc += 4;
  return true;
}
