/** Relocatable objects and archives: what is written is read again, and what is needed is taken. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createReporter } from '../../../src/engine/toolchain/diagnostics.ts';
import { readObject, writeLinked, writeObject } from '../../../src/engine/toolchain/elf.ts';
import { readElf } from '../../../src/engine/toolchain/elf-read.ts';
import { imageOf, type LinkInput, link } from '../../../src/engine/toolchain/link.ts';
import { readLinkInput } from '../../../src/engine/toolchain/link-input.ts';
import type { ObjectFile } from '../../../src/engine/toolchain/object.ts';
import { hex, inWords } from '../building.ts';
import {
  addressOf,
  archiveOf,
  asInput,
  flatImage,
  inputOf,
  linkedFiles,
  linkFiles,
  objectOf,
  sectionOf,
} from './linking.ts';

const folder = fileURLToPath(new URL('../fixtures/', import.meta.url));
const programs = readdirSync(folder).filter((name) => name.endsWith('.s') && !/\.\d\.s$/.test(name));

const bytesOf = (inputs: readonly LinkInput[]): string => {
  const reporter = createReporter();
  const linked = link(inputs, {}, reporter);
  expect(reporter.diagnostics.filter(({ severity }) => severity === 'error').map(inWords)).toEqual([]);
  return hex(flatImage(imageOf(linked)));
};

describe('relocatable objects', () => {
  for (const name of programs) {
    it(`${name}: linking what was written and read again gives the same bytes`, () => {
      const object = objectOf(name, readFileSync(folder + name, 'utf8'));
      expect(bytesOf([inputOf(name, writeObject(object))])).toBe(bytesOf([asInput(object)]));
    });
  }

  it('binding, kind, size and visibility of symbols are kept', () => {
    const text =
      '.globl f, hid, v\n.type f, @function\nf: ret\n.size f, 4\n.hidden hid\nhid: ret\n.weak w, maybe\nw: call maybe\nlocal: call other\n' +
      '.comm room, 24, 16\n.equ K, 7\n.globl K\n.section .tdata, "awT"\n.type v, @object\nv: .dword 1';
    const result = readObject('a.o', writeObject(objectOf('a.s', text)));
    const symbols = result.ok ? result.object.symbols : [];
    const shown = symbols
      .filter(({ hidden, name }) => !hidden && name !== '')
      .map(({ name, binding, kind, visibility = 'default', place }) =>
        [name, binding, kind, visibility, place.kind].join(' '),
      );
    expect(shown).toEqual([
      'local local label default section',
      'f global function default section',
      'hid global label hidden section',
      'w weak label default section',
      'room global object default common',
      'K global label default absolute',
      'v global thread default section',
      'maybe weak label default undefined',
      'other global label default undefined',
    ]);
  });

  it('of groups with the same signature the first is linked', () => {
    const file = (value: number): string =>
      `.section .data.g, "awG", @progbits, g, comdat\n.weak g\ng: .dword ${value}\n.section .data.use${value}, "aw"\n.dword g`;
    const read = (name: string, value: number): LinkInput => inputOf(name, writeObject(objectOf(name, file(value))));
    const linked = linkedFiles({ 'm.s': '.globl _start\n_start: nop' }, {}, [read('a.o', 1), read('b.o', 2)]);
    const address = addressOf(linked, 'g') ?? 0n;
    const { bytes, address: start } = sectionOf(linked, '.data');
    const view = new DataView(bytes.buffer);
    expect(bytes.length).toBe(24);
    expect(view.getBigUint64(Number(address - start), true)).toBe(1n);
    expect([view.getBigUint64(8, true), view.getBigUint64(16, true)]).toEqual([address, address]);
  });

  it('an executable is no object', () => {
    const bytes = writeLinked(linkedFiles({ 'a.s': '.globl _start\n_start: nop' }));
    expect(readLinkInput('a.elf', bytes)).toEqual({
      ok: false,
      message: 'this ELF file is an executable: it has been linked already',
    });
  });
});

const member = (text: string): Uint8Array => writeObject(objectOf('m.s', text));
const members = {
  'one.o': member('.globl one\none: call two\nret'),
  'two_with_a_long_name.o': member('.globl two\ntwo: ret'),
  'three.o': member('.globl three\nthree: ret'),
  README: new TextEncoder().encode('odd'),
};
const index = { one: 'one.o', two: 'two_with_a_long_name.o', three: 'three.o' };
const start = '.globl _start\n_start: call one\n';

const membersOf = (linked: ReturnType<typeof linkedFiles>): (string | undefined)[] => [
  ...new Set(linked.symbols.map(({ file }) => file).filter((file) => file?.includes('('))),
];

describe('archives', () => {
  for (const [title, bytes] of [
    ['with an index', archiveOf(members, index)],
    ['without an index', archiveOf(members)],
  ] as const) {
    it(`${title}: members are linked that something needs, and what these need`, () => {
      const linked = linkedFiles({ 'a.s': start }, {}, [inputOf('libx.a', bytes)]);
      expect(membersOf(linked)).toEqual(['libx.a(one.o)', 'libx.a(two_with_a_long_name.o)']);
    });
  }

  it('a weak reference takes nothing out of an archive', () => {
    const linked = linkedFiles({ 'a.s': '.weak three\n.globl _start\n_start: call three' }, {}, [
      inputOf('libx.a', archiveOf(members)),
    ]);
    expect(membersOf(linked)).toEqual([]);
  });

  it('a symbol may be asked for without using it', () => {
    const linked = linkedFiles({ 'a.s': '.globl _start\n_start: nop' }, { wanted: ['three'] }, [
      inputOf('libx.a', archiveOf(members, index)),
    ]);
    expect(membersOf(linked)).toEqual(['libx.a(three.o)']);
  });

  const damaged: readonly (readonly [string, (bytes: Uint8Array) => Uint8Array, string])[] = [
    ['cut off', (bytes) => bytes.slice(0, bytes.length - 2), 'the archive is cut off in its member `README/`'],
    [
      'a header overwritten',
      (bytes) => bytes.fill(0, 8, 60),
      'the archive is damaged at byte 8: no member begins there',
    ],
    [
      'a thin one',
      (bytes) => Uint8Array.of(...new TextEncoder().encode('!<thin>\n'), ...bytes.slice(8)),
      'this archive is a thin one: it only names its members; make it without `T`',
    ],
  ];
  for (const [title, change, message] of damaged) {
    it(`${title}: ${message}`, () => {
      expect(readLinkInput('libx.a', change(archiveOf(members)))).toEqual({ ok: false, message });
    });
  }
});

describe('symbols of several objects', () => {
  const rows: readonly (readonly [
    title: string,
    files: Readonly<Record<string, string>>,
    expected: Readonly<Record<string, number>>,
  ])[] = [
    [
      'a common symbol takes the largest room and alignment',
      { 'a.s': '.bss\n.byte 0\n.comm c, 8, 8', 'b.s': '.comm c, 40, 32\n.bss\n.byte 0', 'z.s': '.comm d, 1, 1' },
      { c: 0x20, d: 0x49 },
    ],
    [
      'a definition replaces a common symbol',
      { 'a.s': '.comm c, 800', 'b.s': '.globl c\n.text\nnop\nc: nop' },
      { c: 4 },
    ],
    ['a common symbol replaces a weak definition', { 'a.s': '.weak c\nc: nop', 'b.s': '.comm c, 8, 16' }, { c: 0x10 }],
    [
      'a name that the script sets is not what an object defines',
      { 'a.s': '.globl k\nk: nop', 'k.ld': 'SECTIONS { . = 0x80000000; .text : { *(.text) } k = . + 8; }' },
      { k: 12 },
    ],
    [
      'PROVIDE gives way to an object',
      {
        'a.s': '.globl k\nk: nop\n.dword k',
        'k.ld': 'SECTIONS { . = 0x80000000; .text : { *(.text) } PROVIDE(k = 5); }',
      },
      { k: 0 },
    ],
  ];
  for (const [title, files, expected] of rows) {
    it(title, () => {
      const linked = linkedFiles(files, { entry: '0x80000000' });
      const found = Object.keys(expected).map((name) => [name, Number((addressOf(linked, name) ?? 0n) - 0x8000_0000n)]);
      expect(Object.fromEntries(found)).toEqual(expected);
    });
  }

  it('a weak symbol that nothing defines is zero: it is called as nothing, and its address is null', () => {
    const linked = linkedFiles({ 'a.s': '.globl _start\n.weak no\n_start: call no\nla a0, no\n.data\n.dword no' });
    expect(hex(sectionOf(linked, '.text').bytes)).toBe('97000000e7000000' + '17050080130585ff');
    expect(hex(sectionOf(linked, '.data').bytes)).toBe('0000000000000000');
  });
});

describe('ELF files', () => {
  it('the machine loads what the linker wrote', () => {
    const linked = linkedFiles({
      'a.s': '.globl _start\n_start: la a0, d\n.section .rodata\n.word 5\n.data\nd: .dword 7\n.bss\n.zero 100',
      'k.ld':
        'SECTIONS { . = 0x80000000; .text : { *(.text) } . = ALIGN(4096); .data : { *(.rodata) *(.data) } .bss : { *(.bss) } }',
    });
    const read = readElf(writeLinked(linked));
    expect(read.ok && read.image.segments).toEqual(imageOf(linked).segments);
    expect(read.ok && read.image.entry).toBe(0x8000_0000n);
  });

  it('data that is copied from ROM has its load address in the program header', () => {
    const linked = linkedFiles({
      'a.s': '.globl _start\n_start: nop\n.data\n.dword 7',
      'k.ld':
        'MEMORY { ROM : ORIGIN = 0x80000000, LENGTH = 1M RAM : ORIGIN = 0x80100000, LENGTH = 1M }\nSECTIONS { .text : { *(.text) } > ROM .data : { *(.data) } > RAM AT> ROM }',
    });
    const read = readElf(writeLinked(linked));
    const segments = read.ok ? read.image.segments : [];
    expect(segments.map(({ virtual, physical }) => [virtual, physical])).toEqual([
      [0x8000_0000n, 0x8000_0000],
      [0x8010_0000n, 0x8000_0004],
    ]);
  });

  it('where there is room for headers they are loaded, and what shares a page is one segment', () => {
    const linked = linkedFiles({
      'a.s': '.globl _start\n_start: la a0, __ehdr_start\n.section .rodata\n.word 5\n.data\n.word 7',
      'k.ld':
        'SECTIONS { . = 0x10000 + SIZEOF_HEADERS; .text : { *(.text) } .rodata : { *(.rodata) } . = ALIGN(4096); .data : { *(.data) } }',
    });
    const loads = linked.segments.map(({ headers, flags, address }) => [headers, flags, address]);
    expect(loads).toEqual([
      [true, 5n, 0x1_0000n],
      [false, 6n, 0x1_1000n],
    ]);
    expect(addressOf(linked, '__ehdr_start')).toBe(0x1_0000n);
    const read = readElf(writeLinked(linked));
    expect(read.ok && [...(read.image.segments[0]?.bytes.slice(0, 4) ?? [])]).toEqual([0x7f, 0x45, 0x4c, 0x46]);
  });

  it('PHDRS decides which segments there are', () => {
    const linked = linkedFiles({
      'a.s': '.globl _start\n_start: nop\n.data\n.dword 7',
      'k.ld':
        'PHDRS { all PT_LOAD FLAGS(7); note 0x70000001; }\nSECTIONS { . = 0x80000000; .text : { *(.text) } :all .data : { *(.data) } }',
    });
    expect(linked.segments.map(({ type, flags, fileSize }) => [type, flags, fileSize])).toEqual([
      [1n, 7n, 12],
      [0x7000_0001n, 4n, 0],
    ]);
  });
});

const silent = (object: ObjectFile): string[] =>
  linkFiles({}, {}, [asInput(object)]).told.filter((each) => each.includes('error'));

it('an object that the assembler made does not depend on its way through a file', () => {
  const object = objectOf(
    'a.s',
    '.option pic\n.globl _start\n_start: la a0, x\nla.tls.ie a1, t\n.data\nx: .dword x - _start\n.section .tbss, "awT", @nobits\nt: .zero 4',
  );
  expect(silent(object)).toEqual([]);
  expect(bytesOf([inputOf('a.o', writeObject(object))])).toBe(bytesOf([asInput(object)]));
});
