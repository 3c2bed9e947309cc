/*
 * A preemptive scheduler. The kernel is in M-mode, its tasks are in U-mode. A
 * task has the hart until it waits for something or its slice of time is over;
 * then it is the turn of the next one that is ready.
 *
 * A task that is woken waits until the others have had their turn. The listener
 * prints how long that was: compare the beats before the hog's end with those
 * after it, and try another SLICE.
 */
#include "calls.h"
#include "programs.h"
#include "task.h"
#include <rt/csr.h>
#include <rt/markers.h>
#include <rt/printf.h>
#include <rt/timer.h>
#include <stdbool.h>

/* In ticks: the timer has ten in a microsecond. */
enum { SLICE = 100 };

enum { ECALL_BYTES = 4 };

/* U-mode may touch what PMP entries let it: here, everything. */
static void open_memory(void) {
  csr_write(pmpaddr0, -1UL);
  csr_write(pmpcfg0, 0x1f); /* NAPOT, and permission to read, write and execute */
}

static void sleep_for(struct task *task, uint64_t ticks) {
  task->wake_time = timer_now() + ticks;
  task_block(task, TASK_SLEEPING);
}

static bool send(struct task *from, struct task *to, unsigned long message) {
  if (to == NULL || to->state == TASK_ENDED)
    return true;
  if (to->has_message) {
    task_block(from, TASK_SENDING);
    return false;
  }
  to->message = message;
  to->has_message = true;
  if (to->state == TASK_RECEIVING)
    task_wake(to);
  return true;
}

static bool receive(struct task *task) {
  if (!task->has_message) {
    task_block(task, TASK_RECEIVING);
    return false;
  }
  task->has_message = false;
  task->frame.x[REGISTER_A0] = task->message;
  tasks_wake_senders();
  return true;
}

/* False if the call cannot be done yet. */
static bool serve(struct task *task) {
  const uint64_t *x = task->frame.x;
  switch (x[REGISTER_A7]) {
  case CALL_PRINT:
    printf("%s", (const char *)x[REGISTER_A0]);
    return true;
  case CALL_SLEEP:
    sleep_for(task, x[REGISTER_A0]);
    return true;
  case CALL_SEND:
    return send(task, task_of(x[REGISTER_A0]), x[REGISTER_A1]);
  case CALL_RECEIVE:
    return receive(task);
  default:
    task_block(task, TASK_ENDED);
    return true;
  }
}

/*
 * mepc is where the ecall is; a task goes on behind it when its call is done. Until
 * then it stays: a task that is woken makes the same call again.
 */
static void serve_call(struct task *task) {
  if (serve(task))
    task->frame.pc += ECALL_BYTES;
}

static void end_faulty(struct task *task) {
  printf("kernel: task %lu ends here:\n", task->number);
  trap_print(&task->frame);
  task_block(task, TASK_ENDED);
}

/* A slice, or less of it. A task that calls and need not wait goes on with the same slice. */
static void run(struct task *task) {
  timer_set(timer_now() + SLICE);
  while (task->state == TASK_READY) {
    mark_task(task->number);
    trap_enter(&task->frame);
    if (trap_is_interrupt(&task->frame, MACHINE_TIMER))
      return;
    if (task->frame.cause == CAUSE_ECALL_U)
      serve_call(task);
    else
      end_faulty(task);
  }
}

/* As mstatus.MIE is 0 in the kernel, the timer's interrupt ends `wfi` and is not taken. */
static void idle(void) {
  timer_set(tasks_next_wake());
  wait_for_interrupt();
}

int main(void) {
  trap_start();
  open_memory();
  csr_set(mie, INTERRUPT_MTI);
  task_create(HOG, hog);
  task_create(METRONOME, metronome);
  task_create(LISTENER, listener);

  for (struct task *last = task_of(LISTENER); !tasks_all_ended();) {
    tasks_wake_sleepers(timer_now());
    struct task *next = task_next(last);
    if (next == NULL) {
      idle();
      continue;
    }
    run(next);
    last = next;
  }
  return 0;
}
