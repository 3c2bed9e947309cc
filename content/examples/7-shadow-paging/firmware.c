/* What a small kernel wants of SBI firmware: text, and an end (SBI Specification). */
#include "vcpu.h"
#include <rt/console.h>
#include <rt/sbi.h>

enum { CONSOLE_WRITE = 0, SYSTEM_RESET = 0 };

/* `text` is guest physical, as are all addresses that firmware is given. */
static struct sbi_result console_write(uint64_t count, uint64_t text) {
  const unsigned char *bytes = guest_physical(text, count);
  if (bytes == NULL)
    return (struct sbi_result){SBI_INVALID_PARAM, 0};
  for (uint64_t i = 0; i < count; i++)
    putchar(bytes[i]);
  return (struct sbi_result){SBI_SUCCESS, (long)count};
}

static struct sbi_result served(const uint64_t *x) {
  uint64_t extension = x[REGISTER_A7], function = x[REGISTER_A6];
  if (extension == SBI_DBCN && function == CONSOLE_WRITE)
    return console_write(x[REGISTER_A0], x[REGISTER_A1]);
  if (extension == SBI_SRST && function == SYSTEM_RESET)
    guest_ended(x[REGISTER_A1] == 0 ? 0 : 1);
  return (struct sbi_result){SBI_NOT_SUPPORTED, 0};
}

void firmware_call(struct vcpu *vcpu) {
  uint64_t *x = vcpu->frame.x;
  struct sbi_result result = served(x);
  x[REGISTER_A0] = (uint64_t)result.error;
  x[REGISTER_A1] = (uint64_t)result.value;
  vcpu->frame.pc += 4; /* behind the ecall */
}
