/* For programs that expect no traps of their own. */
#include <rt/harts.h>
#include <rt/trap.h>

__attribute__((weak)) void trap_handler(struct trap_frame *frame) {
  trap_print(frame);
  exit(128 + (int)(frame->cause & 63));
}
