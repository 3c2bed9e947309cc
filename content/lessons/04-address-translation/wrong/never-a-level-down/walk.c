#include <rt/paging.h>
#include "walk.h"

bool translate(uint64_t satp, uint64_t virtual, uint64_t *physical) {
  const pte *table = (const pte *)((satp & 0xfffffffffff) << 12);
  int level = 2;
  for (;;) {
    pte entry = table[virtual / level_bytes(level) % 512];
    if ((entry & PTE_VALID) == 0)
      return false;
    if (!pte_is_leaf(entry))
      continue;
    if ((entry & PTE_USER) == 0 || (entry & PTE_READ) == 0)
      return false;
    *physical = pte_address(entry) + virtual % level_bytes(level);
    return true;
  }
}
