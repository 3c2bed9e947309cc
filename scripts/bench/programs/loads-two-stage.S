# The same in a guest: its tables map the pages to guest-physical GUEST_DATA, and its hypervisor's map
# those to where the data is, both by pages of 4 KiB.

        .include "modes.inc"
        .include "pages.inc"
        .equ    GUEST_DATA,     4 << 30

        .text
        .globl  _start
_start: open_machine
        call    number_pages
        la      a0, root + 8
        la      a1, tables
        li      a2, GUEST_DATA
        li      a3, LEAF
        call    map_pages
        gigapage root, 0, 0, LEAF
        gigapage root, 2, RAM, LEAF
        la      a0, guest_root + 8 * (GUEST_DATA / GIGABYTE)
        la      a1, guest_tables
        li      a2, DATA
        li      a3, USER_LEAF
        call    map_pages
        gigapage guest_root, 0, 0, USER_LEAF
        gigapage guest_root, 2, RAM, USER_LEAF
        translate vsatp, root
        translate hgatp, guest_root
        hfence.gvma
        hfence.vvma
        enter   SUPERVISOR | GUEST, loads

loads:  load_from_pages

        .bss
        .balign 16384
guest_root:
        .space  16384
guest_tables:
        .space  PAGE * (1 + TABLES)
root:   .space  PAGE
tables: .space  PAGE * (1 + TABLES)
        .include "map-pages.inc"
        .include "report.inc"
