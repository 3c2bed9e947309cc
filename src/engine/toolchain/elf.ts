/** ELF files: writing an image as one, and loading executables that GNU ld made. */
export { type ReadResult, readElf } from './elf-read.ts';
export { writeElf } from './elf-write.ts';
