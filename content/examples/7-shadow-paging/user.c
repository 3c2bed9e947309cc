/* The guest's user. Its kernel maps no data for it: what varies is on its stack. */
#include "guest.h"

static long system_call(long number, const volatile char *text, unsigned long length) {
  register long a0 __asm__("a0") = (long)text;
  register unsigned long a1 __asm__("a1") = length;
  register long a7 __asm__("a7") = number;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a7) : "memory");
  return a0;
}

static void print(const volatile char *text) {
  unsigned long length = 0;
  while (text[length] != '\0')
    length++;
  system_call(CALL_PRINT, text, length);
}

static void print_line(unsigned number) {
  volatile char text[12];
  int at = 11;
  text[at] = '\0';
  text[--at] = '\n';
  for (; number > 0; number /= 10)
    text[--at] = (char)('0' + number % 10);
  print(&text[at]);
}

/* Nothing here is privileged: the machine does it as it would without a hypervisor. */
static unsigned primes_below(unsigned end) {
  unsigned count = 0;
  for (unsigned n = 2; n < end; n++) {
    unsigned divisor = 2;
    while (divisor * divisor <= n && n % divisor != 0)
      divisor++;
    if (divisor * divisor > n)
      count++;
  }
  return count;
}

__attribute__((section(".text.init"))) void user_main(void) {
  volatile char *window = (volatile char *)WINDOW;
  volatile char *heap = (volatile char *)HEAP;
  print("user: hello from U-mode\n");
  print(window);
  system_call(CALL_TURN, 0, 0);
  print(window);
  if (heap[0] == 0) /* read while it is clean, then made dirty */
    heap[0] = '!';
  print("user: primes below 2000, counted without a trap: ");
  print_line(primes_below(2000));
  print((volatile char *)KERNEL); /* what no user may read */
}
