/* The serial port, a 16550, without interrupts: both ends wait. */
#pragma once

void uart_put(char c);

/* The next character typed, or -1 if there is none yet. */
int uart_get(void);
