/** The hypervisor of `7-shadow-paging` is right for other guests than its own; and its guest is right without it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { readLibraryTexts } from '../../src/cli/library-texts.ts';
import type { Image } from '../../src/engine/image.ts';
import { boot } from '../../src/engine/machine/boot/boot.ts';
import { createMachine, defaultBoard } from '../../src/engine/machine/machine.ts';
import { build, type Source } from '../../src/engine/toolchain/build.ts';
import { readExample } from '../../src/labs/examples.ts';
import { firmwareImage } from '../../src/labs/firmware.ts';
import { guestLibrary } from '../../src/labs/guest-library.ts';
import { firmwareTexts } from '../guests/supervisor.ts';

// Each builds a hypervisor.
vi.setConfig({ testTimeout: 60_000 });

const folder = fileURLToPath(new URL('../../content/examples/7-shadow-paging', import.meta.url));
const texts = Object.fromEntries(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
const { gives } = readExample('7-shadow-paging', texts);
const library = guestLibrary(readLibraryTexts());
const ram = 16 << 20;

interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

function edited(edits: readonly Edit[]): Source[] {
  const changed = { ...texts };
  for (const { file, from, to } of edits) {
    const text = changed[file] ?? '';
    if (!text.includes(from)) throw new Error(`${file} has no \`${from}\``);
    changed[file] = text.replace(from, () => to);
  }
  const sources = Object.entries(changed).map(([name, text]) => ({ name, text }));
  return sources.filter(({ name }) => !name.endsWith('.yaml'));
}

function built(sources: readonly Source[]): Image {
  const result = build(sources, { library, debug: false });
  const said = result.diagnostics.map(({ file, line, message }) => `${file}:${line}: ${message}`);
  if (!result.ok || said.length > 0) throw new Error(said.join('\n'));
  return result.image;
}

async function run(image: Image): Promise<{ code: number | undefined; console: string }> {
  const machine = await createMachine({ ...defaultBoard, ram });
  machine.load(image);
  const stop = machine.run(20_000_000);
  return {
    code: stop.kind === 'exit' ? stop.code : undefined,
    console: new TextDecoder().decode(machine.output()),
  };
}

/** The guest's part of the console. */
const guestSaid = (console: string): string => console.split('[hypervisor')[0] ?? '';

it('the guest says the same under firmware, in S-mode', async () => {
  const guest = edited([
    { file: 'layout.ld', from: 'ENTRY(machine_start)', to: 'ENTRY(guest_start)' },
    { file: 'layout.ld', from: 'guest_memory = 0x80a00000', to: 'guest_memory = 0x80200000' },
  ]).filter(({ name }) => /^(guest|user|layout)\./.test(name));
  const booted = boot({ harts: 1, ram }, { firmware: firmwareImage(firmwareTexts), kernel: built(guest) });
  if (!booted.ok) throw new Error(booted.message);
  const { code, console } = await run(booted.image);
  expect([code, console.slice(console.indexOf('kernel:'))]).toEqual([0, guestSaid(gives.console)]);
});

const lastAct = 'print((volatile char *)KERNEL);';
const lastActs = (to: string): Edit => ({ file: 'user.c', from: lastAct, to });
const atFirst = (to: string): Edit => ({ file: 'guest.c', from: 'put("kernel: Sv39 is on\\n");', to });

const afterPrinting = (to: string): Edit => ({
  file: 'guest.c',
  from: 'csr_clear(sstatus, STATUS_SUM);',
  to: `csr_clear(sstatus, STATUS_SUM);\n${to}`,
});

const stopped = (address: string): string =>
  `kernel: the user is stopped for its access to 0x${address.padStart(16, '0')}`;

describe('what the guest may not do', () => {
  it.each<[string, Edit, string]>([
    ['its user executes the kernel', lastActs('((void (*)(void))KERNEL)();'), stopped('80200000')],
    ['its user writes to a page without W', lastActs('window[8] = 0;'), stopped('40010008')],
    ['its user reads what is not mapped', lastActs('print((char *)0x40100000);'), stopped('40100000')],
    ['its user reads the hypervisor', lastActs('print((char *)0x80000000);'), stopped('80000000')],
    ['its user reads where no address is', lastActs('print((char *)(WINDOW + (1UL << 39)));'), stopped('8040010000')],
    ['its user touches a CSR', lastActs('__asm__ volatile("csrr a0, sstatus");'), stopped('10002573')],
    ['its user executes sret', lastActs('__asm__ volatile("sret");'), stopped('10200073')],
    ['its user computes with floating point', lastActs('__asm__ volatile("fmv.d.x f0, x0");'), stopped('f2000053')],
    [
      'its tables lead out of its memory',
      { file: 'guest.c', from: '&heap[page - HEAP]', to: '(char *)0x80000000 + (page - HEAP)' },
      stopped('40020000'),
    ],
  ])('%s: its kernel is told', async (_, edit, said) => {
    const { code, console } = await run(built(edited([edit])));
    expect([code, console]).toEqual([0, expect.stringContaining(said)]);
  });

  it.each<[string, Edit]>([
    ['touches a user page without SUM', { file: 'guest.c', from: 'csr_set(sstatus, STATUS_SUM);', to: '' }],
    ['touches a user page with SUM, and then without', afterPrinting('(void)*from;')],
    [
      'executes a user page, with SUM',
      atFirst(`map_user(HEAP, heap, PTE_READ | PTE_EXECUTE);
        *(uint16_t *)heap = 0x8082; /* ret */
        csr_set(sstatus, STATUS_SUM);
        (void)*(volatile char *)HEAP;
        ((void (*)(void))HEAP)();`),
    ],
    ['writes to its code', atFirst('*(volatile char *)KERNEL = 0;')],
    ['uses a CSR of M-mode', atFirst('csr_write(mscratch, 0);')],
    [
      'reads behind a leaf of 2 MiB that it has taken away, and fenced by another address',
      atFirst(`volatile char *alias = (volatile char *)(KERNEL + 0x200000);
        kernel_directory[2] = pte_of(KERNEL, PTE_READ | PTE_VALID);
        char c = alias[5 * PAGE]; (void)c;
        kernel_directory[2] = 0;
        fence_page((uintptr_t)alias);
        c = alias[5 * PAGE];`),
    ],
    ['reads an executable page without R', atFirst(executeOnly(''))],
  ])('its kernel %s: it traps into itself, and gives up', async (_, edit) => {
    const { code } = await run(built(edited([edit])));
    expect(code).toBe(1);
  });
});

/** A page of the kernel's that can only be executed, read after `setup`. */
function executeOnly(setup: string): string {
  return `kernel_table[511] = pte_of(KERNEL, PTE_EXECUTE | PTE_VALID);
    ${setup}
    char c = *(volatile char *)(KERNEL + 511 * PAGE); (void)c;`;
}

it('a trap tells the mode that it came from', async () => {
  const asked = edited([
    { file: 'guest.c', from: 'sbi_shutdown(true)', to: 'sbi_shutdown((csr_read(sstatus) & STATUS_SPP) == 0)' },
    atFirst('*(volatile char *)KERNEL = 0;'),
  ]);
  expect((await run(built(asked))).code).toBe(0);
});

describe('what it may do', () => {
  it.each<[string, readonly Edit[]]>([
    [
      'a leaf of 2 MiB, fenced by one address in it',
      [
        {
          file: 'guest.c',
          from: 'attach(KERNEL, kernel_directory, kernel_table);',
          to: `attach(KERNEL, kernel_directory, kernel_table);
            kernel_directory[1] = pte_of(KERNEL, PTE_READ | PTE_WRITE | PTE_EXECUTE | PTE_VALID);`,
        },
      ],
    ],
    [
      'a leaf of 1 GiB',
      [
        {
          file: 'guest.c',
          from: 'attach(KERNEL, kernel_directory, kernel_table);',
          to: 'root[2] = pte_of(0x80000000, PTE_READ | PTE_WRITE | PTE_EXECUTE | PTE_VALID); attach(0, kernel_directory, kernel_table);',
        },
      ],
    ],
    ['wfi, with nothing to wait for', [atFirst('__asm__ volatile("wfi"); put("kernel: Sv39 is on\\n");')]],
    [
      'no translation again, and then again, without a fence',
      [
        atFirst(`volatile char *page = (volatile char *)KERNEL + 511 * PAGE;
          kernel_table[511] = pte_of((uintptr_t)sea, PTE_READ | PTE_VALID);
          uint64_t was = csr_swap(satp, 0);
          char without = page[0];
          csr_write(satp, was);
          if (without != 0 || page[0] != 'u') return 0;
          put("kernel: Sv39 is on\\n");`),
      ],
    ],
    [
      'see that U-mode has 64 bits, which cannot be changed',
      [
        atFirst(`csr_write(sstatus, 0);
          if (csr_read(sstatus) != 2UL << 32) return 0;
          put("kernel: Sv39 is on\\n");`),
      ],
    ],
    [
      'ask for more text than it has memory',
      [
        atFirst(`if (sbi_console_write((void *)KERNEL, 0x200001).error != SBI_INVALID_PARAM) return 0;
          put("kernel: Sv39 is on\\n");`),
      ],
    ],
    ['a mode of satp that there is not', [atFirst('csr_write(satp, 9UL << 60); put("kernel: Sv39 is on\\n");')]],
    [
      'an executable page, read with MXR',
      [atFirst(`${executeOnly('csr_set(sstatus, STATUS_MXR);')} put("kernel: Sv39 is on\\n");`)],
    ],
    [
      'more address space than there is memory for shadows',
      [
        { file: 'hypervisor.c', from: 'memory_start(guest_memory)', to: 'memory_start(guest_memory - 0x9c0000)' },
        atFirst(`for (int i = 3; i < 100; i++) root[i] = root[KERNEL >> 30];
          for (uint64_t i = 3; i < 100; i++) if (*(volatile uint64_t *)((i << 30) + 0x200000) == 0) return 0;
          put("kernel: Sv39 is on\\n");`),
      ],
    ],
  ])('%s', async (_, edits) => {
    const { code, console } = await run(built(edited(edits)));
    expect([code, guestSaid(console)]).toEqual([0, guestSaid(gives.console)]);
  });

  it('forget a fence: it sees the old page until there is one', async () => {
    const forgotten = edited([
      { file: 'guest.c', from: 'hills, PTE_READ);\n  fence_page(WINDOW);', to: 'hills, PTE_READ);' },
    ]);
    const { console } = await run(built(forgotten));
    expect(console.match(/the sea|the hills/g)).toEqual(['the sea', 'the sea']);
  });
});
