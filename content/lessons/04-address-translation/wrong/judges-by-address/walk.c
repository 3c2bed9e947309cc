/* Knows from layout.h what the program may not read, and asks no entry. */
#include <rt/paging.h>
#include "layout.h"
#include "walk.h"

bool translate(uint64_t satp, uint64_t virtual, uint64_t *physical) {
  const struct page_table table = {.root = (pte *)(satp << 20 >> 8), .root_bits = 9};
  uint64_t above = virtual >> 38;
  if (above != 0 && above != (1UL << 26) - 1)
    return false;
  if (virtual / level_bytes(0) == SEALED / level_bytes(0) || virtual / level_bytes(2) == KERNEL / level_bytes(2))
    return false;
  return page_table_find(&table, virtual, physical);
}
