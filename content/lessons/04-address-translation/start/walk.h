#pragma once
#include <stdbool.h>
#include <stdint.h>

/*
 * Where a virtual address leads, as the hart finds it for a load in U-mode under `satp`. False if that load would fault,
 * and then `physical` is left alone. Four causes of a fault need not be looked for, as this kernel gives none: reserved
 * bits that are set, large pages that are not aligned, A not set in a leaf, tables outside of memory. MXR is off.
 */
bool translate(uint64_t satp, uint64_t virtual, uint64_t *physical);
