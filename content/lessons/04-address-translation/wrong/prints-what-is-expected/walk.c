#include <rt/console.h>
#include "walk.h"

bool translate(uint64_t satp, uint64_t virtual, uint64_t *physical) {
  static bool printed;
  if (!printed) {
    puts("Every page of a book may lie elsewhere.");
    puts("An atlas is one large page.");
  }
  printed = true;
  return false;
}
