/* 64-bit mixing, each value made of the one before: a unit of work is 1,000 values. */
#include "work.h"

uint64_t work(uint64_t amount)
{
    uint64_t value = 1;
    for (; amount > 0; amount--)
        for (int i = 0; i < 1000; i++)
            value = mix(value + i);
    return value;
}
