import { describe, expect, it } from 'vitest';
import { readFirmwareTexts } from '../../src/cli/run/guest-files.ts';
import { defaultCosts } from '../../src/engine/machine/costs.ts';
import { createMachine } from '../../src/engine/machine/machine.ts';
import { boardOf, buildRun, loadInto, runExperiment } from '../../src/labs/experiment.ts';
import type { Lesson } from '../../src/labs/lesson.ts';
import { defaultMachine, machineSchema, settingsOf, sizeText, writeSettings } from '../../src/labs/machine-settings.ts';

const run = { name: 'main', budget: 1_000_000, define: {} };
const end = '\tli t0, 0x100000\n\tli t1, 0x5555\n\tsw t1, 0(t0)\n';

function labOf(text: string, parts: Partial<Lesson> = {}): Lesson {
  return {
    slug: 'a',
    title: 'A',
    summary: 'a',
    version: 1,
    minutes: 1,
    machine: defaultMachine,
    files: [{ name: 'a.S', mode: 'edit', text }],
    runs: [run],
    checks: [],
    wrong: [],
    cells: [],
    measures: [],
    ...parts,
  };
}

describe('the machine of a lab', () => {
  const written = {
    ram: '64 MiB',
    harts: 2,
    boot: 'firmware',
    tlb: { instruction: 4, data: 8 },
    costs: { trap: 99 },
    disk: { size: '1 MiB', file: 'words.txt' },
    devices: ['entropy'],
  } as const;

  it('is written as it was read', () => {
    const settings = settingsOf(machineSchema.parse(written));
    expect(writeSettings(settings)).toEqual(written);
    expect(writeSettings(defaultMachine)).toEqual({ ram: '16 MiB' });
  });

  it.each([
    [4096, '4 KiB'],
    [1536 * 1024, '1536 KiB'],
    [2 ** 31, '2 GiB'],
  ])('writes %i bytes as %s', (bytes, text) => {
    expect(sizeText(bytes)).toBe(text);
  });

  it.each([
    ['no RAM', { ram: '0 MiB' }],
    ['part of a page', { ram: '5 KiB' }],
    ['more RAM than the board has places for', { ram: '3 GiB' }],
    ['no hart', { ram: '1 MiB', harts: 0 }],
    ['nine harts', { ram: '1 MiB', harts: 9 }],
    ['a disk of nothing', { ram: '1 MiB', disk: {} }],
    ['a cost of nothing known', { ram: '1 MiB', costs: { naps: 3 } }],
    ['a device of nothing known', { ram: '1 MiB', devices: ['toaster'] }],
  ])('refuses %s', (_, given) => {
    expect(machineSchema.safeParse(given).success).toBe(false);
  });

  it('becomes a board with its disk in slot 0, which begins with the file', () => {
    const lesson = labOf('', { machine: settingsOf(machineSchema.parse(written)) });
    const board = boardOf({ ...lesson, files: [{ name: 'words.txt', mode: 'read', text: 'abc' }] });
    expect(board).toMatchObject({ ram: 64 * 2 ** 20, harts: 2, costs: { ...defaultCosts, trap: 99 } });
    expect(board.virtio).toEqual([
      { kind: 'block', base: Uint8Array.of(97, 98, 99), size: 2 ** 20 },
      { kind: 'entropy', seed: 1 },
    ]);
  });
});

describe('what a lab boots', () => {
  const firmware = readFirmwareTexts();
  const underFirmware = { ...defaultMachine, boot: 'firmware' } as const;

  it('is its program alone, in M-mode', async () => {
    const result = await runExperiment(labOf(`_start:\tcsrr s0, mhartid\n${end}`), run, {}, 0);
    expect(result.ok && result.observed.exit).toEqual({ reason: 'exit', code: 0 });
  });

  it('is the program under the firmware, in S-mode, with its own names first', async () => {
    const text = `\t.globl _start\n_start:\tli a7, 1\n\tli a0, 'k'\n\tecall\n${end}`;
    const lesson = labOf(text, { machine: underFirmware, firmware });
    const result = await runExperiment(lesson, run, {}, 0);
    expect(result.ok && result.observed.console).toBe('k');
    const built = buildRun(lesson, run, {}, 0);
    if (!built.ok) throw new Error('it builds');
    expect(built.image.symbols.find(({ name }) => name === '_start')?.address).toBe(0x8020_0000n);
    expect(built.image.lines.some(({ file }) => file === 'firmware/trap.S')).toBe(true);
    const machine = await createMachine(boardOf(lesson));
    expect(loadInto(machine, built.image)).toBeUndefined();
  });

  it('is an attached file in place of the sources', async () => {
    const code = Uint8Array.of(0xb7, 0x02, 0x10, 0x00, 0x37, 0x53, 0x00, 0x00, 0x1b, 0x03, 0x53, 0x55);
    const store = Uint8Array.of(0x23, 0xa0, 0x62, 0x00);
    const bytes = Uint8Array.of(...code, ...store);
    const lesson = labOf('broken', { kernel: 'k.bin', attachments: [{ name: 'k.bin', bytes }] });
    const result = await runExperiment(lesson, run, {}, 0);
    expect(result.ok && result.observed.exit).toEqual({ reason: 'exit', code: 0 });
  });

  it.each([
    ['is missing', [], /no file `k\.elf`/],
    ['is damaged', [{ name: 'k.elf', bytes: Uint8Array.of(0x7f, 0x45, 0x4c, 0x46) }], /k\.elf/],
    ['is compressed', [{ name: 'k.elf', bytes: Uint8Array.of(0x1f, 0x8b, 0) }], /gzip/],
  ])('says so where the file %s', (_, attachments, message) => {
    const built = buildRun(labOf('', { kernel: 'k.elf', attachments }), run, {}, 0);
    expect(built.ok ? '' : built.diagnostics[0]?.message).toMatch(message);
  });
});
