/*
 * Shadow page tables: from the guest's virtual addresses straight to the machine's physical ones. They are to the guest
 * what a TLB is to other software: whatever is missing in them is looked up in its tables when it is wanted, and what it
 * has changed there is dropped when it says so with `sfence.vma`. That is all that is needed: its tables need not be
 * watched, as no software may count on a change before it has fenced.
 *
 * For the machine all of the guest is U-mode, and all pages here are user pages. So that the guest's user does not reach its
 * kernel's, each mode has tables of its own.
 */
#include "vcpu.h"
#include <rt/harts.h>
#include <rt/memory.h>
#include <rt/console.h>

enum { TOP = 2, ENTRIES = 512 };

static void fence_page(uint64_t address) {
  __asm__ volatile("sfence.vma %0" : : "r"(address) : "memory");
}

void shadow_start(struct vcpu *vcpu) {
  for (int i = 0; i < SHADOWS; i++) {
    if (!page_table_create(&vcpu->shadows[i], SV39)) {
      puts("no memory for page tables");
      exit(1);
    }
  }
}

static int shadow_now(const struct vcpu *vcpu) {
  if (vcpu->mode == MODE_U)
    return SHADOW_U;
  return vcpu->sstatus & STATUS_SUM ? SHADOW_S_SUM : SHADOW_S;
}

/* Each has an ASID, so that nothing has to be fenced when the guest's mode changes. */
void shadow_use(struct vcpu *vcpu) {
  int now = shadow_now(vcpu);
  vcpu->shadow_satp = page_table_satp(&vcpu->shadows[now], (unsigned)now + 1);
  csr_write(satp, vcpu->shadow_satp);
}

/* Frees the tables below, too. */
static void drop(pte *entry, int level) {
  if (level > 0 && (*entry & PTE_VALID)) {
    pte *below = (pte *)pte_address(*entry);
    for (int i = 0; i < ENTRIES; i++)
      drop(&below[i], level - 1);
    page_free(below);
  }
  *entry = 0;
}

void shadow_forget_all(struct vcpu *vcpu) {
  for (int i = 0; i < SHADOWS; i++) {
    for (int entry = 0; entry < ENTRIES; entry++)
      drop(&vcpu->shadows[i].root[entry], TOP);
  }
  vcpu->largest_leaf = 0;
  fence_own();
}

/*
 * The guest fences a leaf by any address in it. If it was a larger one, pages here that were made of it may lie all around,
 * and its tables no longer say how large it was: as much is dropped as the largest leaf could map.
 */
void shadow_forget(struct vcpu *vcpu, uint64_t address) {
  for (int i = 0; i < SHADOWS; i++) {
    pte *entry = page_table_walk(&vcpu->shadows[i], address, vcpu->largest_leaf, false);
    if (entry != NULL)
      drop(entry, vcpu->largest_leaf);
  }
  fence_own();
}

/*
 * One page of 4 KiB, even if the guest has a larger one: what is in a row for the guest need not be in the machine. A and D
 * are set, as nobody asks for them here. If there is no memory for another table, all are emptied: what is missed comes
 * again.
 */
void shadow_fill(struct vcpu *vcpu, uint64_t address, const struct translation *translation) {
  const struct page_table *shadow = &vcpu->shadows[shadow_now(vcpu)];
  uint64_t page = address & ~(level_bytes(0) - 1);
  unsigned bits = translation->bits | PTE_USER;
  if (!page_table_map(shadow, page, translation->page, level_bytes(0), bits, 0)) {
    shadow_forget_all(vcpu);
    page_table_map(shadow, page, translation->page, level_bytes(0), bits, 0);
  }
  if (translation->level > vcpu->largest_leaf)
    vcpu->largest_leaf = translation->level;
  fence_page(page); /* the hart may remember that there was nothing */
}
