/** Shared objects and programs that use them: what the loader is told, and that it runs. */
import { describe, expect, it } from 'vitest';
import { createMachine, defaultBoard } from '../../../src/engine/machine/machine.ts';
import { readShared, writeLinked } from '../../../src/engine/toolchain/elf.ts';
import { dynamicTags } from '../../../src/engine/toolchain/elf-format.ts';
import type { Linked, LinkInput, LinkOptions, OutputKind } from '../../../src/engine/toolchain/link.ts';
import { hex } from '../building.ts';
import { addressOf, inputOf, linkedFiles, sectionOf } from './linking.ts';
import {
  dynamicEntry,
  type Loaded,
  load,
  lookUp,
  lookUpGnu,
  pltRelocations,
  relocationsOf,
  resolve,
  start,
  symbolAt,
  textAt,
} from './loader.ts';

const library = `
        .option pic
        .globl add_state, call_back, state, weight, twice, secret
        .type add_state, @function
        .type call_back, @function
        .type weight, @function
        .type twice, @function
        .type state, @object
        .size state, 8
        .hidden secret
add_state:
        la      t0, state
        ld      t1, 0(t0)
        add     a0, a0, t1
        lla     t0, secret
        ld      t1, 0(t0)
        add     a0, a0, t1
        ret
# Calls what the program defines, and its own function, which the program may have replaced.
call_back:
        addi    sp, sp, -32
        sd      ra, 0(sp)
        call    hook@plt
        sd      a0, 8(sp)
        call    weight@plt
        ld      t0, 8(sp)
        add     a0, a0, t0
        ld      ra, 0(sp)
        addi    sp, sp, 32
        ret
weight: li      a0, 1
        ret
twice:  slli    a0, a0, 1
        ret
        .weak   absent
        .data
state:  .dword  5
secret: .dword  7
        .globl  pointers
        .type   pointers, @object
        .size   pointers, 32
pointers: .dword secret, state, weight, absent
`;

const program = (text: string): string => `
        .globl _start, hook
        .type hook, @function
_start: li      sp, 0x80100000
${text}
        li      t5, 0x100000
        slli    a0, a0, 16
        li      t6, 0x3333
        or      t6, t6, a0
        sw      t6, 0(t5)
1:      j       1b
hook:   addi    a0, a0, 100
        ret
`;

const asLibrary = (linked: Linked): LinkInput => inputOf('libx.so', writeLinked(linked));

const shared = (options: LinkOptions = {}): Linked =>
  linkedFiles({ 'lib.s': library }, { kind: 'shared', soname: 'libx.so', ...options });

const linkedAgainst = (text: string, kind: OutputKind): Linked =>
  linkedFiles({ 'main.s': program(text) }, { kind }, [asLibrary(shared())]);

const bases = { program: 0x8000_0000n, library: 0x8020_0000n } as const;

/** The code that the program gives to the finisher. */
async function exitCode(image: ReturnType<typeof start>): Promise<number | undefined> {
  const machine = await createMachine({ ...defaultBoard, ram: 2 ** 23 });
  machine.load(image);
  const stop = machine.run(100_000);
  return stop.kind === 'exit' ? stop.code : undefined;
}

function loadBoth(main: Linked, lib = shared()): readonly [Loaded, Loaded] {
  const base = main.kind === 'dynamic' ? 0n : bases.program;
  return [load(main, base), load(lib, bases.library)];
}

describe('what the loader is told of a shared object', () => {
  const loaded = load(shared(), 0n);

  it('its name, and no symbol that is hidden or only used', () => {
    expect(
      textAt(
        loaded,
        Number(dynamicEntry(loaded, dynamicTags.strings)) + Number(dynamicEntry(loaded, dynamicTags.name)),
      ),
    ).toBe('libx.so');
    const result = readShared('file.so', writeLinked(shared()));
    const names = result.ok ? [...result.library.symbols.keys()].sort() : [];
    expect(names).toEqual(['add_state', 'call_back', 'pointers', 'state', 'twice', 'weight']);
    expect(result.ok && [...result.library.wanted].sort()).toEqual(['absent', 'hook']);
    expect(result.ok && result.library.name).toBe('libx.so');
  });

  it('both hash tables lead to every symbol, and to no other', () => {
    for (const name of ['add_state', 'call_back', 'pointers', 'state', 'twice', 'weight']) {
      expect(lookUp(loaded, name)?.name, name).toBe(name);
      expect(lookUpGnu(loaded, name)).toEqual(lookUp(loaded, name));
      expect(lookUp(loaded, name)?.value).toBe(addressOf(loaded.linked, name));
    }
    for (const name of ['hook', 'absent', 'secret', 'nothing', '']) {
      expect(lookUp(loaded, name), name).toBeUndefined();
      expect(lookUpGnu(loaded, name), name).toBeUndefined();
    }
  });

  it('relocations: relative ones first; hidden symbols need no name, others may be replaced', () => {
    const named = relocationsOf(loaded, dynamicTags.relocations, dynamicTags.relocationsSize).map(
      ({ type, symbol }) => [type, symbolAt(loaded, symbol).name],
    );
    expect(named[0]).toEqual([3, '']);
    expect(named.slice(1).toSorted((a, b) => String(a[1]).localeCompare(String(b[1])))).toEqual([
      [2, 'absent'],
      [2, 'state'],
      [2, 'state'],
      [2, 'weight'],
    ]);
    expect(dynamicEntry(loaded, dynamicTags.relativeCount)).toBe(1n);
    expect(pltRelocations(loaded).map(({ type, symbol }) => [type, symbolAt(loaded, symbol).name])).toEqual([
      [5, 'hook'],
      [5, 'weight'],
    ]);
  });

  it('the PLT is the psABI’s, and each of its entries leads to the header at first', () => {
    const plt = sectionOf(loaded.linked, '.plt');
    const words = new Uint32Array(plt.bytes.slice().buffer);
    const shape = [0xfff, 0xffffffff, 0xfffff, 0xffffffff, 0xfffff, 0xffffffff, 0xffffffff, 0xffffffff];
    const header = [...words.slice(0, 8)].map((word, index) => ((word & (shape[index] ?? 0)) >>> 0).toString(16));
    // auipc t2; sub t1, t1, t3; ld t3, (t2); addi t1, t1, -44; addi t0, t2; srli t1, t1, 1; ld t0, 8(t0); jr t3
    expect(header).toEqual(['397', '41c30333', '3be03', 'fd430313', '38293', '135313', '82b283', 'e0067']);
    const entry = [...words.slice(8, 12)].map((word, index) =>
      ((word & ([0xfff, 0xfffff][index] ?? -1)) >>> 0).toString(16),
    );
    // auipc t3; ld t3, (t3); jalr t1, t3; nop
    expect(entry).toEqual(['e17', 'e3e03', 'e0367', '13']);
    for (const { offset } of pltRelocations(loaded)) expect(loaded.memory.getBigUint64(offset)).toBe(plt.address);
  });

  it('the first entry of the GOT is the dynamic section', () => {
    const got = sectionOf(loaded.linked, '.got');
    expect(new DataView(got.bytes.buffer).getBigUint64(0, true)).toBe(sectionOf(loaded.linked, '.dynamic').address);
    expect(addressOf(loaded.linked, '_GLOBAL_OFFSET_TABLE_')).toBe(got.address);
  });

  const options: readonly (readonly [string, LinkOptions, (of: Loaded) => void])[] = [
    [
      'one hash table alone: GNU’s',
      { hashStyle: 'gnu' },
      (of) => expect(dynamicEntry(of, dynamicTags.hash)).toBeUndefined(),
    ],
    [
      'one hash table alone: System V’s',
      { hashStyle: 'system' },
      (of) => expect(dynamicEntry(of, dynamicTags.gnuHash)).toBeUndefined(),
    ],
    ['everything bound at once', { now: true }, (of) => expect(dynamicEntry(of, dynamicTags.flags)).toBe(8n)],
    [
      'where to look for others',
      { runPath: '/lib' },
      (of) => expect(dynamicEntry(of, dynamicTags.runPath)).not.toBeUndefined(),
    ],
    [
      'symbolic: its own calls stay its own',
      { symbolic: true },
      (of) => expect(pltRelocations(of).map(({ symbol }) => symbolAt(of, symbol).name)).toEqual(['hook']),
    ],
  ];
  for (const [title, given, check] of options) it(title, () => check(load(shared(given), 0n)));
});

describe('a program and a shared object run together', () => {
  const rows: readonly (readonly [title: string, kind: OutputKind, text: string, code: number])[] = [
    ['a call through the PLT', 'pie', 'li a0, 4\ncall add_state', 4 + 5 + 7],
    ['a call back into the program', 'pie', 'li a0, 1\ncall call_back', 1 + 100 + 1],
    [
      'the program’s function takes the place of the library’s',
      'pie',
      'li a0, 1\ncall call_back\nj 2f\n.globl weight\n.type weight, @function\nweight: li a0, 9\nret\n2:',
      1 + 100 + 9,
    ],
    [
      'a variable of the library by the GOT',
      'pie',
      '.option pic\nla t0, state\nli t1, 30\nsd t1, 0(t0)\nli a0, 0\ncall add_state',
      37,
    ],
    [
      'a variable is copied into a program at a fixed address',
      'dynamic',
      'la t0, state\nld t1, 0(t0)\nli t2, 20\nsd t2, 0(t0)\nmv a0, t1\ncall add_state',
      5 + 20 + 7,
    ],
    [
      'the address of a function is the same on both sides',
      'dynamic',
      'la s0, weight\nla t0, pointers\nld s1, 16(t0)\nsub a0, s0, s1\nseqz a0, a0',
      1,
    ],
    [
      'a pointer in data to a function of the library',
      'pie',
      'lla t0, 3f\nld t0, 0(t0)\nli a0, 21\njalr t0\nj 4f\n.data\n3: .dword twice\n.text\n4:',
      42,
    ],
    ['a weak symbol that nobody defines is null', 'pie', '.option pic\nla t0, pointers\nld a0, 24(t0)\nseqz a0, a0', 1],
  ];
  for (const [title, kind, text, code] of rows) {
    it(`${title} (${kind})`, async () => {
      const main = kind === 'dynamic' ? fixed(text) : linkedAgainst(text, kind);
      const all = loadBoth(main);
      const begin = main.kind === 'dynamic' ? main.entry : bases.program + main.entry;
      expect(await exitCode(start(all, begin))).toBe(code);
    });
  }
});

/** A program at a fixed address of the machine’s memory: the default one is for hosts. */
function fixed(text: string): Linked {
  return linkedFiles(
    {
      'main.s': program(text),
      'k.ld': `SECTIONS { . = 0x80000000; .text : { *(.text .plt) } .dynamic : { *(.dynamic) } .data : { *(.data .got .got.plt) }
        .tables : { *(.interp .hash .gnu.hash .dynsym .dynstr .rela.dyn .rela.plt) } .bss : { *(.dynbss .bss) } }`,
    },
    { kind: 'dynamic' },
    [asLibrary(shared())],
  );
}

describe('lazy binding', () => {
  /**
   * Told the object's word in t0 and the offset of the entry in t1, as by the psABI. The word is the address of a record:
   * where the entries are, then the target of each. Binds the entry, counts, and goes to the target.
   */
  const resolver = `
        .globl _start, count, record
_start: la      t2, count
        ld      t4, 0(t2)
        addi    t4, t4, 1
        sd      t4, 0(t2)
        add     t2, t0, t1
        ld      t3, 8(t2)
        ld      t4, 0(t0)
        add     t4, t4, t1
        sd      t3, 0(t4)
        jr      t3
        .data
count:  .dword  0
record: .zero   64
`;
  const layout = 'SECTIONS { . = 0x80400000; .text : { *(.text) } . = 0x80400080; .data : { *(.data) } }';
  const calls = 'li a0, 1\ncall twice\ncall twice\ncall add_state\ncall twice';
  const count = 'li t0, 0x80400080\nld t1, 0(t0)\nslli t1, t1, 8\nadd a0, a0, t1';

  it('the resolver is entered once for each function, told which, and never again', async () => {
    const bound = linkedFiles({ 'r.s': resolver, 'k.ld': layout });
    const record = addressOf(bound, 'record') ?? 0n;
    const all = loadBoth(linkedAgainst(`${calls}\n${count}`, 'pie'));
    const [main] = all;
    const image = start(all, bases.program + main.linked.entry, { resolver: bound.entry, wordOf: () => record });
    const [code, data] = [sectionOf(bound, '.text'), sectionOf(bound, '.data')];
    const bytes = data.bytes.slice();
    const view = new DataView(bytes.buffer, Number(record - data.address));
    view.setBigUint64(0, bases.program + (dynamicEntry(main, dynamicTags.pltGot) ?? 0n) + 16n, true);
    pltRelocations(main).forEach(({ symbol }, index) => {
      view.setBigUint64(8 + 8 * index, resolve(all, symbolAt(main, symbol).name), true);
    });
    const extra = [
      { physical: Number(code.address), virtual: code.address, bytes: code.bytes },
      { physical: Number(data.address), virtual: data.address, bytes },
    ].map((each) => ({ ...each, size: each.bytes.length, writable: true, executable: true }));
    const result = (1 * 2 * 2 + 5 + 7) * 2;
    expect(await exitCode({ ...image, segments: [...image.segments, ...extra] })).toBe(result + (2 << 8));
  });
});

describe('position-independent without a loader', () => {
  it('static-pie: every address in data is left to the program’s own start', () => {
    const linked = linkedFiles(
      { 'a.s': '.globl _start\n_start: la a0, table\n.data\ntable: .dword _start, table + 8, 5' },
      { kind: 'static-pie' },
    );
    const loaded = load(linked, 0n);
    const found = relocationsOf(loaded, dynamicTags.relocations, dynamicTags.relocationsSize);
    const table = addressOf(linked, 'table') ?? 0n;
    expect(found.map(({ type, offset, addend }) => [type, BigInt(offset) - table, addend])).toEqual([
      [3, 0n, linked.entry],
      [3, 8n, table + 8n],
    ]);
    expect(linked.segments.some(({ type }) => type === 3n)).toBe(false);
  });
});

describe('thread-local storage', () => {
  const text =
    '.globl _start, b\n_start: lui t0, %tprel_hi(b)\nadd t0, t0, tp, %tprel_add(b)\nld a0, %tprel_lo(b)(t0)\nla.tls.ie t1, b\nla.tls.gd a0, b\n' +
    '.section .tdata, "awT"\na: .dword 1\nb: .dword 2\n.section .tbss, "awT", @nobits\n.balign 64\nc: .zero 8';

  it('a program knows the offset from tp', () => {
    const linked = linkedFiles({ 'a.s': text });
    const got = new DataView(sectionOf(linked, '.got').bytes.buffer);
    // Of `la.tls.ie` the offset; of `la.tls.gd` the module, which is the program, and the offset less 0x800.
    expect([0, 8, 16].map((at) => got.getBigInt64(at, true))).toEqual([8n, 1n, 8n - 0x800n]);
    expect(hex(sectionOf(linked, '.text').bytes.slice(0, 12))).toBe('b7020000' + 'b3824200' + '03b58200');
    const thread = linked.segments.find(({ type }) => type === 7n);
    expect(thread).toMatchObject({ fileSize: 16, memorySize: 72, alignment: 64n });
  });

  it('a shared object asks the loader', () => {
    const loaded = load(linkedFiles({ 'a.s': text.replace(/lui[\s\S]*\(t0\)\n/, '') }, { kind: 'shared' }), 0n);
    const types = relocationsOf(loaded, dynamicTags.relocations, dynamicTags.relocationsSize).map(
      ({ type, symbol }) => [type, symbolAt(loaded, symbol).name],
    );
    expect(types.toSorted()).toEqual([
      [11, 'b'],
      [7, 'b'],
      [9, 'b'],
    ]);
    expect(lookUp(loaded, 'b')?.value).toBe(8n);
    expect(dynamicEntry(loaded, dynamicTags.flags)).toBe(16n);
  });
});
