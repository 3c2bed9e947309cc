#include <rt/board.h>
#include <rt/harts.h>
#include <rt/plic.h>
#include <stdint.h>

enum { ENABLES = 0x2000, ENABLES_BYTES = 0x80, CONTEXTS = 0x200000, CONTEXT_BYTES = 0x1000 };
enum { THRESHOLD = 0, CLAIM = 4 };

/* On this board every hart has two contexts, one for M-mode and one for S-mode. */
static unsigned long context(void) {
  return 2 * (unsigned long)hart_number() + (machine_mode ? 0 : 1);
}

static volatile uint32_t *at(unsigned long offset) {
  return (volatile uint32_t *)(PLIC + offset);
}

void plic_enable(unsigned interrupt) {
  *at(4 * interrupt) = 1; /* its priority: above the threshold */
  *at(ENABLES + ENABLES_BYTES * context() + 4 * (interrupt / 32)) |= 1u << interrupt % 32;
  *at(CONTEXTS + CONTEXT_BYTES * context() + THRESHOLD) = 0;
}

unsigned plic_claim(void) {
  return *at(CONTEXTS + CONTEXT_BYTES * context() + CLAIM);
}

void plic_complete(unsigned interrupt) {
  *at(CONTEXTS + CONTEXT_BYTES * context() + CLAIM) = interrupt;
}
