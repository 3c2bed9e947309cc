/* Copies memory, 8 bytes at a time: a unit of work is 64 KiB there and 64 KiB back. */
#include "work.h"

#define WORDS (65536 / 8)

static uint64_t one[WORDS], other[WORDS];

static void copy(uint64_t *restrict to, const uint64_t *restrict from)
{
    for (int i = 0; i < WORDS; i += 4) {
        to[i] = from[i];
        to[i + 1] = from[i + 1];
        to[i + 2] = from[i + 2];
        to[i + 3] = from[i + 3];
    }
}

uint64_t work(uint64_t amount)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < amount; i++) {
        one[i % WORDS] = mix(i);
        copy(other, one);
        other[mix(i) % WORDS] += i;
        copy(one, other);
        sum += one[(i * 7) % WORDS];
    }
    return sum;
}
