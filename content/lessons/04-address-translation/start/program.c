/* U-mode. It asks the kernel to print what lies at addresses: some its own, some not. Then it measures. */
#include "layout.h"

static long ask(enum call number, unsigned long first, unsigned long second) {
  register unsigned long a0 __asm__("a0") = first;
  register unsigned long a1 __asm__("a1") = second;
  register unsigned long a7 __asm__("a7") = number;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a7) : "memory");
  return (long)a0;
}

/* Puts a text at an address of its own, and has it printed from there. */
static long print_from(unsigned long address, const char *text) {
  char *to = (char *)address;
  unsigned long length = 0;
  for (; text[length] != '\0'; length++)
    to[length] = text[length];
  return ask(CALL_WRITE, address, length);
}

static unsigned long cycles(void) {
  unsigned long now;
  __asm__ volatile("rdcycle %0" : "=r"(now));
  return now;
}

/* Loads a word from each of so many pages, ROUNDS times over, and says how many cycles that took. */
enum { ROUNDS = 100 };

__attribute__((noinline)) unsigned long sweep(unsigned long from, unsigned long pages) {
  unsigned long begin = cycles();
  for (int round = 0; round < ROUNDS; round++) {
    for (unsigned long page = 0; page < pages; page++)
      *(volatile unsigned long *)(from + page * 4096);
  }
  return cycles() - begin;
}

/* Addresses that are not the program's to read. A kernel that reads them for it gives secrets away. */
static const unsigned long forbidden[] = {
    KERNEL + 0x200000,            /* the kernel's own code */
    SEALED,                       /* may be executed, not read */
    BOOK + BOOK_PAGES * 4096 - 8, /* its own to begin with, but not to the end */
    BOOK + (1UL << 39),           /* no address at all: bits 63 to 39 are not copies of bit 38 */
};

__attribute__((section(".text.start"))) void program_start(void) {
  unsigned long wrong = 0; /* bit i: forbidden[i] was printed; bits 8 and 9: a text of its own was refused */
  if (print_from(BOOK + EDGE, "Every page of a book may lie elsewhere.\n") != 0)
    wrong |= 1UL << 8;
  if (print_from(ATLAS + PLACE, "An atlas is one large page.\n") != 0)
    wrong |= 1UL << 9;
  for (unsigned i = 0; i < sizeof forbidden / sizeof *forbidden; i++) {
    if (ask(CALL_WRITE, forbidden[i], 16) == 0)
      wrong |= 1UL << i;
  }

  for (unsigned long pages = FROM; pages <= TO; pages++)
    ask(CALL_REPORT, pages - FROM, sweep(SWEPT, pages));
  ask(CALL_EXIT, wrong, 0);
}
