/**
 * The layout of a program for the bare machine that brings no script, in the words of one. Sections follow each other from
 * the origin on, each as far aligned as what is in it; those with names of their own come last, as they first appear.
 * What the machine starts with comes first, by the names that kernels give it, so that flat files can be entered at their start.
 */
import { createReporter } from '../diagnostics.ts';
import { parseScript } from './script/parse.ts';
import { type Script, startingAt } from './script/script.ts';

/** `NAMES = .` defines each of them where something asks for it: these are the names of GNU ld's scripts and of common kernels. */
const text = `
ENTRY(_start)
SECTIONS {
  .text : {
    NAMES _text_start __text_start _stext _ftext __executable_start
    *(.text.init .text.boot .text.entry .text.start .text._start)
    *(.text .text.*)
    NAMES _text_end __text_end _etext etext __etext
  }
  .rodata : {
    NAMES _rodata_start __rodata_start _srodata
    *(.rodata .rodata.* .srodata .srodata.*)
    NAMES _rodata_end __rodata_end _erodata
  }
  .eh_frame : { KEEP(*(.eh_frame .eh_frame.*)) }
  .preinit_array : {
    NAMES __preinit_array_start
    KEEP(*(.preinit_array))
    NAMES __preinit_array_end
  }
  .init_array : {
    NAMES __init_array_start
    KEEP(*(SORT_BY_INIT_PRIORITY(.init_array.*)))
    KEEP(*(.init_array))
    NAMES __init_array_end
  }
  .fini_array : {
    NAMES __fini_array_start
    KEEP(*(SORT_BY_INIT_PRIORITY(.fini_array.*)))
    KEEP(*(.fini_array))
    NAMES __fini_array_end
  }
  .tdata : {
    NAMES __tdata_start
    *(.tdata .tdata.*)
    NAMES __tdata_end
  }
  .tbss : { *(.tbss .tbss.*) }
  .data : {
    NAMES _data_start __data_start _sdata _fdata
    *(.data .data.*)
  }
  .got : { *(.got .got.*) }
  .sdata : {
    PROVIDE(__global_pointer$ = . + 0x800);
    *(.sdata .sdata.*)
    NAMES _data_end __data_end _edata edata __edata
  }
  .sbss : {
    NAMES _bss_start __bss_start __bss_start__ _sbss _fbss
    *(.sbss .sbss.*)
  }
  .bss : {
    *(.bss .bss.* COMMON)
    NAMES _bss_end __bss_end __bss_end__ _ebss __BSS_END__
  }
  NAMES _end end __end
}
`;

const provide = (names: string): string =>
  names
    .trim()
    .split(/\s+/)
    .map((name) => `PROVIDE(${name} = .);`)
    .join(' ');

const expanded = text.replace(/NAMES (.*)/g, (_, names: string) => provide(names));
const layout: Script = { ...parseScript('the default layout', expanded, createReporter()), orphans: 'last' };

export const defaultScript = (origin: bigint): Script => startingAt(layout, origin);
