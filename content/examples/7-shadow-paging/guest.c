/*
 * A kernel for S-mode, for any machine whose SBI firmware enters it at 0x80200000. It
 * builds Sv39 tables, turns them on, serves two system calls of its one user, and gives
 * it memory when it is touched:
 *
 *   0x40000000  the user's program    R X U
 *   0x40008000  its stack             R W U
 *   0x40010000  a window              R   U   on one frame, and later on another one
 *   0x40020000  its heap              R W U   frames come when they are touched
 *   0x80200000  the kernel's code     R X     all of the kernel where it is in physical
 *               its data behind it    R W     memory, so that satp moves nothing
 */
#include "guest.h"
#include <rt/csr.h>
#include <rt/paging.h>
#include <rt/sbi.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE 4096
#define SV39 (8UL << 60)
#define PAGE_ALIGNED __attribute__((aligned(PAGE)))

/* The user's registers by number; the pc is in the place of x0. */
struct frame {
  uint64_t x[32];
};
enum { PC = 0, SP = 2, A0 = 10, A1 = 11, A7 = 17 };

/* By layout.ld: where in physical memory these begin; and the user's first address. */
extern const char kernel_data[], user_image[], user_start[];

static pte root[512] PAGE_ALIGNED;
static pte kernel_directory[512] PAGE_ALIGNED, kernel_table[512] PAGE_ALIGNED;
static pte user_directory[512] PAGE_ALIGNED, user_table[512] PAGE_ALIGNED;

static char stack[PAGE] PAGE_ALIGNED;
static char heap[HEAP_BYTES] PAGE_ALIGNED;
static char sea[PAGE] PAGE_ALIGNED = "user: through the window, the sea\n";
static char hills[PAGE] PAGE_ALIGNED = "user: through the window, the hills\n";

static struct frame user;

/*
 * The kernel's addresses are physical, too: firmware can be given its pointers. It may
 * take fewer bytes than there are.
 */
static void write(const char *bytes, size_t count) {
  while (count > 0) {
    struct sbi_result taken = sbi_console_write(bytes, count);
    if (taken.error != SBI_SUCCESS)
      return;
    bytes += taken.value;
    count -= (size_t)taken.value;
  }
}

static void put(const char *text) {
  size_t length = 0;
  while (text[length] != '\0')
    length++;
  write(text, length);
}

static void put_hex(uint64_t number) {
  char digits[16];
  for (int i = 15; i >= 0; i--, number >>= 4)
    digits[i] = "0123456789abcdef"[number & 15];
  put("0x");
  write(digits, sizeof(digits));
}

static pte *user_entry(uint64_t address) {
  return &user_table[address / PAGE % 512];
}

static void map_user(uint64_t address, const void *frame, unsigned bits) {
  *user_entry(address) = pte_of((uintptr_t)frame, bits | PTE_USER | PTE_VALID);
}

static void map_kernel(const char *from, const char *to, unsigned bits) {
  for (uint64_t page = (uintptr_t)from; page < (uintptr_t)to; page += PAGE)
    kernel_table[page / PAGE % 512] = pte_of(page, bits | PTE_VALID);
}

/* Tables for the 2 MiB around an address. */
static void attach(uint64_t address, pte *directory, const pte *table) {
  root[address >> 30 & 511] = pte_of((uintptr_t)directory, PTE_VALID);
  directory[address >> 21 & 511] = pte_of((uintptr_t)table, PTE_VALID);
}

/* A and D are left 0: the hart sets them, and so tells which pages are in use. */
static void build_tables(void) {
  attach(KERNEL, kernel_directory, kernel_table);
  map_kernel((const char *)KERNEL, kernel_data, PTE_READ | PTE_EXECUTE);
  map_kernel(kernel_data, user_image, PTE_READ | PTE_WRITE);
  attach(USER, user_directory, user_table);
  map_user(USER, user_image, PTE_READ | PTE_EXECUTE);
  map_user(STACK_END - PAGE, stack, PTE_READ | PTE_WRITE);
  map_user(WINDOW, sea, PTE_READ);
}

static void fence_page(uint64_t address) {
  __asm__ volatile("sfence.vma %0" : : "r"(address) : "memory");
}

/* Until the fence, the hart may still know the old frame: leave it out, and see. */
static void turn_window(void) {
  map_user(WINDOW, hills, PTE_READ);
  fence_page(WINDOW);
}

/* The text is in user pages, which are closed to the kernel without SUM. */
static void print_for_user(uint64_t text, uint64_t length) {
  static char copy[128];
  const volatile char *from = (const volatile char *)text;
  if (text < USER || text >= USER_END || length > sizeof(copy))
    return;
  csr_set(sstatus, STATUS_SUM);
  for (uint64_t i = 0; i < length; i++)
    copy[i] = from[i];
  csr_clear(sstatus, STATUS_SUM);
  write(copy, length);
}

static void serve(void) {
  switch (user.x[A7]) {
  case CALL_PRINT:
    print_for_user(user.x[A0], user.x[A1]);
    break;
  case CALL_TURN:
    turn_window();
    break;
  }
  user.x[PC] += 4; /* behind the ecall */
}

/* Memory that was promised. sepc stays: the instruction is done again. */
static bool give_page(uint64_t address) {
  bool in_heap = address >= HEAP && address < HEAP + HEAP_BYTES;
  if (!in_heap || (*user_entry(address) & PTE_VALID) != 0)
    return false;
  uint64_t page = address & ~(PAGE - 1UL);
  map_user(page, &heap[page - HEAP], PTE_READ | PTE_WRITE);
  fence_page(page);
  put("kernel: the heap was touched, and has a page now\n");
  return true;
}

static void tell_use(const char *name, uint64_t address) {
  pte entry = *user_entry(address);
  put(name);
  put(entry & PTE_ACCESSED ? " accessed" : " untouched");
  put(entry & PTE_DIRTY ? ", dirty\n" : ", clean\n");
}

static void end_user(uint64_t address) {
  put("kernel: the user is stopped for its access to ");
  put_hex(address);
  put("\n");
  tell_use("kernel: its window is", WINDOW);
  tell_use("kernel: its heap is", HEAP);
  sbi_shutdown(false);
}

void user_trapped(void) {
  uint64_t cause = csr_read(scause), value = csr_read(stval);
  bool at_data = cause == CAUSE_LOAD_PAGE_FAULT || cause == CAUSE_STORE_PAGE_FAULT;
  if (cause == CAUSE_ECALL_U)
    serve();
  else if (!at_data || !give_page(value))
    end_user(value);
}

/* The kernel expects no traps of its own. */
void kernel_trapped(void) {
  sbi_shutdown(true);
}

/* Gives the frame to resume. */
struct frame *kernel(void) {
  build_tables();
  csr_write(satp, SV39 | (uintptr_t)root >> 12);
  __asm__ volatile("sfence.vma" : : : "memory");
  put("kernel: Sv39 is on\n");
  csr_clear(sstatus, STATUS_SPP); /* sret goes to U-mode */
  user.x[PC] = (uintptr_t)user_start;
  user.x[SP] = STACK_END;
  return &user;
}
