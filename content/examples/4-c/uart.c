#include "uart.h"
#include <stdint.h>

static volatile uint8_t *const uart = (volatile uint8_t *)0x10000000;

enum { transmit = 0, line_status = 5, has_room = 0x20 };

static void put_byte(char byte) {
    while ((uart[line_status] & has_room) == 0) {
    }
    uart[transmit] = byte;
}

void put_text(const char *text) {
    for (; *text != '\0'; text++)
        put_byte(*text);
}

void put_number(unsigned long number) {
    if (number >= 10)
        put_number(number / 10);
    put_byte('0' + number % 10);
}
