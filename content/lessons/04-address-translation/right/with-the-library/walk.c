#include <rt/paging.h>
#include "walk.h"

bool translate(uint64_t satp, uint64_t virtual, uint64_t *physical) {
  const struct page_table table = {.root = (pte *)((satp & 0xfffffffffffUL) * 4096), .root_bits = 9};
  if ((int64_t)virtual >= 1L << 38 || (int64_t)virtual < -(1L << 38))
    return false;
  for (int level = 2; level >= 0; level--) {
    const pte *entry = page_table_walk(&table, virtual, level, false);
    if (!entry || !(*entry & PTE_VALID))
      return false;
    if (!pte_is_leaf(*entry))
      continue;
    return *entry & PTE_USER && *entry & PTE_READ && page_table_find(&table, virtual, physical);
  }
  return false;
}
