#include <rt/paging.h>
#include "walk.h"

static bool walk(pte entry, int level, uint64_t virtual, uint64_t *physical) {
  if (!(entry & PTE_VALID))
    return false;
  if (pte_is_leaf(entry)) {
    uint64_t within = level_bytes(level) - 1;
    if ((entry & (PTE_READ | PTE_USER)) != (PTE_READ | PTE_USER) || (pte_address(entry) & within))
      return false;
    *physical = pte_address(entry) | (virtual & within);
    return true;
  }
  if (level == 0)
    return false;
  const pte *table = (const pte *)pte_address(entry);
  return walk(table[virtual >> (12 + 9 * (level - 1)) & 511], level - 1, virtual, physical);
}

/* satp as an entry that leads to the root table. */
bool translate(uint64_t satp, uint64_t virtual, uint64_t *physical) {
  uint64_t above = virtual >> 38;
  if (above != 0 && above != (1UL << 26) - 1)
    return false;
  return walk((satp & ((1UL << 44) - 1)) << 10 | PTE_VALID, 3, virtual, physical);
}
