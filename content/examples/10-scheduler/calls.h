/* System calls: the number goes in a7, arguments in a0 and a1; the result comes in a0. */
#pragma once

enum call_number { CALL_EXIT, CALL_PRINT, CALL_SLEEP, CALL_SEND, CALL_RECEIVE };

static inline unsigned long call(unsigned long number, unsigned long first, unsigned long second) {
  register unsigned long a0 __asm__("a0") = first;
  register unsigned long a1 __asm__("a1") = second;
  register unsigned long a7 __asm__("a7") = number;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a7) : "memory");
  return a0;
}

/* Does not come back. */
static inline void call_exit(void) {
  call(CALL_EXIT, 0, 0);
}

static inline void call_print(const char *text) {
  call(CALL_PRINT, (unsigned long)text, 0);
}

/* Gives how many ticks of the timer it slept longer than it wanted. */
static inline unsigned long call_sleep(unsigned long ticks) {
  return call(CALL_SLEEP, ticks, 0);
}

/* Waits while the task has another message that it has not received. */
static inline void call_send(unsigned long task, unsigned long message) {
  call(CALL_SEND, task, message);
}

/* Waits until there is a message. */
static inline unsigned long call_receive(void) {
  return call(CALL_RECEIVE, 0, 0);
}
