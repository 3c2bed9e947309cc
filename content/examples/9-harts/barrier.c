/*
 * A barrier whose last hart wakes the others by inter-processor interrupts. Each hart has a word of the CLINT, its bell:
 * writing 1 there makes a machine software interrupt pending (bit MSIP of mip), writing 0 takes it back.
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
  /* The interrupt is enabled, but as mstatus.MIE stays 0 it is never taken: all it does is to end `wfi`. */
  csr_set(mie, INTERRUPT_MSI);
}

static void open_for_all(unsigned long harts) {
  arrived = 0;
  /* Release: whoever sees the new round sees what the harts wrote before it. */
  __atomic_store_n(&round, round + 1, __ATOMIC_RELEASE);
  __asm__ volatile("fence rw, o" : : : "memory"); /* the round first, then the bells: they are I/O, not memory */
  for (unsigned long hart = 0; hart < harts; hart++) {
    if (hart != (unsigned long)hart_number())
      bells[hart] = 1;
  }
}

void barrier_wait(unsigned long harts) {
  unsigned long before = round;
  bells[hart_number()] = 0;
  if (__atomic_add_fetch(&arrived, 1, __ATOMIC_ACQ_REL) == harts) {
    open_for_all(harts);
    return;
  }
  /* A bell that rings between the question and `wfi` is not lost: with an interrupt pending, `wfi` does not sleep. */
  while (__atomic_load_n(&round, __ATOMIC_ACQUIRE) == before)
    wait_for_interrupt();
}
