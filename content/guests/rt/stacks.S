/* A stack for each hart. They are not among the zeros that the start-up code makes: one is in use by then. */
#include <rt/board.h>

        .section .stacks, "aw", @nobits
        .balign 16
        .globl  stacks
stacks: .space  MOST_HARTS * STACK_BYTES
