/* The harts of the machine. The start-up code keeps a hart's number in its register tp. */
#pragma once
#include <stdbool.h>

/* True where the start-up code was entered in M-mode, false in S-mode: some CSRs go by the mode. */
extern bool machine_mode;

static inline long hart_number(void) {
  long number;
  __asm__ volatile("mv %0, tp" : "=r"(number));
  return number;
}

/* Lets all other harts begin in hart_main. Once, by the hart that runs main. */
void start_harts(void);

/* The program defines it if it wants other harts to do something. */
void hart_main(long hart);

/* Ends the run of the whole machine: 0 is a pass. */
__attribute__((noreturn)) void exit(int code);
