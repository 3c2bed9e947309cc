/* Interrupts of devices (PLIC Specification): each goes to the harts that have enabled it, and one of them claims it. */
#pragma once

/* This hart, in the program's mode, takes the interrupt. Bit SEI of sie, or MEI of mie, has to be set as well. */
void plic_enable(unsigned interrupt);

/* The interrupt to serve, or 0 if another hart was faster. */
unsigned plic_claim(void);
/* It is served, and may come again. */
void plic_complete(unsigned interrupt);
