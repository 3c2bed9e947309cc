#include <rt/console.h>
#include <rt/printf.h>
#include <rt/string.h>
#include <stdbool.h>
#include <stdint.h>

/* Where characters go: into a buffer while there is room, or to the console if there is no buffer. */
struct sink {
  char *buffer;
  size_t size;
  bool console;
  size_t count;
};

/* What stands between % and the conversion. A precision of -1 is none. */
struct spec {
  bool left, plus, space, zeros, alternate;
  int width;
  int precision;
  int bytes;
};

static void put(struct sink *sink, char c) {
  if (sink->console)
    putchar(c);
  else if (sink->count < sink->size)
    sink->buffer[sink->count] = c;
  sink->count++;
}

static void put_times(struct sink *sink, char c, int times) {
  for (; times > 0; times--)
    put(sink, c);
}

static void put_text(struct sink *sink, const char *text, int length) {
  for (int i = 0; i < length; i++)
    put(sink, text[i]);
}

/* `prefix` (a sign, 0x) stands before the zeros that fill the width, and behind the blanks. */
static void put_field(struct sink *sink, const struct spec *spec, const char *prefix, const char *body, int length) {
  int missing = spec->precision > length ? spec->precision - length : 0;
  int room = spec->width - (int)strlen(prefix) - missing - length;
  bool fill = spec->zeros && !spec->left && spec->precision < 0;
  if (!spec->left && !fill)
    put_times(sink, ' ', room);
  put_text(sink, prefix, (int)strlen(prefix));
  put_times(sink, '0', missing + (fill && room > 0 ? room : 0));
  put_text(sink, body, length);
  if (spec->left)
    put_times(sink, ' ', room);
}

static void put_number(struct sink *sink, const struct spec *spec, uint64_t value, unsigned base, const char *digits,
                       const char *prefix) {
  char text[22]; /* 64 bits have 22 octal digits */
  char *first = text + sizeof text;
  /* Zero has no digit if a precision of 0 is asked for. */
  if (value == 0 && spec->precision != 0)
    *--first = '0';
  for (uint64_t rest = value; rest != 0; rest /= base)
    *--first = digits[rest % base];
  put_field(sink, spec, prefix, first, (int)(text + sizeof text - first));
}

static void put_string(struct sink *sink, struct spec *spec, const char *text) {
  if (text == NULL)
    text = "(null)";
  int length = 0;
  while (length != spec->precision && text[length] != '\0')
    length++;
  spec->precision = -1;
  spec->zeros = false;
  put_field(sink, spec, "", text, length);
}

/* An argument of `bytes` bytes, with its sign or without it. Smaller ones than an int come as an int. */
static int64_t signed_argument(va_list *list, int bytes) {
  if (bytes == 8)
    return va_arg(*list, int64_t);
  int value = va_arg(*list, int);
  return bytes == 1 ? (signed char)value : bytes == 2 ? (short)value : value;
}

static uint64_t unsigned_argument(va_list *list, int bytes) {
  if (bytes == 8)
    return va_arg(*list, uint64_t);
  unsigned value = va_arg(*list, unsigned);
  return bytes == 1 ? (unsigned char)value : bytes == 2 ? (unsigned short)value : value;
}

static void put_signed(struct sink *sink, const struct spec *spec, int64_t value) {
  const char *sign = value < 0 ? "-" : spec->plus ? "+" : spec->space ? " " : "";
  /* The most negative number has no positive counterpart: negated without a sign, it is right. */
  uint64_t magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value;
  put_number(sink, spec, magnitude, 10, "0123456789", sign);
}

static void put_unsigned(struct sink *sink, const struct spec *spec, uint64_t value, char conversion) {
  bool marked = spec->alternate && value != 0;
  if (conversion == 'o')
    put_number(sink, spec, value, 8, "01234567", marked && spec->precision < 0 ? "0" : "");
  else if (conversion == 'x')
    put_number(sink, spec, value, 16, "0123456789abcdef", marked ? "0x" : "");
  else if (conversion == 'X')
    put_number(sink, spec, value, 16, "0123456789ABCDEF", marked ? "0X" : "");
  else
    put_number(sink, spec, value, 10, "0123456789", "");
}

static const char *read_flags(const char *at, struct spec *spec) {
  for (;; at++) {
    if (*at == '-')
      spec->left = true;
    else if (*at == '+')
      spec->plus = true;
    else if (*at == ' ')
      spec->space = true;
    else if (*at == '0')
      spec->zeros = true;
    else if (*at == '#')
      spec->alternate = true;
    else
      return at;
  }
}

static const char *read_number(const char *at, int *number, va_list *list) {
  if (*at == '*') {
    *number = va_arg(*list, int);
    return at + 1;
  }
  *number = 0;
  while (*at >= '0' && *at <= '9')
    *number = *number * 10 + (*at++ - '0');
  return at;
}

/* hh and h are halved twice and once from an int, l, ll, z, t and j are all 8 bytes on RV64. */
static const char *read_size(const char *at, struct spec *spec) {
  spec->bytes = 4;
  for (; *at == 'h' || *at == 'l' || *at == 'z' || *at == 't' || *at == 'j'; at++)
    spec->bytes = *at == 'h' ? spec->bytes / 2 : 8;
  return at;
}

static const char *read_spec(const char *at, struct spec *spec, va_list *list) {
  *spec = (struct spec){.precision = -1};
  at = read_number(read_flags(at, spec), &spec->width, list);
  if (spec->width < 0) {
    spec->left = true;
    spec->width = -spec->width;
  }
  if (*at == '.')
    at = read_number(at + 1, &spec->precision, list);
  return read_size(at, spec);
}

static void put_conversion(struct sink *sink, struct spec *spec, char conversion, va_list *list) {
  char c;
  switch (conversion) {
  case 'd':
  case 'i':
    put_signed(sink, spec, signed_argument(list, spec->bytes));
    break;
  case 'u':
  case 'o':
  case 'x':
  case 'X':
    put_unsigned(sink, spec, unsigned_argument(list, spec->bytes), conversion);
    break;
  case 'p':
    spec->alternate = true;
    put_unsigned(sink, spec, (uintptr_t)va_arg(*list, void *), 'x');
    break;
  case 's':
    put_string(sink, spec, va_arg(*list, const char *));
    break;
  case 'c':
    c = (char)va_arg(*list, int);
    spec->precision = -1;
    spec->zeros = false;
    put_field(sink, spec, "", &c, 1);
    break;
  default:
    put(sink, conversion);
  }
}

static int format_to(struct sink *sink, const char *format, va_list given) {
  va_list list;
  va_copy(list, given);
  for (const char *at = format; *at != '\0'; at++) {
    if (*at != '%') {
      put(sink, *at);
      continue;
    }
    struct spec spec;
    at = read_spec(at + 1, &spec, &list);
    if (*at == '\0')
      break;
    put_conversion(sink, &spec, *at, &list);
  }
  va_end(list);
  return (int)sink->count;
}

int vprintf(const char *format, va_list list) {
  struct sink sink = {.console = true};
  return format_to(&sink, format, list);
}

int vsnprintf(char *buffer, size_t size, const char *format, va_list list) {
  struct sink sink = {.buffer = buffer, .size = size};
  int count = format_to(&sink, format, list);
  if (size > 0)
    buffer[sink.count < size ? sink.count : size - 1] = '\0';
  return count;
}

int printf(const char *format, ...) {
  va_list list;
  va_start(list, format);
  int count = vprintf(format, list);
  va_end(list);
  return count;
}

int snprintf(char *buffer, size_t size, const char *format, ...) {
  va_list list;
  va_start(list, format);
  int count = vsnprintf(buffer, size, format, list);
  va_end(list);
  return count;
}
