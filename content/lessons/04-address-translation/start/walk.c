/*
 * The walk through the page tables, by hand (Privileged Specification, "Virtual Address Translation Process").
 *
 * From rt/paging.h:
 *   pte                      an entry, 64 bits; a table is 512 of them
 *   PTE_VALID, PTE_READ, PTE_WRITE, PTE_EXECUTE, PTE_USER
 *   pte_is_leaf(entry)       it maps a page; otherwise it leads to the next table
 *   pte_address(entry)       the physical address of that page or table
 *   level_bytes(level)       bytes that a leaf maps: 4 KiB at level 0, 2 MiB at 1, 1 GiB at 2
 *
 * The kernel finds all of the machine's memory at its physical address: a table can be read where its entry says it is.
 */
#include <rt/paging.h>
#include "walk.h"

bool translate(uint64_t satp, uint64_t virtual, uint64_t *physical) {
  return false;
}
