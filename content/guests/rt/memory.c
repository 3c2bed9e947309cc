/* New memory is cut off the rest, from its start upwards; pages that were freed are a list, and are used first. */
#include <rt/board.h>
#include <rt/memory.h>
#include <rt/spinlock.h>
#include <rt/string.h>
#include <stdint.h>

/* A free page holds only where the next one is. */
struct free_page {
  struct free_page *next;
};

/* Made by the linker: the end of the program. */
extern char _end[];

static struct spinlock lock;
static struct free_page *pages;
static uintptr_t rest;
static uintptr_t rest_end;

void memory_start(void *end) {
  rest = (uintptr_t)_end;
  rest_end = (uintptr_t)end;
}

static void *cut(size_t size, size_t alignment) {
  uintptr_t start = (rest + alignment - 1) & ~(alignment - 1);
  if (start < rest || start > rest_end || size > rest_end - start)
    return NULL;
  rest = start + size;
  return (void *)start;
}

void *memory_allocate(size_t size, size_t alignment) {
  bool were_on = spin_lock(&lock);
  void *start = cut(size, alignment);
  spin_unlock(&lock, were_on);
  return start == NULL ? NULL : memset(start, 0, size);
}

void *page_allocate(void) {
  bool were_on = spin_lock(&lock);
  void *page = pages;
  if (pages != NULL)
    pages = pages->next;
  else
    page = cut(PAGE_BYTES, PAGE_BYTES);
  spin_unlock(&lock, were_on);
  return page == NULL ? NULL : memset(page, 0, PAGE_BYTES);
}

void page_free(void *page) {
  struct free_page *freed = page;
  bool were_on = spin_lock(&lock);
  freed->next = pages;
  pages = freed;
  spin_unlock(&lock, were_on);
}
