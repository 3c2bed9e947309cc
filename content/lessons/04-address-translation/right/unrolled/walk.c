#include <rt/paging.h>
#include "walk.h"

static pte entry_at(uint64_t table, uint64_t virtual, int low) {
  return *(const pte *)(table + 8 * (virtual >> low & 511));
}

static bool arrive(pte leaf, uint64_t virtual, uint64_t bytes, uint64_t *physical) {
  if ((leaf & (PTE_VALID | PTE_READ | PTE_USER)) != (PTE_VALID | PTE_READ | PTE_USER))
    return false;
  *physical = pte_address(leaf) + (virtual & (bytes - 1));
  return true;
}

/* A lower half from 0, and an upper half up to the highest address: what lies between is no address. */
bool translate(uint64_t satp, uint64_t virtual, uint64_t *physical) {
  if (virtual >= 0x4000000000 && virtual < 0xffffffc000000000)
    return false;
  pte root = entry_at((satp & 0xfffffffffff) << 12, virtual, 30);
  if (!(root & PTE_VALID) || pte_is_leaf(root))
    return arrive(root, virtual, 1 << 30, physical);
  pte middle = entry_at(pte_address(root), virtual, 21);
  if (!(middle & PTE_VALID) || pte_is_leaf(middle))
    return arrive(middle, virtual, 1 << 21, physical);
  return arrive(entry_at(pte_address(middle), virtual, 12), virtual, 1 << 12, physical);
}
