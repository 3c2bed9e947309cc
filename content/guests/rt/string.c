#include <rt/string.h>

size_t strlen(const char *text) {
  const char *end = text;
  while (*end != '\0')
    end++;
  return (size_t)(end - text);
}

size_t strnlen(const char *text, size_t most) {
  size_t length = 0;
  while (length < most && text[length] != '\0')
    length++;
  return length;
}

/* Characters compare as unsigned ones. */
int strncmp(const char *a, const char *b, size_t most) {
  for (size_t i = 0; i < most; i++) {
    if (a[i] != b[i] || a[i] == '\0')
      return (unsigned char)a[i] - (unsigned char)b[i];
  }
  return 0;
}

int strcmp(const char *a, const char *b) {
  return strncmp(a, b, (size_t)-1);
}

char *strcpy(char *restrict to, const char *restrict from) {
  memcpy(to, from, strlen(from) + 1);
  return to;
}

char *strncpy(char *restrict to, const char *restrict from, size_t most) {
  size_t length = strnlen(from, most);
  memcpy(to, from, length);
  memset(to + length, 0, most - length);
  return to;
}

char *strcat(char *restrict to, const char *restrict from) {
  strcpy(to + strlen(to), from);
  return to;
}

/* The 0 at the end counts as a character. */
char *strchr(const char *text, int c) {
  for (; *text != (char)c; text++) {
    if (*text == '\0')
      return NULL;
  }
  return (char *)text;
}

char *strrchr(const char *text, int c) {
  const char *found = NULL;
  for (;; text++) {
    if (*text == (char)c)
      found = text;
    if (*text == '\0')
      return (char *)found;
  }
}

char *strstr(const char *text, const char *wanted) {
  size_t length = strlen(wanted);
  for (; strncmp(text, wanted, length) != 0; text++) {
    if (*text == '\0')
      return NULL;
  }
  return (char *)text;
}
