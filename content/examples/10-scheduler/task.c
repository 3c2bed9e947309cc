#include "task.h"
#include "programs.h"
#include <rt/markers.h>

enum { STACK_WORDS = 256 };

static struct task tasks[TASKS];
static uint64_t stacks[TASKS][STACK_WORDS] __attribute__((aligned(16)));

struct task *task_of(unsigned long number) {
  return number >= 1 && number <= TASKS ? &tasks[number - 1] : NULL;
}

/* Linkers may address variables by gp: a task has the kernel's, as both are one program. */
static uint64_t global_pointer(void) {
  uint64_t gp;
  __asm__ volatile("mv %0, gp" : "=r"(gp));
  return gp;
}

void task_create(unsigned long number, void (*program)(void)) {
  struct task *task = task_of(number);
  task->number = number;
  task->frame.pc = (uintptr_t)program;
  /* The end of its own: stacks grow down. */
  task->frame.x[REGISTER_SP] = (uintptr_t)stacks[number];
  task->frame.x[REGISTER_GP] = global_pointer();
  /* mstatus.MPP is 0: U-mode, where interrupts for M-mode are taken whatever MIE says. */
  task->frame.status = STATUS_FS_INITIAL;
  mark_ready(number);
}

void task_block(struct task *task, enum task_state state) {
  task->state = state;
  mark_blocked(task->number);
}

void task_wake(struct task *task) {
  task->state = TASK_READY;
  mark_ready(task->number);
}

void tasks_wake_sleepers(uint64_t now) {
  for (struct task *task = tasks; task < tasks + TASKS; task++) {
    if (task->state != TASK_SLEEPING || task->wake_time > now)
      continue;
    task->frame.x[REGISTER_A0] = now - task->wake_time;
    task_wake(task);
  }
}

void tasks_wake_senders(void) {
  for (struct task *task = tasks; task < tasks + TASKS; task++) {
    if (task->state == TASK_SENDING)
      task_wake(task);
  }
}

struct task *task_next(const struct task *last) {
  for (unsigned long distance = 1; distance <= TASKS; distance++) {
    struct task *task = &tasks[((unsigned long)(last - tasks) + distance) % TASKS];
    if (task->state == TASK_READY)
      return task;
  }
  return NULL;
}

uint64_t tasks_next_wake(void) {
  uint64_t first = UINT64_MAX;
  for (const struct task *task = tasks; task < tasks + TASKS; task++) {
    if (task->state == TASK_SLEEPING && task->wake_time < first)
      first = task->wake_time;
  }
  return first;
}

bool tasks_all_ended(void) {
  for (const struct task *task = tasks; task < tasks + TASKS; task++) {
    if (task->state != TASK_ENDED)
      return false;
  }
  return true;
}
