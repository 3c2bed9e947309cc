#include <rt/console.h>
#include <rt/sbi.h>
#include <rt/uart.h>

static enum console console;

void console_use(enum console which) {
  console = which;
}

int putchar(int c) {
  if (console == CONSOLE_SBI)
    sbi_console_put((char)c);
  else
    uart_put((char)c);
  return (unsigned char)c;
}

/* As C has it: the text, and the end of a line. */
int puts(const char *text) {
  while (*text != '\0')
    putchar(*text++);
  return putchar('\n');
}
