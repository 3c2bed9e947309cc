/* Calls to the firmware below S-mode (SBI Specification 2.0). */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sbi_error {
  SBI_SUCCESS = 0,
  SBI_FAILED = -1,
  SBI_NOT_SUPPORTED = -2,
  SBI_INVALID_PARAM = -3,
  SBI_DENIED = -4,
  SBI_INVALID_ADDRESS = -5,
  SBI_ALREADY_AVAILABLE = -6,
  SBI_ALREADY_STARTED = -7,
  SBI_ALREADY_STOPPED = -8,
  SBI_NO_SHARED_MEMORY = -9,
};

enum sbi_extension {
  SBI_BASE = 0x10,
  SBI_TIME = 0x54494d45,
  SBI_IPI = 0x735049,
  SBI_RFENCE = 0x52464e43,
  SBI_HSM = 0x48534d,
  SBI_SRST = 0x53525354,
  SBI_DBCN = 0x4442434e,
};

/* `error` is a value of enum sbi_error; `value` means something where it is SBI_SUCCESS. */
struct sbi_result {
  long error;
  long value;
};

struct sbi_result sbi_call(enum sbi_extension extension, long function, const unsigned long arguments[5]);

/* The base extension. The version: major in bits 30 to 24, minor below. */
long sbi_specification_version(void);
bool sbi_has(enum sbi_extension extension);

/* A supervisor timer interrupt when `time` reaches `when`. */
void sbi_set_timer(uint64_t when);

/* Harts are named by a mask, whose lowest bit is hart `base`; with a base of SBI_ALL_HARTS it means all of them. */
#define SBI_ALL_HARTS ((unsigned long)-1)
long sbi_send_ipi(unsigned long mask, unsigned long base);
long sbi_remote_fence_i(unsigned long mask, unsigned long base);
/* A size of 0, or of -1, is the whole address space. */
long sbi_remote_sfence_vma(unsigned long mask, unsigned long base, uint64_t start, uint64_t size);
long sbi_remote_sfence_vma_asid(unsigned long mask, unsigned long base, uint64_t start, uint64_t size, unsigned asid);
long sbi_remote_hfence_gvma(unsigned long mask, unsigned long base, uint64_t start, uint64_t size);
long sbi_remote_hfence_gvma_vmid(unsigned long mask, unsigned long base, uint64_t start, uint64_t size, unsigned vmid);
long sbi_remote_hfence_vvma(unsigned long mask, unsigned long base, uint64_t start, uint64_t size);
long sbi_remote_hfence_vvma_asid(unsigned long mask, unsigned long base, uint64_t start, uint64_t size, unsigned asid);

/* A hart begins at the physical address `start` with its number in a0 and `opaque` in a1. */
enum sbi_hart_state { SBI_STARTED, SBI_STOPPED, SBI_START_PENDING, SBI_STOP_PENDING, SBI_SUSPENDED };
long sbi_hart_start(unsigned long hart, uint64_t start, unsigned long opaque);
long sbi_hart_stop(void);
struct sbi_result sbi_hart_status(unsigned long hart);
long sbi_hart_suspend(void);

/* The end of the run; `failed` tells whoever runs the machine. */
__attribute__((noreturn)) void sbi_shutdown(bool failed);

/* The debug console takes physical addresses. It gives the number of bytes that it took or gave, which may be fewer. */
struct sbi_result sbi_console_write(const void *bytes, size_t count);
struct sbi_result sbi_console_read(void *bytes, size_t count);
void sbi_console_put(char c);
