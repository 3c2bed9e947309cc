/*
 * Locks between harts. A hart that holds one takes no interrupts: a handler that wants the same lock would wait for ever
 * for the code that it has interrupted.
 */
#pragma once
#include <stdbool.h>

struct spinlock {
  unsigned held;
};

/* Gives what spin_unlock needs: whether interrupts were on before. */
bool spin_lock(struct spinlock *lock);
void spin_unlock(struct spinlock *lock, bool interrupts_were_on);

/* The same for code that only this hart must not interrupt. Each gives whether interrupts were on before. */
bool interrupts_off(void);
bool interrupts_on(void);
