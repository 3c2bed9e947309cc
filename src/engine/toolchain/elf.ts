/** ELF files: writing images and what the linker made, reading executables, objects and shared objects. */
export { withDebugSections } from './dwarf/object.ts';
export { writeLinked } from './elf-linked-write.ts';
export { type ObjectResult, readObject } from './elf-object-read.ts';
export { writeObject } from './elf-object-write.ts';
export { type ReadResult, readElf } from './elf-read.ts';
export { readShared, type SharedLibrary, type SharedResult } from './elf-shared-read.ts';
export { writeElf } from './elf-write.ts';
