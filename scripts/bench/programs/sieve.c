/* The sieve of Eratosthenes over 65,536 numbers: a unit of work is one sieve. */
#include "work.h"

#define LIMIT 65536

static uint8_t composite[LIMIT];

static uint64_t primes(void)
{
    uint64_t count = 0;
    for (uint32_t i = 2; i < LIMIT; i++)
        composite[i] = 0;
    for (uint32_t i = 2; i < LIMIT; i++) {
        if (composite[i])
            continue;
        count++;
        for (uint32_t multiple = 2 * i; multiple < LIMIT; multiple += i)
            composite[multiple] = 1;
    }
    return count;
}

uint64_t work(uint64_t amount)
{
    uint64_t sum = 0;
    while (amount-- > 0)
        sum += primes();
    return sum;
}
