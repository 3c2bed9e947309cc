/*
 * Four harts count the ones in the binary digits of all numbers below 2048, a
 * quarter each, into one counter; in three ways. The harts of this machine work
 * in turns of a microsecond. Where a turn ends between the load and the store of
 * an addition, all that the others add meanwhile is overwritten. How much that is
 * differs from machine to machine, on most also from run to run. Often it is
 * nothing: such a mistake can stay for years.
 */
#include "barrier.h"
#include <rt/csr.h>
#include <rt/harts.h>
#include <rt/markers.h>
#include <rt/printf.h>
#include <rt/spinlock.h>

/* Half of the 11 digits of all those numbers are ones. */
enum { HARTS = 4, NUMBERS = 2048, ONES = NUMBERS * 11 / 2 };

static volatile unsigned long counter;
static struct spinlock lock;

/* A load, an addition and a store; nothing keeps the other harts from coming between. */
static void add_plainly(unsigned long ones) {
  counter = counter + ones;
}

/* An amoswap takes the lock; who finds that another hart holds it, asks again, and again. */
static void add_under_lock(unsigned long ones) {
  bool were_on = spin_lock(&lock);
  counter = counter + ones;
  spin_unlock(&lock, were_on);
}

/* One amoadd.d: load and store are one operation (Unprivileged Specification, extension A). */
static void add_atomically(unsigned long ones) {
  __atomic_fetch_add(&counter, ones, __ATOMIC_RELAXED);
}

struct way {
  const char *name;
  void (*add)(unsigned long ones);
};

static const struct way ways[] = {
    {"nothing", add_plainly},
    {"a lock", add_under_lock},
    {"amoadd", add_atomically},
};
enum { WAYS = sizeof ways / sizeof ways[0] };

/* Each round clears the lowest one: as many rounds as there are ones. */
static unsigned long ones_in(unsigned long number) {
  unsigned long ones = 0;
  for (; number != 0; number &= number - 1)
    ones++;
  return ones;
}

static void count(const struct way *way, unsigned long hart) {
  for (unsigned long number = hart; number < NUMBERS; number += HARTS)
    way->add(ones_in(number));
}

static void report(const struct way *way, unsigned long cycles) {
  unsigned long counted = counter;
  printf("With %-7s %5lu ones, %4lu lost, %6lu cycles\n", way->name, counted, ONES - counted,
         cycles);
}

/* What every hart does. For the trace a way is a task, 1 to 3; 0 is what lies between. */
static void count_together(unsigned long hart) {
  barrier_start();
  for (unsigned long way = 0; way < WAYS; way++) {
    barrier_wait(HARTS);
    unsigned long start = csr_read(mcycle);
    mark_task(way + 1);
    count(&ways[way], hart);
    mark_task(0);
    barrier_wait(HARTS);
    if (hart != 0)
      continue;
    report(&ways[way], csr_read(mcycle) - start);
    counter = 0;
  }
}

void hart_main(long hart) {
  count_together((unsigned long)hart);
}

int main(long hart) {
  start_harts();
  count_together((unsigned long)hart);
  return 0;
}
