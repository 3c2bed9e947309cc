/*
 * Shadow page tables: from the guest's virtual addresses straight to the machine's
 * physical ones. To the guest they are a TLB: what is missing is looked up in its tables
 * when it is wanted, and what it has changed there is dropped when it says so, with
 * `sfence.vma`. Its tables need not be watched, as no software may count on a change
 * before it has fenced.
 *
 * For the machine the guest is in U-mode, and every page here a user page. What keeps
 * the guest's user from its kernel is that each of them has tables of its own.
 */
#include "vcpu.h"
#include <rt/console.h>
#include <rt/harts.h>
#include <rt/memory.h>

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

/*
 * With ASIDs of their own they share the TLB. On a hart without ASIDs, a change of mode
 * would need a fence.
 */
void shadow_use(struct vcpu *vcpu) {
  int now = shadow_now(vcpu);
  vcpu->shadow_satp = page_table_satp(&vcpu->shadows[now], (unsigned)now + 1);
  csr_write(satp, vcpu->shadow_satp);
}

/* A valid entry, and the tables below it. */
static void drop(pte *entry, int level) {
  pte *below = (pte *)pte_address(*entry);
  *entry = 0;
  if (level == 0)
    return;
  for (int i = 0; level > 1 && i < ENTRIES; i++) {
    if (below[i] & PTE_VALID)
      drop(&below[i], level - 1);
  }
  page_free(below);
}

void shadow_forget_all(struct vcpu *vcpu) {
  for (int i = 0; i < SHADOWS; i++) {
    pte *root = vcpu->shadows[i].root;
    for (int entry = 0; entry < ENTRIES; entry++) {
      if (root[entry] & PTE_VALID)
        drop(&root[entry], TOP);
    }
  }
  vcpu->largest_leaf = 0;
  fence_own();
}

/*
 * The guest fences a leaf by any address in it. Of a large one there may be pages all
 * around here, and its tables no longer tell how large it was: as much goes as the
 * largest leaf may have mapped.
 */
void shadow_forget(struct vcpu *vcpu, uint64_t address) {
  int level = vcpu->largest_leaf;
  for (int i = 0; i < SHADOWS; i++) {
    pte *entry = page_table_walk(&vcpu->shadows[i], address, level, false);
    if (entry != NULL && (*entry & PTE_VALID))
      drop(entry, level);
  }
  if (level == 0)
    fence_page(address);
  else
    fence_own();
}

/*
 * One page of 4 KiB, even if the guest's is larger: what it has in a row need not be so
 * in the machine. A and D are set, as nobody asks for them here. If there is no memory
 * for a table, all are emptied: what is missed then comes again.
 */
void shadow_fill(struct vcpu *vcpu, uint64_t address,
                 const struct translation *translation) {
  const struct page_table *shadow = &vcpu->shadows[shadow_now(vcpu)];
  uint64_t size = level_bytes(0), page = address & ~(size - 1);
  unsigned bits = translation->bits | PTE_USER;
  if (!page_table_map(shadow, page, translation->page, size, bits, 0)) {
    shadow_forget_all(vcpu);
    page_table_map(shadow, page, translation->page, size, bits, 0);
  }
  if (translation->level > vcpu->largest_leaf)
    vcpu->largest_leaf = translation->level;
  fence_page(page); /* the hart may remember that there was nothing */
}
