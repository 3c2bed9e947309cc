/* The timer of a hart. */
#pragma once
#include <stdint.h>

#define TICKS_PER_SECOND 10000000UL

static inline uint64_t timer_now(void) {
  uint64_t now;
  __asm__ volatile("rdtime %0" : "=r"(now));
  return now;
}

/* A timer interrupt of this hart when the time reaches `when`, if its bit in mie or sie is set. */
void timer_set(uint64_t when);
