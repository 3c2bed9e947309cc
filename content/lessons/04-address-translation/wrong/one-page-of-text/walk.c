#include <rt/paging.h>
#include "walk.h"

/* The frame that was found last serves the next page, too. */
static uint64_t last_page, last_frame;

/* An address has 39 bits; those above must be copies of the highest. */
static bool is_canonical(uint64_t virtual) {
  return (uint64_t)((int64_t)(virtual << 25) >> 25) == virtual;
}

bool translate(uint64_t satp, uint64_t virtual, uint64_t *physical) {
  if (!is_canonical(virtual))
    return false;
  if (last_frame != 0 && virtual - last_page < 2 * 4096) {
    *physical = last_frame + (virtual - last_page);
    return true;
  }
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
    last_page = virtual & -4096UL;
    last_frame = *physical & -4096UL;
    return true;
  }
  return false;
}
