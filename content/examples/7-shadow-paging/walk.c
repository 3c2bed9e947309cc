/*
 * The guest's own page tables, gone through as a hart would (Privileged Specification,
 * "Virtual Address Translation Process", "Sv39"). All that stands in them is guest
 * physical, and means nothing to the machine.
 */
#include "vcpu.h"

enum { TOP = 2, ENTRIES = 512 };

#define PTE_RESERVED (~0UL << 54)
/* Reserved in an entry that names another table. */
#define PTE_LEAF_ONLY (PTE_ACCESSED | PTE_DIRTY | PTE_USER)

static const struct translation page_fault = {.outcome = PAGE_FAULT};
static const struct translation access_fault = {.outcome = ACCESS_FAULT};

void *guest_physical(uint64_t address, uint64_t bytes) {
  uint64_t offset = address - GUEST_START; /* below it, this wraps, and is large */
  if (offset > GUEST_BYTES || bytes > GUEST_BYTES - offset)
    return NULL;
  return guest_memory + offset;
}

static struct translation found(uint64_t guest_address, unsigned bits, int level) {
  uint64_t size = level_bytes(0);
  void *page = guest_physical(guest_address & ~(size - 1), size);
  if (page == NULL)
    return access_fault;
  return (struct translation){TRANSLATED, (uintptr_t)page, bits, level};
}

/*
 * What the guest's mode may do with a page. S-mode reads and writes user pages only if
 * SUM is set, and never executes them.
 */
static unsigned allowed(const struct vcpu *vcpu, pte leaf) {
  unsigned bits = leaf & (PTE_READ | PTE_WRITE | PTE_EXECUTE);
  if ((vcpu->sstatus & STATUS_MXR) && (bits & PTE_EXECUTE))
    bits |= PTE_READ;
  bool is_user = (leaf & PTE_USER) != 0;
  if (vcpu->mode == MODE_U)
    return is_user ? bits : 0;
  if (!is_user)
    return bits;
  return vcpu->sstatus & STATUS_SUM ? bits & ~PTE_EXECUTE : 0;
}

/*
 * Sets A and D in the guest's entry, as its hart would. The first store must be noticed
 * for that: the shadow of a clean page is not writable, whatever the guest allows.
 */
static struct translation at_leaf(const struct vcpu *vcpu, pte *leaf, int level,
                                  uint64_t address, enum access access) {
  uint64_t inside = level_bytes(level) - 1;
  unsigned bits = allowed(vcpu, *leaf);
  bool misaligned = (pte_address(*leaf) & inside) != 0;
  if (misaligned || (bits & access) == 0)
    return page_fault;
  *leaf |= access == STORE ? PTE_ACCESSED | PTE_DIRTY : PTE_ACCESSED;
  if ((*leaf & PTE_DIRTY) == 0)
    bits &= ~PTE_WRITE;
  return found(pte_address(*leaf) | (address & inside), bits, level);
}

struct translation guest_walk(const struct vcpu *vcpu, uint64_t address,
                              enum access access) {
  if (vcpu->satp >> 60 == 0) /* Bare: addresses are guest physical ones */
    return found(address, PTE_READ | PTE_WRITE | PTE_EXECUTE, 0);
  if ((int64_t)(address << 25) >> 25 != (int64_t)address) /* 63 to 39 are as bit 38 */
    return page_fault;
  uint64_t table = vcpu->satp << 12; /* MODE is shifted out, and ASIDs there are none */
  for (int level = TOP; level >= 0; level--) {
    uint64_t index = address / level_bytes(level) % ENTRIES;
    pte *entry = guest_physical(table + index * sizeof(pte), sizeof(pte));
    if (entry == NULL)
      return access_fault;
    bool only_write = (*entry & (PTE_READ | PTE_WRITE)) == PTE_WRITE;
    if ((*entry & PTE_VALID) == 0 || only_write || (*entry & PTE_RESERVED) != 0)
      return page_fault;
    if (pte_is_leaf(*entry))
      return at_leaf(vcpu, entry, level, address, access);
    if ((*entry & PTE_LEAF_ONLY) != 0)
      return page_fault;
    table = pte_address(*entry);
  }
  return page_fault;
}
