/* Where a program's text goes: to the UART, or to the firmware's debug console. */
#pragma once

enum console { CONSOLE_UART, CONSOLE_SBI };

/* The UART, unless a program says otherwise: a guest whose host does not let it reach the UART. */
void console_use(enum console which);

int putchar(int c);
int puts(const char *text);
