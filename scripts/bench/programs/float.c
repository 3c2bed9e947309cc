/* Double-precision sums, products and a quotient now and then: a unit of work is 1,000 steps of a series. */
#include "work.h"

static uint64_t bits(double value)
{
    union { double value; uint64_t bits; } both = { value };
    return both.bits;
}

uint64_t work(uint64_t amount)
{
    uint64_t sum = 0;
    for (uint64_t round = 0; round < amount; round++) {
        double x = 0.1 + 0.7 / (double)(round + 1);
        double y = 0.3;
        for (int i = 0; i < 1000; i++) {
            x = 3.7 * x * (1.0 - x);
            y = y * 0.9 + x;
        }
        sum += bits(x) ^ bits(y);
    }
    return sum;
}
