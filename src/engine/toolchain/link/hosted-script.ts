/**
 * The layout of programs and shared objects that a loader brings into memory: the file's headers come first, and what differs
 * in permissions is pages apart.
 */
import { createReporter } from '../diagnostics.ts';
import { parseScript } from './script/parse.ts';
import { type Script, startingAt } from './script/script.ts';

const text = `
ENTRY(_start)
SECTIONS {
  PROVIDE(__executable_start = .);
  . = . + SIZEOF_HEADERS;
  .interp : { *(.interp) }
  .note.gnu.build-id : { *(.note.gnu.build-id) }
  .note.ABI-tag : { *(.note.ABI-tag) }
  .hash : { *(.hash) }
  .gnu.hash : { *(.gnu.hash) }
  .dynsym : { *(.dynsym) }
  .dynstr : { *(.dynstr) }
  .rela.dyn : { *(.rela.dyn) }
  .rela.plt : { *(.rela.plt) }
  .rodata : { *(.rodata .rodata.* .srodata .srodata.*) }
  .eh_frame : { KEEP(*(.eh_frame .eh_frame.*)) }
  .gcc_except_table : { *(.gcc_except_table .gcc_except_table.*) }
  . = ALIGN(CONSTANT(MAXPAGESIZE));
  .plt : { *(.plt) }
  .init : { KEEP(*(SORT_NONE(.init))) }
  .text : { *(.text .text.*) }
  .fini : { KEEP(*(SORT_NONE(.fini))) }
  PROVIDE(__etext = .);
  PROVIDE(_etext = .);
  PROVIDE(etext = .);
  . = ALIGN(CONSTANT(MAXPAGESIZE));
  .tdata : { *(.tdata .tdata.*) }
  .tbss : { *(.tbss .tbss.*) }
  .preinit_array : {
    PROVIDE_HIDDEN(__preinit_array_start = .);
    KEEP(*(.preinit_array))
    PROVIDE_HIDDEN(__preinit_array_end = .);
  }
  .init_array : {
    PROVIDE_HIDDEN(__init_array_start = .);
    KEEP(*(SORT_BY_INIT_PRIORITY(.init_array.*)))
    KEEP(*(.init_array))
    PROVIDE_HIDDEN(__init_array_end = .);
  }
  .fini_array : {
    PROVIDE_HIDDEN(__fini_array_start = .);
    KEEP(*(SORT_BY_INIT_PRIORITY(.fini_array.*)))
    KEEP(*(.fini_array))
    PROVIDE_HIDDEN(__fini_array_end = .);
  }
  .data.rel.ro : { *(.data.rel.ro .data.rel.ro.*) }
  .dynamic : { *(.dynamic) }
  .got : { *(.got) }
  .got.plt : { *(.got.plt) }
  .data : {
    PROVIDE(__DATA_BEGIN__ = .);
    *(.data .data.*)
  }
  .sdata : {
    PROVIDE(__SDATA_BEGIN__ = .);
    PROVIDE(__global_pointer$ = . + 0x800);
    *(.sdata .sdata.*)
  }
  PROVIDE(_edata = .);
  PROVIDE(edata = .);
  PROVIDE(__bss_start = .);
  .sbss : { *(.sbss .sbss.*) }
  .bss : { *(.dynbss) *(.bss .bss.* COMMON) }
  PROVIDE(__BSS_END__ = .);
  PROVIDE(_end = .);
  PROVIDE(end = .);
}
`;

const layout = parseScript('the default layout', text, createReporter());

export const hostedScript = (base: bigint): Script => startingAt(layout, base);
