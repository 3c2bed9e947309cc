#include <rt/board.h>
#include <rt/memory.h>
#include <rt/paging.h>

enum { INDEX_BITS = 9, TOP = 2 };

#define MODE_SV39 (8UL << 60)

bool page_table_create(struct page_table *table, enum page_table_kind kind) {
  table->root_bits = kind == SV39X4 ? INDEX_BITS + 2 : INDEX_BITS;
  uint64_t bytes = sizeof(pte) << table->root_bits;
  /* The root of Sv39x4 is aligned to its size. */
  table->root = bytes == PAGE_BYTES ? page_allocate() : memory_allocate(bytes, bytes);
  return table->root != NULL;
}

static pte *entry_of(const struct page_table *table, pte *entries, uint64_t address, int level) {
  int bits = level == TOP ? table->root_bits : INDEX_BITS;
  return &entries[address >> (12 + INDEX_BITS * level) & ((1UL << bits) - 1)];
}

pte *page_table_walk(const struct page_table *table, uint64_t address, int level, bool create) {
  pte *entries = table->root;
  for (int at = TOP;; at--) {
    pte *entry = entry_of(table, entries, address, at);
    if (at == level || ((*entry & PTE_VALID) && pte_is_leaf(*entry)))
      return entry;
    if ((*entry & PTE_VALID) == 0) {
      void *below = create ? page_allocate() : NULL;
      if (below == NULL)
        return NULL;
      *entry = pte_of((uintptr_t)below, PTE_VALID);
    }
    entries = (pte *)pte_address(*entry);
  }
}

/* `entry` is one of the level: no table lies below it, and no leaf of a level above is in its place. */
static bool is_free(const struct page_table *table, uint64_t address, int level, const pte *entry) {
  for (int above = TOP; above > level; above--) {
    if (page_table_walk(table, address, above, false) == entry)
      return false;
  }
  return (*entry & PTE_VALID) == 0 || pte_is_leaf(*entry);
}

bool page_table_map(const struct page_table *table, uint64_t address, uint64_t target, uint64_t size, unsigned bits,
                    int level) {
  unsigned always = PTE_VALID | PTE_ACCESSED | PTE_DIRTY | (table->root_bits > INDEX_BITS ? PTE_USER : 0);
  for (uint64_t done = 0; done < size; done += level_bytes(level)) {
    pte *entry = page_table_walk(table, address + done, level, true);
    if (entry == NULL || !is_free(table, address + done, level, entry))
      return false;
    *entry = pte_of(target + done, bits | always);
  }
  return true;
}

void page_table_unmap(const struct page_table *table, uint64_t address, uint64_t size) {
  for (uint64_t done = 0; done < size; done += PAGE_BYTES) {
    pte *entry = page_table_walk(table, address + done, 0, false);
    if (entry != NULL)
      *entry = 0;
  }
}

/* The level at which the walk ends says how many bits of the address are the page's. */
bool page_table_find(const struct page_table *table, uint64_t address, uint64_t *target) {
  for (int level = TOP; level >= 0; level--) {
    pte *entry = page_table_walk(table, address, level, false);
    if (entry == NULL || (*entry & PTE_VALID) == 0)
      return false;
    if (!pte_is_leaf(*entry))
      continue;
    *target = pte_address(*entry) | (address & (level_bytes(level) - 1));
    return true;
  }
  return false;
}

uint64_t page_table_satp(const struct page_table *table, unsigned asid) {
  return MODE_SV39 | (uint64_t)asid << 44 | (uintptr_t)table->root >> 12;
}

/* The mode has the same number, 8, for Sv39x4. */
uint64_t page_table_hgatp(const struct page_table *table, unsigned vmid) {
  return MODE_SV39 | (uint64_t)vmid << 44 | (uintptr_t)table->root >> 12;
}

void fence_own(void) {
  __asm__ volatile("sfence.vma" : : : "memory");
}

/* hfence.gvma and hfence.vvma, as numbers: assemblers know them only when they are told of the extension H. */
void fence_guests(void) {
  __asm__ volatile(".insn r 0x73, 0, 0x31, x0, x0, x0" : : : "memory");
}

void fence_inside_guest(void) {
  __asm__ volatile(".insn r 0x73, 0, 0x11, x0, x0, x0" : : : "memory");
}
