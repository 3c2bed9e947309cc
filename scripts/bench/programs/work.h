#ifndef WORK_H
#define WORK_H

#include <stdint.h>

/* Does `amount` units of work; returns a checksum over all of it, so that a compiler cannot leave any out. */
uint64_t work(uint64_t amount);

/* The 64-bit mixing function of SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators). */
static inline uint64_t mix(uint64_t value)
{
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
    return value ^ (value >> 31);
}

#endif
