/* The walk through the page tables, by hand (Privileged Specification, "Virtual Address Translation Process"). */
#include <rt/paging.h>
#include "walk.h"

bool translate(uint64_t satp, uint64_t virtual, uint64_t *physical) {
  if (virtual >> 39 != 0)
    return false;
  uint64_t table = satp << 20 >> 8;
  for (int level = 2; level >= 0; level--) {
    pte entry = ((const pte *)table)[virtual / level_bytes(level) % 512];
    if ((entry & PTE_VALID) == 0)
      return false;
    if (!pte_is_leaf(entry)) {
      table = pte_address(entry);
      continue;
    }
    if ((entry & PTE_USER) == 0 || (entry & PTE_READ) == 0)
      return false;
    *physical = pte_address(entry) + virtual % level_bytes(level);
    return true;
  }
  return false;
}
