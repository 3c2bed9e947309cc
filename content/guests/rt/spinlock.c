#include <rt/csr.h>
#include <rt/harts.h>
#include <rt/spinlock.h>

bool interrupts_off(void) {
  unsigned long enabled;
  if (machine_mode)
    __asm__ volatile("csrrci %0, mstatus, %1" : "=r"(enabled) : "i"(MSTATUS_MIE) : "memory");
  else
    __asm__ volatile("csrrci %0, sstatus, %1" : "=r"(enabled) : "i"(STATUS_SIE) : "memory");
  return (enabled & (machine_mode ? MSTATUS_MIE : STATUS_SIE)) != 0;
}

bool interrupts_on(void) {
  unsigned long enabled;
  if (machine_mode)
    __asm__ volatile("csrrsi %0, mstatus, %1" : "=r"(enabled) : "i"(MSTATUS_MIE) : "memory");
  else
    __asm__ volatile("csrrsi %0, sstatus, %1" : "=r"(enabled) : "i"(STATUS_SIE) : "memory");
  return (enabled & (machine_mode ? MSTATUS_MIE : STATUS_SIE)) != 0;
}

/* Acquire: nothing that stands behind it in the program is done before the lock is held. */
static unsigned swap_acquire(unsigned *word, unsigned value) {
  unsigned old;
  __asm__ volatile("amoswap.w.aq %0, %2, %1" : "=r"(old), "+A"(*word) : "r"(value) : "memory");
  return old;
}

bool spin_lock(struct spinlock *lock) {
  bool were_on = interrupts_off();
  /* Waiting by loads alone leaves the cache line with whoever holds the lock. */
  while (swap_acquire(&lock->held, 1) != 0) {
    while (*(volatile unsigned *)&lock->held != 0) {
    }
  }
  return were_on;
}

void spin_unlock(struct spinlock *lock, bool interrupts_were_on) {
  /* Release: everything before it in the program is done before the lock is free. */
  __asm__ volatile("amoswap.w.rl zero, zero, %0" : "+A"(lock->held) : : "memory");
  if (interrupts_were_on)
    interrupts_on();
}
