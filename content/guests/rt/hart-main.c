/* For programs that leave the other harts alone. */
#include <rt/harts.h>

__attribute__((weak)) void hart_main(long hart) {
  (void)hart;
  for (;;)
    __asm__ volatile("wfi");
}
