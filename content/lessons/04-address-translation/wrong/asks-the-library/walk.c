#include <rt/paging.h>
#include "walk.h"

bool translate(uint64_t satp, uint64_t virtual, uint64_t *physical) {
  const struct page_table table = {.root = (pte *)(satp << 20 >> 8), .root_bits = 9};
  return page_table_find(&table, virtual, physical);
}
