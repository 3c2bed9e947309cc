/*
 * A barrier whose last hart wakes the others by inter-processor interrupts. Each
 * hart has a word of the CLINT, its bell: 1 makes a machine software interrupt
 * pending (bit MSIP of mip), 0 takes it back.
 */
#include "barrier.h"
#include <rt/board.h>
#include <rt/csr.h>
#include <rt/harts.h>
#include <stdint.h>

static volatile uint32_t *const bells = (volatile uint32_t *)CLINT;

static unsigned long arrived;
static volatile unsigned long round;

void barrier_start(void) {
  /* Enabled, but as mstatus.MIE stays 0 never taken: all it does is to end `wfi`. */
  csr_set(mie, INTERRUPT_MSI);
}

static void open_for_all(unsigned long harts) {
  arrived = 0;
  /* Release: whoever sees the new round sees all that was written before it. */
  __atomic_store_n(&round, round + 1, __ATOMIC_RELEASE);
  /* The bells are I/O, not memory: without this they could ring first. */
  __asm__ volatile("fence w, o" : : : "memory");
  for (unsigned long hart = 0; hart < harts; hart++) {
    if (hart != (unsigned long)hart_number())
      bells[hart] = 1;
  }
}

/*
 * The bell is taken back before the round is looked at again: so a ring is never
 * lost, and one that comes late, for a round that is over, costs no more than a
 * look. With an interrupt pending, `wfi` does not sleep.
 */
static void sleep_until_rung(void) {
  wait_for_interrupt();
  bells[hart_number()] = 0;
  __asm__ volatile("fence o, r" : : : "memory");
}

void barrier_wait(unsigned long harts) {
  unsigned long before = round;
  if (__atomic_add_fetch(&arrived, 1, __ATOMIC_ACQ_REL) == harts) {
    open_for_all(harts);
    return;
  }
  while (__atomic_load_n(&round, __ATOMIC_ACQUIRE) == before)
    sleep_until_rung();
}
