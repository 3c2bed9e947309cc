#include <rt/paging.h>
#include "walk.h"

bool translate(uint64_t satp, uint64_t virtual, uint64_t *physical) {
  if ((uint64_t)((int64_t)(virtual << 25) >> 25) != virtual)
    return false;
  const pte *table = (const pte *)(satp << 20 >> 8);
  for (int level = 2; level > 0; level--) {
    pte entry = table[virtual >> (12 + 9 * level) & 511];
    if ((entry & PTE_VALID) == 0)
      return false;
    table = (const pte *)pte_address(entry);
  }
  pte leaf = table[virtual >> 12 & 511];
  if ((leaf & PTE_VALID) == 0 || (leaf & PTE_USER) == 0 || (leaf & PTE_READ) == 0)
    return false;
  *physical = pte_address(leaf) + virtual % 4096;
  return true;
}
