/* Tasks, and what they wait for. */
#pragma once
#include <rt/trap.h>
#include <stdbool.h>
#include <stdint.h>

enum task_state {
  TASK_READY,
  TASK_SLEEPING,
  TASK_SENDING,
  TASK_RECEIVING,
  TASK_ENDED,
};

struct task {
  /* Its registers, while it does not run. */
  struct trap_frame frame;
  unsigned long number;
  enum task_state state;
  /* Asleep until then. */
  uint64_t wake_time;
  /* One that it has not received yet. */
  bool has_message;
  unsigned long message;
};

/* Tasks are numbered from 1 on. NULL if there is none with the number. */
struct task *task_of(unsigned long number);
void task_create(unsigned long number, void (*program)(void));

/* It runs no more until it is woken. */
void task_block(struct task *task, enum task_state state);
void task_wake(struct task *task);
/* Those whose time has come; how late that is noticed is the result of their call. */
void tasks_wake_sleepers(uint64_t now);
void tasks_wake_senders(void);

/* Round robin: the first that is ready behind `last`, `last` itself in the end; or NULL. */
struct task *task_next(const struct task *last);
/* When the first sleeper is to be woken: if nobody sleeps, at the end of all time. */
uint64_t tasks_next_wake(void);
bool tasks_all_ended(void);
