/* A program on the host itself: work AMOUNT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include "work.h"

int main(int count, char **arguments)
{
    if (count != 2)
        return 2;
    printf("%016" PRIx64 "\n", work(strtoull(arguments[1], NULL, 10)));
    return 0;
}
