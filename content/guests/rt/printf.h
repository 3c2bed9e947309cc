/*
 * Formatted text. Conversions: %d %i %u %x %X %o %c %s %p %%; flags - + space 0 #; width and precision, also *; sizes
 * hh h l ll z t j. There are no floating-point numbers.
 */
#pragma once
#include <stdarg.h>
#include <stddef.h>

/* All give the number of characters of the whole text. */
__attribute__((format(printf, 1, 2))) int printf(const char *format, ...);
int vprintf(const char *format, va_list list);

/* At most `size` bytes, the 0 at the end included. */
__attribute__((format(printf, 3, 4))) int snprintf(char *buffer, size_t size, const char *format, ...);
int vsnprintf(char *buffer, size_t size, const char *format, va_list list);
