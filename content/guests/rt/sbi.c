#include <rt/sbi.h>

struct sbi_result sbi_call(enum sbi_extension extension, long function, const unsigned long arguments[5]) {
  register unsigned long a0 __asm__("a0") = arguments[0];
  register unsigned long a1 __asm__("a1") = arguments[1];
  register unsigned long a2 __asm__("a2") = arguments[2];
  register unsigned long a3 __asm__("a3") = arguments[3];
  register unsigned long a4 __asm__("a4") = arguments[4];
  register unsigned long a6 __asm__("a6") = (unsigned long)function;
  register unsigned long a7 __asm__("a7") = (unsigned long)extension;
  __asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a2), "r"(a3), "r"(a4), "r"(a6), "r"(a7) : "memory");
  return (struct sbi_result){(long)a0, (long)a1};
}

static struct sbi_result call0(enum sbi_extension extension, long function) {
  return sbi_call(extension, function, (unsigned long[5]){0});
}

static struct sbi_result call1(enum sbi_extension extension, long function, unsigned long argument) {
  return sbi_call(extension, function, (unsigned long[5]){argument});
}

long sbi_specification_version(void) {
  return call0(SBI_BASE, 0).value;
}

bool sbi_has(enum sbi_extension extension) {
  return call1(SBI_BASE, 3, (unsigned long)extension).value != 0;
}

void sbi_set_timer(uint64_t when) {
  call1(SBI_TIME, 0, when);
}

long sbi_send_ipi(unsigned long mask, unsigned long base) {
  return sbi_call(SBI_IPI, 0, (unsigned long[5]){mask, base}).error;
}

enum { FENCE_I, SFENCE_VMA, SFENCE_VMA_ASID, HFENCE_GVMA_VMID, HFENCE_GVMA, HFENCE_VVMA_ASID, HFENCE_VVMA };

long sbi_remote_fence_i(unsigned long mask, unsigned long base) {
  return sbi_call(SBI_RFENCE, FENCE_I, (unsigned long[5]){mask, base}).error;
}

long sbi_remote_sfence_vma(unsigned long mask, unsigned long base, uint64_t start, uint64_t size) {
  return sbi_call(SBI_RFENCE, SFENCE_VMA, (unsigned long[5]){mask, base, start, size}).error;
}

long sbi_remote_sfence_vma_asid(unsigned long mask, unsigned long base, uint64_t start, uint64_t size, unsigned asid) {
  return sbi_call(SBI_RFENCE, SFENCE_VMA_ASID, (unsigned long[5]){mask, base, start, size, asid}).error;
}

long sbi_remote_hfence_gvma(unsigned long mask, unsigned long base, uint64_t start, uint64_t size) {
  return sbi_call(SBI_RFENCE, HFENCE_GVMA, (unsigned long[5]){mask, base, start, size}).error;
}

long sbi_remote_hfence_gvma_vmid(unsigned long mask, unsigned long base, uint64_t start, uint64_t size, unsigned vmid) {
  return sbi_call(SBI_RFENCE, HFENCE_GVMA_VMID, (unsigned long[5]){mask, base, start, size, vmid}).error;
}

long sbi_remote_hfence_vvma(unsigned long mask, unsigned long base, uint64_t start, uint64_t size) {
  return sbi_call(SBI_RFENCE, HFENCE_VVMA, (unsigned long[5]){mask, base, start, size}).error;
}

long sbi_remote_hfence_vvma_asid(unsigned long mask, unsigned long base, uint64_t start, uint64_t size, unsigned asid) {
  return sbi_call(SBI_RFENCE, HFENCE_VVMA_ASID, (unsigned long[5]){mask, base, start, size, asid}).error;
}

long sbi_hart_start(unsigned long hart, uint64_t start, unsigned long opaque) {
  return sbi_call(SBI_HSM, 0, (unsigned long[5]){hart, start, opaque}).error;
}

/* Comes back only if it fails. */
long sbi_hart_stop(void) {
  return call0(SBI_HSM, 1).error;
}

struct sbi_result sbi_hart_status(unsigned long hart) {
  return call1(SBI_HSM, 2, hart);
}

/* Retentive: it goes on behind the call when an interrupt is pending. */
long sbi_hart_suspend(void) {
  return call0(SBI_HSM, 3).error;
}

void sbi_shutdown(bool failed) {
  sbi_call(SBI_SRST, 0, (unsigned long[5]){0, failed});
  for (;;)
    __asm__ volatile("wfi");
}

struct sbi_result sbi_console_write(const void *bytes, size_t count) {
  return sbi_call(SBI_DBCN, 0, (unsigned long[5]){count, (uintptr_t)bytes});
}

struct sbi_result sbi_console_read(void *bytes, size_t count) {
  return sbi_call(SBI_DBCN, 1, (unsigned long[5]){count, (uintptr_t)bytes});
}

void sbi_console_put(char c) {
  call1(SBI_DBCN, 2, (unsigned char)c);
}
