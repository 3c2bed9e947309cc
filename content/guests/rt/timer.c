#include <rt/board.h>
#include <rt/harts.h>
#include <rt/sbi.h>
#include <rt/timer.h>

/* Where the hart's own comparator is in the CLINT. */
enum { MTIMECMP = 0x4000 };

void timer_set(uint64_t when) {
  if (machine_mode)
    ((volatile uint64_t *)(CLINT + MTIMECMP))[hart_number()] = when;
  else
    sbi_set_timer(when);
}
