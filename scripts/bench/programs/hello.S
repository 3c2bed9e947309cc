# A small program, as the first of a course: it prints and ends.

        .text
        .globl  _start
_start: ld      a0, amount
        j       report
        .include "report.inc"
