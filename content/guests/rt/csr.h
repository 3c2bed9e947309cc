/* Control and status registers (Privileged Specification): access to them, and the names of their bits. */
#pragma once

/* Bits of sstatus; mstatus has the same, and those that begin with MSTATUS. */
#define STATUS_SIE (1UL << 1)
#define STATUS_SPIE (1UL << 5)
#define STATUS_SPP (1UL << 8)
#define STATUS_FS_INITIAL (1UL << 13)
#define STATUS_FS (3UL << 13)
#define STATUS_SUM (1UL << 18)
#define STATUS_MXR (1UL << 19)
#define MSTATUS_MIE (1UL << 3)
#define MSTATUS_MPIE (1UL << 7)
#define MSTATUS_MPP_S (1UL << 11)
#define MSTATUS_MPP (3UL << 11)
#define MSTATUS_MPRV (1UL << 17)
#define MSTATUS_TVM (1UL << 20)
#define MSTATUS_TW (1UL << 21)
#define MSTATUS_TSR (1UL << 22)
#define MSTATUS_GVA (1UL << 38)
#define MSTATUS_MPV (1UL << 39)

/* Bits of hstatus. */
#define HSTATUS_VSBE (1UL << 5)
#define HSTATUS_GVA (1UL << 6)
#define HSTATUS_SPV (1UL << 7)
#define HSTATUS_SPVP (1UL << 8)
#define HSTATUS_HU (1UL << 9)
#define HSTATUS_VGEIN (0x3fUL << 12)
#define HSTATUS_VTVM (1UL << 20)
#define HSTATUS_VTW (1UL << 21)
#define HSTATUS_VTSR (1UL << 22)
#define HSTATUS_VSXL_64 (2UL << 32)

/* Bits of mie and mip, sie and sip, hie and hvip. */
#define INTERRUPT_SSI (1 << 1)
#define INTERRUPT_VSSI (1 << 2)
#define INTERRUPT_MSI (1 << 3)
#define INTERRUPT_STI (1 << 5)
#define INTERRUPT_VSTI (1 << 6)
#define INTERRUPT_MTI (1 << 7)
#define INTERRUPT_SEI (1 << 9)
#define INTERRUPT_VSEI (1 << 10)
#define INTERRUPT_MEI (1 << 11)
#define INTERRUPT_SGEI (1 << 12)

#ifndef __ASSEMBLER__

/* Values of mcause, scause and vscause; those of interrupts are in enum interrupt, with the highest bit set. */
enum exception {
  CAUSE_FETCH_MISALIGNED = 0,
  CAUSE_FETCH_ACCESS = 1,
  CAUSE_ILLEGAL_INSTRUCTION = 2,
  CAUSE_BREAKPOINT = 3,
  CAUSE_LOAD_MISALIGNED = 4,
  CAUSE_LOAD_ACCESS = 5,
  CAUSE_STORE_MISALIGNED = 6,
  CAUSE_STORE_ACCESS = 7,
  CAUSE_ECALL_U = 8,
  CAUSE_ECALL_S = 9,
  CAUSE_ECALL_VS = 10,
  CAUSE_ECALL_M = 11,
  CAUSE_FETCH_PAGE_FAULT = 12,
  CAUSE_LOAD_PAGE_FAULT = 13,
  CAUSE_STORE_PAGE_FAULT = 15,
  CAUSE_FETCH_GUEST_PAGE_FAULT = 20,
  CAUSE_LOAD_GUEST_PAGE_FAULT = 21,
  CAUSE_VIRTUAL_INSTRUCTION = 22,
  CAUSE_STORE_GUEST_PAGE_FAULT = 23,
};

#define CAUSE_INTERRUPT (1UL << 63)

enum interrupt {
  SUPERVISOR_SOFTWARE = 1,
  VIRTUAL_SUPERVISOR_SOFTWARE = 2,
  MACHINE_SOFTWARE = 3,
  SUPERVISOR_TIMER = 5,
  VIRTUAL_SUPERVISOR_TIMER = 6,
  MACHINE_TIMER = 7,
  SUPERVISOR_EXTERNAL = 9,
  VIRTUAL_SUPERVISOR_EXTERNAL = 10,
  MACHINE_EXTERNAL = 11,
  SUPERVISOR_GUEST_EXTERNAL = 12,
};

/* `csr_read(sstatus)`: the register by its name. Each is one instruction, which the compiler neither moves nor drops. */
#define csr_read(csr)                                                                                                  \
  ({                                                                                                                   \
    unsigned long csr_value;                                                                                           \
    __asm__ volatile("csrr %0, " #csr : "=r"(csr_value) : : "memory");                                                 \
    csr_value;                                                                                                         \
  })
#define csr_write(csr, value) __asm__ volatile("csrw " #csr ", %0" : : "rK"((unsigned long)(value)) : "memory")
#define csr_set(csr, bits) __asm__ volatile("csrs " #csr ", %0" : : "rK"((unsigned long)(bits)) : "memory")
#define csr_clear(csr, bits) __asm__ volatile("csrc " #csr ", %0" : : "rK"((unsigned long)(bits)) : "memory")

/* Gives the old value. */
#define csr_swap(csr, value)                                                                                           \
  ({                                                                                                                   \
    unsigned long csr_old;                                                                                             \
    __asm__ volatile("csrrw %0, " #csr ", %1" : "=r"(csr_old) : "rK"((unsigned long)(value)) : "memory");              \
    csr_old;                                                                                                           \
  })

static inline void wait_for_interrupt(void) {
  __asm__ volatile("wfi" : : : "memory");
}

#endif
