#pragma once
#include <stdbool.h>
#include <stdint.h>

/*
 * Where a virtual address leads, as the hart finds it for a load in U-mode under `satp`. False if that load would fault,
 * and then `physical` is left alone.
 */
bool translate(uint64_t satp, uint64_t virtual, uint64_t *physical);
