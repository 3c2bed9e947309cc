/*
 * A hypervisor without the H extension. All of the guest runs in U-mode, its kernel
 * included. What is privileged traps, and is done in the guest's place ("trap and
 * emulate"); the guest's page tables are never walked by the machine, which has others,
 * made of them as they are needed ("shadow paging").
 *
 * The virtual machine has one hart with Sv39, 2 MiB of memory, and SBI firmware. It has
 * no devices, and so no interrupts, and no floating point.
 */
#include "vcpu.h"
#include <rt/harts.h>
#include <rt/memory.h>
#include <rt/printf.h>

static struct {
  unsigned emulated, filled, own_faults, system_calls, firmware_calls;
} exits;

/*
 * Whose fault is it? If the guest's tables allow the access, only the shadow lacks it:
 * it is filled, the instruction is done again, and the guest never knows.
 */
static void page_fault(struct vcpu *vcpu, enum access access, uint64_t access_fault) {
  uint64_t address = vcpu->frame.value;
  struct translation translation = guest_walk(vcpu, address, access);
  if (translation.outcome == TRANSLATED) {
    exits.filled++;
    shadow_fill(vcpu, address, &translation);
    return;
  }
  exits.own_faults++;
  bool in_tables = translation.outcome == PAGE_FAULT;
  guest_trap(vcpu, in_tables ? vcpu->frame.cause : access_fault, address);
}

/*
 * The guest has trapped. What it would have trapped for on a machine of its own, its
 * kernel is told; all else is between the hypervisor and the machine.
 */
static void handle_exit(struct vcpu *vcpu) {
  struct trap_frame *frame = &vcpu->frame;
  switch (frame->cause) {
  case CAUSE_ILLEGAL_INSTRUCTION:
    /* mtval is the instruction; where a board has 0 there, one reads it at the pc. */
    if (vcpu->mode == MODE_S && emulate(vcpu, (uint32_t)frame->value)) {
      exits.emulated++;
      return;
    }
    break;
  case CAUSE_ECALL_U:
    if (vcpu->mode == MODE_S) {
      exits.firmware_calls++;
      firmware_call(vcpu);
      return;
    }
    exits.system_calls++;
    break;
  case CAUSE_FETCH_PAGE_FAULT:
    page_fault(vcpu, FETCH, CAUSE_FETCH_ACCESS);
    return;
  case CAUSE_LOAD_PAGE_FAULT:
    page_fault(vcpu, LOAD, CAUSE_LOAD_ACCESS);
    return;
  case CAUSE_STORE_PAGE_FAULT:
    page_fault(vcpu, STORE, CAUSE_STORE_ACCESS);
    return;
  }
  guest_trap(vcpu, frame->cause, frame->value);
}

void guest_ended(int code) {
  printf("[hypervisor: %u instructions emulated, %u firmware calls, %u system calls;\n",
         exits.emulated, exits.firmware_calls, exits.system_calls);
  printf(" %u page faults were the shadow's, %u the guest's own]\n", exits.filled,
         exits.own_faults);
  exit(code);
}

/*
 * As SBI firmware leaves a hart to a kernel: in S-mode, without translation, the hart's
 * number in a0. a1 would be the device tree; there is nothing that one would tell.
 */
static void guest_start(struct vcpu *vcpu) {
  vcpu->mode = MODE_S;
  vcpu->sstatus = SSTATUS_UXL_64;
  vcpu->frame.pc = GUEST_START;
  vcpu->frame.x[REGISTER_A0] = 0;
  vcpu->frame.x[REGISTER_A1] = 0;
  /* MPP = 0 is U-mode, with FS = 0 there is no floating point, TW makes `wfi` trap. */
  uint64_t status = csr_read(mstatus) & ~(MSTATUS_MPP | STATUS_FS);
  vcpu->frame.status = status | MSTATUS_TW;
}

static struct vcpu vcpu;

int main(void) {
  /* PMP opens all physical memory to U-mode: what of it the guest gets, shadows say. */
  csr_write(pmpaddr0, -1UL);
  csr_write(pmpcfg0, 0x1f);
  trap_start();
  memory_start(guest_memory);
  shadow_start(&vcpu);
  label_start(&vcpu);
  guest_start(&vcpu);
  for (;;) {
    shadow_use(&vcpu);
    label_enter(&vcpu);
    trap_enter(&vcpu.frame);
    label_leave();
    handle_exit(&vcpu);
  }
}
