/* Where the parts of the board lie: QEMU's `virt`. Read by C and by assembly. */
#pragma once

#define CLINT 0x2000000UL
#define PLIC 0xc000000UL
#define UART 0x10000000UL
#define UART_INTERRUPT 10
#define FINISHER 0x100000UL

#define RAM_START 0x80000000UL

/* Room for so many harts; those above them sleep. */
#define MOST_HARTS 8
#define STACK_BYTES 0x4000
#define PAGE_BYTES 4096
