/*
 * Page tables of three levels: Sv39 for satp and vsatp, and Sv39x4 for hgatp, which maps guest physical addresses and
 * whose root is four pages long (Privileged Specification, Sv39 and Sv39x4).
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

typedef uint64_t pte;

enum {
  PTE_VALID = 1 << 0,
  PTE_READ = 1 << 1,
  PTE_WRITE = 1 << 2,
  PTE_EXECUTE = 1 << 3,
  PTE_USER = 1 << 4,
  PTE_GLOBAL = 1 << 5,
  PTE_ACCESSED = 1 << 6,
  PTE_DIRTY = 1 << 7,
};

static inline bool pte_is_leaf(pte entry) {
  return (entry & (PTE_READ | PTE_WRITE | PTE_EXECUTE)) != 0;
}

/* Bits 53 to 10 of an entry are bits 55 to 12 of the address. */
static inline uint64_t pte_address(pte entry) {
  return (entry << 10 >> 20) << 12;
}

static inline pte pte_of(uint64_t address, unsigned bits) {
  return address >> 12 << 10 | bits;
}

/* Level 2 is the root's, level 0 that of pages of 4 KiB; a leaf of a level maps this many bytes. */
static inline uint64_t level_bytes(int level) {
  return 4096UL << 9 * level;
}

struct page_table {
  pte *root;
  /* Index bits of the root: 9, or 11 of Sv39x4. */
  int root_bits;
};

enum page_table_kind { SV39, SV39X4 };

/* An empty one, of pages from page_allocate. False if there is no memory. */
bool page_table_create(struct page_table *table, enum page_table_kind kind);

/*
 * The entry of `address` at `level`, or the leaf above it that maps the address. With `create`, missing tables are made;
 * without it, or if there is no memory for them, NULL says that there is no entry.
 */
pte *page_table_walk(const struct page_table *table, uint64_t address, int level, bool create);

/*
 * Maps `size` bytes, all of them multiples of the size of a page at `level`, with the bits given. The entries are valid,
 * accessed and dirty, and those of Sv39x4 are user pages, which it demands. False if there is no memory, or if a larger
 * page is in the way. No fence is made.
 */
bool page_table_map(const struct page_table *table, uint64_t address, uint64_t target, uint64_t size, unsigned bits,
                    int level);

/* Tables are not freed, and larger pages not split: one that holds any part goes as a whole. No fence is made. */
void page_table_unmap(const struct page_table *table, uint64_t address, uint64_t size);

/* Where the address leads to; false if it is not mapped. */
bool page_table_find(const struct page_table *table, uint64_t address, uint64_t *target);

/* Values for satp or vsatp, and for hgatp. */
uint64_t page_table_satp(const struct page_table *table, unsigned asid);
uint64_t page_table_hgatp(const struct page_table *table, unsigned vmid);

/* Everything this hart remembers of its own tables; of those that map guests; and of the tables of the current guest. */
void fence_own(void);
void fence_guests(void);
void fence_inside_guest(void);
