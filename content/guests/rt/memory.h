/* Free memory, by pages. Every hart may call these at any time. */
#pragma once
#include <stddef.h>

/* From here on, the program's own memory is free: from the end of it to `end`, the first byte behind RAM. */
void memory_start(void *end);

/* A page of zeros, aligned; NULL if there is none left. */
void *page_allocate(void);
/* Only what page_allocate gave. */
void page_free(void *page);

/* `size` bytes of zeros, aligned to a power of two; NULL if there is no room. They are never freed. */
void *memory_allocate(size_t size, size_t alignment);
