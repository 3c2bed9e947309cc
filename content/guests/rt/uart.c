#include <rt/board.h>
#include <rt/uart.h>
#include <stdint.h>

/* Registers, by their offsets. */
enum { DATA = 0, LINE_STATUS = 5 };
enum { DATA_READY = 1 << 0, TRANSMITTER_EMPTY = 1 << 5 };

static volatile uint8_t *const uart = (volatile uint8_t *)UART;

void uart_put(char c) {
  while ((uart[LINE_STATUS] & TRANSMITTER_EMPTY) == 0) {
  }
  uart[DATA] = (uint8_t)c;
}

int uart_get(void) {
  return uart[LINE_STATUS] & DATA_READY ? uart[DATA] : -1;
}
