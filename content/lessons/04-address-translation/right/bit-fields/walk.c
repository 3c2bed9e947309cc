#include "walk.h"

union entry {
  uint64_t raw;
  struct {
    uint64_t valid : 1, read : 1, write : 1, execute : 1, user : 1, global : 1, accessed : 1, dirty : 1;
    uint64_t software : 2, ppn : 44, reserved : 10;
  };
};

union root {
  uint64_t raw;
  struct {
    uint64_t ppn : 44, asid : 16, mode : 4;
  };
};

bool translate(uint64_t satp, uint64_t virtual, uint64_t *physical) {
  int64_t signed_address = (int64_t)virtual;
  if (signed_address >= 1L << 38 || signed_address < -(1L << 38))
    return false;
  uint64_t vpn[] = {virtual >> 12 & 511, virtual >> 21 & 511, virtual >> 30 & 511};
  union root root = {satp};
  uint64_t ppn = root.ppn;
  for (int level = 2; level >= 0; level--) {
    union entry entry = ((const union entry *)(ppn << 12))[vpn[level]];
    if (!entry.valid)
      return false;
    ppn = entry.ppn;
    if (!entry.read && !entry.write && !entry.execute)
      continue;
    if (!entry.user || !entry.read)
      return false;
    for (int below = 0; below < level; below++)
      ppn |= vpn[below] << 9 * below;
    *physical = ppn << 12 | (virtual & 0xfff);
    return true;
  }
  return false;
}
