/*
 * A hypervisor without the H extension. The whole guest runs in U-mode, its kernel included. What the kernel does as if it
 * were in S-mode traps, and is done in its place ("trap and emulate"); its page tables are never walked by the machine,
 * which has others, made of them as they are needed ("shadow paging").
 *
 * The virtual machine has one hart with Sv39 and no floating point, 2 MiB of memory, and SBI firmware. It has no devices,
 * and so no interrupts.
 */
#include "vcpu.h"
#include <rt/harts.h>
#include <rt/memory.h>
#include <rt/printf.h>

static struct {
  unsigned emulated, filled, own_faults, system_calls, firmware_calls;
} exits;

/*
 * Whose fault is it? If the guest's own tables allow the access, then only the shadow lacks it: it is filled, the
 * instruction is done again, and the guest never knows.
 */
static void guest_page_fault(struct vcpu *vcpu, enum access access, uint64_t access_fault) {
  uint64_t address = vcpu->frame.value;
  struct translation translation = guest_walk(vcpu, address, access);
  if (translation.outcome == TRANSLATED) {
    exits.filled++;
    shadow_fill(vcpu, address, &translation);
  } else {
    exits.own_faults++;
    guest_trap(vcpu, translation.outcome == PAGE_FAULT ? vcpu->frame.cause : access_fault, address);
  }
}

/* The guest has trapped. What its machine would not have trapped for is done here, everything else it is told. */
static void handle_exit(struct vcpu *vcpu) {
  struct trap_frame *frame = &vcpu->frame;
  switch (frame->cause) {
  case CAUSE_ILLEGAL_INSTRUCTION:
    /* mtval is the instruction on this board; where it may be 0, one reads the instruction at the guest's pc. */
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
    guest_page_fault(vcpu, FETCH, CAUSE_FETCH_ACCESS);
    return;
  case CAUSE_LOAD_PAGE_FAULT:
    guest_page_fault(vcpu, LOAD, CAUSE_LOAD_ACCESS);
    return;
  case CAUSE_STORE_PAGE_FAULT:
    guest_page_fault(vcpu, STORE, CAUSE_STORE_ACCESS);
    return;
  }
  guest_trap(vcpu, frame->cause, frame->value);
}

void guest_ended(int code) {
  printf("[hypervisor: %u instructions emulated, %u firmware calls, %u system calls;\n", exits.emulated,
         exits.firmware_calls, exits.system_calls);
  printf(" %u page faults were the shadow's, %u the guest's own]\n", exits.filled, exits.own_faults);
  exit(code);
}

/* As SBI firmware leaves a hart to its kernel: S-mode, no translation, the hart's number in a0. */
static void guest_start(struct vcpu *vcpu) {
  vcpu->mode = MODE_S;
  vcpu->frame.pc = GUEST_START;
  vcpu->frame.x[REGISTER_A0] = 0;
  /* In a1 a kernel finds the device tree; this machine has nothing that one would have to tell. */
  vcpu->frame.x[REGISTER_A1] = 0;
  vcpu->sstatus = SSTATUS_UXL_64;
  /* MPP = 0: U-mode. The guest has no floating point: FS = 0 makes its instructions illegal. TW has `wfi` trap. */
  vcpu->frame.status = (csr_read(mstatus) & ~(MSTATUS_MPP | STATUS_FS)) | MSTATUS_TW;
}

static struct vcpu vcpu;

int main(void) {
  /* PMP says what physical memory U-mode may touch: all of it. The shadow tables decide. */
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
