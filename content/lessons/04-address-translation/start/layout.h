/* Where things lie in the program's address space (Sv39), and what it may ask of the kernel. */
#pragma once

#define PROGRAM 0x20000000UL /* the program's code, data and stack, in pages of 4 KiB: U, and R X or R W */
#define SEALED 0x30000000UL  /* one page that can be executed and not read: U, and X */
#define SHELF 0x38000000UL   /* four pages of 4 KiB with X: U and R, U alone, R alone, and neither; the order varies */
#define BOOK 0x40000000UL    /* BOOK_PAGES pages of 4 KiB, in frames in the opposite order: U, and R W */
#define BOOK_PAGES 24
#define ATLAS 0x40200000UL   /* one page of 2 MiB: U, and R W */
#define KERNEL 0x80000000UL  /* the machine's memory, one page of 1 GiB, for the kernel alone: R W X */
#define ATLAS_AGAIN 0xffffffffffe00000UL /* the atlas once more, at the highest addresses: U, and R */

#define ATLAS_FRAME 0x80800000UL /* the physical address of the atlas; below it, memory is the kernel's */

/* Calls: the number in a7, arguments in a0 and a1, the result in a0. */
enum call {
  CALL_WRITE,  /* prints a1 bytes from address a0 on: 0, or -1 if the program may not read all of them */
  CALL_REPORT, /* tells the kernel a measured number: the a0th is a1 */
  CALL_EXIT,   /* ends, with the code in a0 */
};
