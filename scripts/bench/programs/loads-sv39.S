# A load from each page of 64 MiB under Sv39: every load misses a TLB. A unit of work is all pages.

        .include "modes.inc"
        .include "pages.inc"

        .text
        .globl  _start
_start: open_machine
        call    number_pages
        la      a0, root + 8
        la      a1, tables
        li      a2, DATA
        li      a3, LEAF
        call    map_pages
        gigapage root, 0, 0, LEAF
        gigapage root, 2, RAM, LEAF
        translate satp, root
        sfence.vma
        enter   SUPERVISOR, loads

loads:  load_from_pages

        .bss
        .balign 4096
root:   .space  PAGE
tables: .space  PAGE * (1 + TABLES)
        .include "map-pages.inc"
        .include "report.inc"
