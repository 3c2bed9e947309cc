/*
 * Copies and fills go by double-words where both ends allow it. The compiler itself calls memcpy and memset, for structs
 * and arrays, so that they are linked into programs that never name them.
 */
#include <rt/string.h>
#include <stdint.h>

/* GCC would make a call of memcpy of the loop in memcpy. */
#ifdef __GNUC__
#pragma GCC optimize("no-tree-loop-distribute-patterns")
#endif

typedef uint64_t __attribute__((may_alias)) word;
enum { WORD = sizeof(word) };

static int aligned(const void *a) {
  return (uintptr_t)a % WORD == 0;
}

/* From the first byte on: right where `to` is below `from`, or they do not overlap. */
static void copy_up(unsigned char *to, const unsigned char *from, size_t count) {
  if (((uintptr_t)to - (uintptr_t)from) % WORD == 0) {
    for (; count > 0 && !aligned(to); count--)
      *to++ = *from++;
    for (; count >= WORD; count -= WORD, to += WORD, from += WORD)
      *(word *)to = *(const word *)from;
  }
  for (; count > 0; count--)
    *to++ = *from++;
}

/* From the last byte on: right where `to` is above `from`. */
static void copy_down(unsigned char *to, const unsigned char *from, size_t count) {
  to += count;
  from += count;
  if (((uintptr_t)to - (uintptr_t)from) % WORD == 0) {
    for (; count > 0 && !aligned(to); count--)
      *--to = *--from;
    for (; count >= WORD; count -= WORD) {
      to -= WORD;
      from -= WORD;
      *(word *)to = *(const word *)from;
    }
  }
  for (; count > 0; count--)
    *--to = *--from;
}

void *memcpy(void *restrict to, const void *restrict from, size_t count) {
  copy_up(to, from, count);
  return to;
}

void *memmove(void *to, const void *from, size_t count) {
  /* Below `from`, the difference wraps around and is large. */
  if ((uintptr_t)to - (uintptr_t)from >= count)
    copy_up(to, from, count);
  else
    copy_down(to, from, count);
  return to;
}

void *memset(void *to, int byte, size_t count) {
  unsigned char *at = to;
  word pattern = (unsigned char)byte * 0x0101010101010101UL;
  for (; count > 0 && !aligned(at); count--)
    *at++ = (unsigned char)byte;
  for (; count >= WORD; count -= WORD, at += WORD)
    *(word *)at = pattern;
  for (; count > 0; count--)
    *at++ = (unsigned char)byte;
  return to;
}

int memcmp(const void *a, const void *b, size_t count) {
  const unsigned char *left = a;
  const unsigned char *right = b;
  for (size_t i = 0; i < count; i++) {
    if (left[i] != right[i])
      return left[i] - right[i];
  }
  return 0;
}

void *memchr(const void *bytes, int byte, size_t count) {
  const unsigned char *at = bytes;
  for (; count > 0; count--, at++) {
    if (*at == (unsigned char)byte)
      return (void *)at;
  }
  return NULL;
}
