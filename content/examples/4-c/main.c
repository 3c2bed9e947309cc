#include "uart.h"
#include <stdbool.h>

enum { limit = 1000 };

static bool composite[limit];

/* Crosses out the multiples of every number that is not itself crossed out. */
static unsigned long count_primes(unsigned long *last) {
    unsigned long count = 0;
    for (unsigned long n = 2; n < limit; n++) {
        if (composite[n])
            continue;
        count++;
        *last = n;
        for (unsigned long multiple = n * n; multiple < limit; multiple += n)
            composite[multiple] = true;
    }
    return count;
}

/* Grows slowly in its value and fast in its depth: watch sp. */
static unsigned long ackermann(unsigned long m, unsigned long n) {
    if (m == 0)
        return n + 1;
    if (n == 0)
        return ackermann(m - 1, 1);
    return ackermann(m - 1, ackermann(m, n - 1));
}

int main(void) {
    unsigned long last = 0;
    put_number(count_primes(&last));
    put_text(" primes below ");
    put_number(limit);
    put_text(", the last one ");
    put_number(last);
    put_text(".\n");

    put_text("ackermann(3, 3) = ");
    put_number(ackermann(3, 3));
    put_text("\n");
    return 0;
}
