/* S-mode. Builds the program's address space, enters it, and does what it asks for. */
#include <rt/board.h>
#include <rt/csr.h>
#include <rt/harts.h>
#include <rt/memory.h>
#include <rt/paging.h>
#include <rt/console.h>
#include <rt/string.h>
#include <rt/trap.h>
#include "layout.h"
#include "walk.h"

enum { REPORTS = 32, LONGEST = 64, PROBES = 16, KILLED = 1 << 10, NO_MEMORY = 1 << 11 };

/* What the program measured; and where the addresses of `probes` lead, by `translate`, when it has ended. */
uint64_t report[REPORTS];
uint64_t found[PROBES];
static const uint64_t probes[PROBES] = {
    PROGRAM, SEALED, BOOK, BOOK + 17 * 4096, BOOK + BOOK_PAGES * 4096, ATLAS_AGAIN, ATLAS + 0x155000,
    ATLAS + 0x200000, KERNEL + 0x201000, 0x2000000000, BOOK + (1UL << 39), ATLAS - (1UL << 39),
    SHELF, SHELF + 0x1000, SHELF + 0x2000, SHELF + 0x3000,
};

/* From kernel.ld: the program as it lies in memory, and where its data begin in its own address space. */
extern char program_image[], program_data[], program_end[];
void program_start(void);

static struct page_table space;

static void map(uint64_t address, uint64_t target, unsigned bits, int level) {
  if (!page_table_map(&space, address, target, level_bytes(level), bits, level))
    exit(NO_MEMORY);
}

/* Maps pages of 4 KiB to new frames, the last page to the first frame: what follows here lies before it there. */
static void map_frames(uint64_t address, uint64_t pages, unsigned bits) {
  while (pages-- > 0) {
    void *frame = page_allocate();
    if (frame == NULL)
      exit(NO_MEMORY);
    map(address + pages * PAGE_BYTES, (uint64_t)frame, bits, 0);
  }
}

/* The kernel loads its program into the frames it has just mapped. */
static void load_program(void) {
  uint64_t text = (uint64_t)program_start, data = (uint64_t)program_data, end = (uint64_t)program_end;
  map_frames(text, (data - text) / PAGE_BYTES, PTE_READ | PTE_EXECUTE | PTE_USER);
  map_frames(data, (end - data) / PAGE_BYTES, PTE_READ | PTE_WRITE | PTE_USER);
  for (uint64_t at = text; at < end; at += PAGE_BYTES) {
    uint64_t frame;
    page_table_find(&space, at, &frame);
    memcpy((void *)frame, program_image + (at - text), PAGE_BYTES);
  }
}

static void build_space(void) {
  memory_start((void *)ATLAS_FRAME);
  if (!page_table_create(&space, SV39))
    exit(NO_MEMORY);
  map(KERNEL, KERNEL, PTE_READ | PTE_WRITE | PTE_EXECUTE, 2);
  map(UART, UART, PTE_READ | PTE_WRITE, 0);
  map(FINISHER, FINISHER, PTE_READ | PTE_WRITE, 0);
  load_program();
  map_frames(SEALED, 1, PTE_EXECUTE | PTE_USER);
  for (unsigned page = 0; page < 4; page++) {
    unsigned lacks = page ^ ORDER;
    unsigned bits = PTE_EXECUTE | (lacks & 1 ? 0 : PTE_READ) | (lacks & 2 ? 0 : PTE_USER);
    map_frames(SHELF + page * PAGE_BYTES, 1, bits);
  }
  memory_allocate(GAP * PAGE_BYTES, PAGE_BYTES); /* The book's frames lie elsewhere in every variant. */
  map_frames(BOOK, BOOK_PAGES, PTE_READ | PTE_WRITE | PTE_USER);
  map(ATLAS, ATLAS_FRAME, PTE_READ | PTE_WRITE | PTE_USER, 1);
  map(ATLAS_AGAIN, ATLAS_FRAME, PTE_READ | PTE_USER, 1);
  fence_own(); /* The tables are in memory before the hart walks them. */
  csr_write(satp, page_table_satp(&space, 1));
}

/* The program's bytes, page by page, as the frames of neighbouring pages may lie anywhere. */
static bool copy_in(char *to, uint64_t from, uint64_t length) {
  while (length > 0) {
    uint64_t physical;
    if (!translate(csr_read(satp), from, &physical))
      return false;
    uint64_t part = PAGE_BYTES - from % PAGE_BYTES;
    if (part > length)
      part = length;
    memcpy(to, (const void *)physical, part);
    to += part;
    from += part;
    length -= part;
  }
  return true;
}

static long write_text(uint64_t address, uint64_t length) {
  char text[LONGEST];
  if (length > LONGEST || !copy_in(text, address, length))
    return -1;
  for (uint64_t i = 0; i < length; i++)
    putchar(text[i]);
  return 0;
}

static long serve(uint64_t call, uint64_t a0, uint64_t a1) {
  if (call == CALL_WRITE)
    return write_text(a0, a1);
  if (call != CALL_REPORT || a0 >= REPORTS)
    return -1;
  report[a0] = a1;
  fence_own(); /* The next measurement begins with an empty TLB. */
  return 0;
}

/* Runs the program until it asks for its end or does what it may not; gives the exit code. */
static int run_program(void) {
  static struct trap_frame frame; /* its status is 0: U-mode, and SUM and MXR are off */
  frame.pc = (uint64_t)program_start;
  frame.x[REGISTER_SP] = (uint64_t)program_end;
  for (;;) {
    trap_enter(&frame);
    if (frame.cause != CAUSE_ECALL_U)
      return KILLED;
    if (frame.x[REGISTER_A7] == CALL_EXIT)
      return (int)frame.x[REGISTER_A0];
    frame.x[REGISTER_A0] = serve(frame.x[REGISTER_A7], frame.x[REGISTER_A0], frame.x[REGISTER_A1]);
    frame.pc += 4;
  }
}

int main(void) {
  trap_start();
  csr_set(scounteren, 1); /* The program may use rdcycle. */
  build_space();
  int code = run_program();
  for (int i = 0; i < PROBES; i++) {
    if (!translate(csr_read(satp), probes[i] + SHIFT, &found[i]))
      found[i] = -1;
  }
  return code;
}
