/* 64-bit mixing, values that do not wait for each other: a unit of work is 1,000 of them. */
#include "work.h"

uint64_t work(uint64_t amount)
{
    uint64_t sum = 0, value = 0;
    for (; amount > 0; amount--)
        for (int i = 0; i < 1000; i++)
            sum += mix(value += 0x9e3779b97f4a7c15u);
    return sum;
}
