/* What the tasks do. They run in U-mode, and know of each other no more than their numbers. */
#include "programs.h"
#include "calls.h"
#include <rt/printf.h>

enum { NUMBERS = 500, BEATS = 8, PERIOD = 300, LINE = 80 };

static unsigned long collatz_steps(unsigned long n) {
  unsigned long steps = 0;
  for (; n != 1; steps++)
    n = n % 2 == 0 ? n / 2 : 3 * n + 1;
  return steps;
}

/* Asks for nothing until it has its result: without a timer, nobody else would run before. */
void hog(void) {
  char line[LINE];
  unsigned long best = 1, most = 0;
  for (unsigned long n = 1; n < NUMBERS; n++) {
    unsigned long steps = collatz_steps(n);
    if (steps <= most)
      continue;
    best = n;
    most = steps;
  }
  snprintf(line, LINE, "hog: below %d it takes longest from %lu, %lu steps\n", NUMBERS, best, most);
  call_print(line);
  call_exit();
}

/* Sleeps, and sends how much longer that was than it wanted. */
void metronome(void) {
  for (int beat = 0; beat < BEATS; beat++)
    call_send(LISTENER, call_sleep(PERIOD));
  call_exit();
}

void listener(void) {
  char line[LINE];
  for (int beat = 1; beat <= BEATS; beat++) {
    snprintf(line, LINE, "listener: beat %d came %lu ticks late\n", beat, call_receive());
    call_print(line);
  }
  call_exit();
}
