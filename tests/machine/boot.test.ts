import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Image } from '../../src/engine/image.ts';
import { cacheBlockBytes } from '../../src/engine/isa/cache-blocks.ts';
import { csrByName } from '../../src/engine/isa/csrs.ts';
import { isaExtensions, isaString, largestTranslation } from '../../src/engine/isa/extensions.ts';
import { type BootBoard, type BootFiles, type BootResult, boot } from '../../src/engine/machine/boot/boot.ts';
import { deviceTreeBlob } from '../../src/engine/machine/boot/device-tree.ts';
import { resetVector } from '../../src/engine/machine/boot/reset-vector.ts';
import { imageOf } from './program.ts';
import { cellsOf, everyNode, find, header, readTree, textsOf } from './read-tree.ts';

const mebi = 2 ** 20;
const board: BootBoard = { harts: 2, ram: 256 * mebi };
const tree = readTree(
  deviceTreeBlob({ ...board, bootargs: 'console=ttyS0', initrd: { start: 0x8820_0000, end: 0x8820_1234 } }),
);

describe('the device tree', () => {
  it('has the header of version 17', () => {
    const blob = deviceTreeBlob(board);
    const [magic, total, structureAt, namesAt, reservedAt, version, compatible, hart, names, structure] = header(blob);
    expect([magic, total, version, compatible, hart]).toEqual([0xd00dfeed, blob.length, 17, 16, 0]);
    expect(reservedAt).toBe(40);
    expect((structureAt ?? 0) + (structure ?? 0)).toBe(namesAt);
    expect((namesAt ?? 0) + (names ?? 0)).toBe(total);
  });

  it.each([
    ['/memory@80000000', 'reg', [0, 0x8000_0000, 0, 0x1000_0000]],
    ['/cpus', 'timebase-frequency', [10_000_000]],
    ['/cpus/cpu@1', 'reg', [1]],
    ['/cpus/cpu@1', 'riscv,cboz-block-size', [64]],
    ['/soc/serial@10000000', 'interrupts', [10]],
    ['/soc/rtc@101000', 'interrupts', [11]],
    ['/soc/virtio_mmio@10001000', 'interrupts', [1]],
    ['/soc/virtio_mmio@10008000', 'interrupts', [8]],
    ['/soc/virtio_mmio@10008000', 'reg', [0, 0x1000_8000, 0, 0x1000]],
    ['/soc/plic@c000000', 'reg', [0, 0xc00_0000, 0, 0x60_0000]],
    ['/cpus/cpu@0', 'riscv,cboz-block-size', [cacheBlockBytes]],
    ['/poweroff', 'value', [0x5555]],
    ['/reboot', 'value', [0x7777]],
    ['/chosen', 'linux,initrd-start', [0, 0x8820_0000]],
    ['/chosen', 'linux,initrd-end', [0, 0x8820_1234]],
  ])('says %s %s', (path, property, cells) => {
    expect(cellsOf(find(tree, path), property)).toEqual(cells);
  });

  it.each([
    ['/chosen', 'bootargs', ['console=ttyS0']],
    ['/chosen', 'stdout-path', ['/soc/serial@10000000']],
    ['/soc/test@100000', 'compatible', ['sifive,test1', 'sifive,test0', 'syscon']],
    ['/cpus/cpu@0', 'mmu-type', [`riscv,${largestTranslation()}`]],
    ['/cpus/cpu@0', 'riscv,isa', [isaString()]],
  ])('says %s %s', (path, property, texts) => {
    expect(textsOf(find(tree, path), property)).toEqual(texts);
  });

  it('leads the lines of the interrupt controllers to each hart, machine before supervisor', () => {
    const handles = [0, 1].map((hart) => {
      const controller = find(tree, `/cpus/cpu@${hart}/interrupt-controller`);
      return cellsOf(controller, 'phandle')[0] ?? 0;
    });
    const [first, second] = handles;
    const lines = (path: string): readonly number[] => cellsOf(find(tree, path), 'interrupts-extended');
    expect(lines('/soc/plic@c000000')).toEqual([first, 11, first, 9, second, 11, second, 9]);
    expect(lines('/soc/clint@2000000')).toEqual([first, 3, first, 7, second, 3, second, 7]);
  });

  it('gives no handle twice, and refers only to those given', () => {
    const nodes = everyNode(tree);
    const given = nodes
      .filter(({ properties }) => properties.has('phandle'))
      .map((node) => cellsOf(node, 'phandle')[0]);
    expect(new Set(given).size).toBe(given.length);
    for (const property of ['interrupt-parent', 'regmap', 'cpu']) {
      const used = nodes.filter(({ properties }) => properties.has(property)).map((node) => cellsOf(node, property)[0]);
      expect(used.length).toBeGreaterThan(0);
      expect(used.filter((handle) => !given.includes(handle))).toEqual([]);
    }
  });

  it('names the extensions that misa and the rows have', () => {
    expect(isaString()).toMatch(/^rv64ima[a-z]*(_z[a-z0-9]+)*(_s[a-z0-9]+)*$/);
    const misa = csrByName('misa')?.storage;
    const hasC = misa?.kind === 'constant' && ((misa.value >> 2n) & 1n) === 1n;
    expect(/^rv64[a-z]*c/.test(isaString())).toBe(hasC);
    const updatesBits = csrByName('menvcfg')?.fields.some(({ name }) => name === 'ADUE') ?? false;
    expect(isaExtensions().includes('svadu')).toBe(updatesBits);
    expect(largestTranslation()).toMatch(/^sv(39|48|57)$/);
    expect(textsOf(find(tree, '/cpus/cpu@0'), 'riscv,isa-extensions')).toContain('zicsr');
  });
});

describe('the reset vector', () => {
  it('is that of QEMU, with the fw_dynamic_info behind it', () => {
    const bytes = resetVector({ entry: 0x8000_0000, deviceTree: 0x8fe0_0000, next: 0x8020_0000 });
    const view = new DataView(bytes.buffer);
    const words = Array.from({ length: 6 }, (_, index) => view.getUint32(4 * index, true));
    expect(words).toEqual([0x0000_0297, 0x0282_8613, 0xf140_2573, 0x0202_b583, 0x0182_b283, 0x0002_8067]);
    const doubles = Array.from({ length: 8 }, (_, index) => view.getBigUint64(24 + 8 * index, true));
    expect(doubles).toEqual([0x8000_0000n, 0x8fe0_0000n, 0x4942_534fn, 2n, 0x8020_0000n, 1n, 0n, 0n]);
  });
});

const flat = (size: number): Uint8Array => new Uint8Array(size).fill(0x13);

function linux(size: number, textOffset: number, imageSize: number): Uint8Array {
  const bytes = flat(size);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(8, BigInt.asUintN(64, BigInt(textOffset)), true);
  view.setBigUint64(16, BigInt.asUintN(64, BigInt(imageSize)), true);
  view.setBigUint64(48, 0x56_4353_4952n, true);
  view.setUint32(56, 0x0543_5352, true);
  return bytes;
}

function booted(files: BootFiles, on: BootBoard = board): Extract<BootResult, { ok: true }> {
  const result = boot(on, files);
  if (!result.ok) throw new Error(result.message);
  return result;
}

const starts = (files: BootFiles, on: BootBoard = board): Record<string, number> =>
  Object.fromEntries(booted(files, on).placements.map(({ what, start }) => [what, start]));

/** Where the reset vector jumps to, and where firmware would go on. */
function entries(image: Image): readonly bigint[] {
  const rom = image.segments.find(({ physical }) => physical === 0x1000)?.bytes ?? new Uint8Array(88);
  const view = new DataView(rom.buffer, rom.byteOffset);
  return [view.getBigUint64(24, true), view.getBigUint64(56, true)];
}

describe('booting', () => {
  it.each<[string, BootFiles, Record<string, number>]>([
    ['a kernel alone', { kernel: flat(100) }, { kernel: 0x8000_0000 }],
    [
      'a kernel behind firmware',
      { firmware: flat(100), kernel: flat(9) },
      { firmware: 0x8000_0000, kernel: 0x8020_0000 },
    ],
    [
      'a kernel behind large firmware',
      { firmware: flat(2 * mebi + 1), kernel: flat(9) },
      { firmware: 0x8000_0000, kernel: 0x8040_0000 },
    ],
    [
      'Linux behind firmware',
      { firmware: flat(100), kernel: linux(100, 0x20_0000, 0) },
      { firmware: 0x8000_0000, kernel: 0x8020_0000 },
    ],
    [
      'Linux behind large firmware',
      { firmware: flat(3 * mebi), kernel: linux(100, 0x20_0000, 0) },
      { firmware: 0x8000_0000, kernel: 0x8040_0000 },
    ],
    ['Linux in M-mode', { kernel: linux(100, 0, 0) }, { kernel: 0x8000_0000 }],
    ['an initrd', { kernel: flat(100), initrd: flat(10) }, { kernel: 0x8000_0000, initrd: 0x8800_0000 }],
    [
      'an ELF kernel',
      { firmware: flat(9), kernel: imageOf([0x13], 0x8123_4000) },
      { firmware: 0x8000_0000, kernel: 0x8123_4000 },
    ],
  ])('places %s', (_, files, expected) => {
    expect(starts(files)).toEqual({ ...expected, 'device tree': 0x8fe0_0000 });
  });

  it('keeps room for the data that an Image has behind its file', () => {
    const { placements } = booted({ kernel: linux(100, 0, 3 * mebi) });
    expect(placements[0]).toEqual({ what: 'kernel', start: 0x8000_0000, end: 0x8030_0000 });
  });

  it('puts the device tree below 3 GiB however much RAM there is', () => {
    expect(starts({ kernel: flat(4) }, { harts: 1, ram: 2 ** 31 })['device tree']).toBe(0xbfe0_0000);
  });

  it('finds room in a small machine', () => {
    const small = { harts: 1, ram: mebi };
    const { kernel, initrd, 'device tree': blob } = starts({ kernel: flat(100), initrd: flat(100) }, small);
    expect([kernel, initrd]).toEqual([0x8000_0000, 0x8000_1000]);
    expect(blob).toBeLessThan(0x8010_0000);
    expect(blob).toBeGreaterThan(0x800f_0000);
  });

  it('enters the firmware and tells it where the kernel is', () => {
    const both = booted({ firmware: imageOf([0x13], 0x8000_1000), kernel: flat(9) });
    expect(both.image.entry).toBe(0x1000n);
    expect(entries(both.image)).toEqual([0x8000_1000n, 0x8020_0000n]);
    expect(entries(booted({ kernel: imageOf([0x13], 0x8000_4000) }).image)).toEqual([0x8000_4000n, 0n]);
  });

  it('tells the kernel its command line, where its initrd is, and a seed that is the same every time', () => {
    const { image, placements } = booted({ kernel: flat(100), initrd: flat(77), append: 'quiet' });
    const at = placements.find(({ what }) => what === 'device tree')?.start;
    const blob = image.segments.find(({ physical }) => physical === at)?.bytes ?? new Uint8Array();
    const chosen = find(readTree(blob), '/chosen');
    expect(textsOf(chosen, 'bootargs')).toEqual(['quiet']);
    expect(cellsOf(chosen, 'linux,initrd-end')).toEqual([0, 0x8800_0000 + 77]);
    expect(chosen.properties.get('rng-seed')).toHaveLength(32);
    expect(booted({ kernel: flat(100), initrd: flat(77), append: 'quiet' }).image).toEqual(image);
  });

  it('answers whatever it is given, and never throws', () => {
    const word = fc.oneof(fc.nat(0xffff_ffff), fc.constantFrom(0x20_0000, 0x5643_5352, 0x0543_5352, 0x56));
    const bytes = fc.array(word, { maxLength: 40 }).map((words) => new Uint8Array(Uint32Array.from(words).buffer));
    const linuxLike = fc
      .tuple(bytes, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }))
      .map(([tail, offset, size]) => Uint8Array.of(...linux(64, Number(offset), Number(size)), ...tail));
    const payload = fc.option(fc.oneof(bytes, linuxLike), { nil: undefined });
    fc.assert(
      fc.property(payload, payload, fc.integer({ min: 1, max: 2 ** 19 }), (firmware, kernel, pages) => {
        const on = { harts: 1, ram: 4096 * pages };
        const result = boot(on, { ...(firmware && { firmware }), ...(kernel && { kernel }) });
        if (!result.ok) {
          expect(result.message).toMatch(/\.$/);
          return;
        }
        const spans = [...result.placements].sort((a, b) => a.start - b.start);
        spans.forEach(({ start, end }, index) => {
          expect(start).toBeGreaterThanOrEqual(spans[index - 1]?.end ?? 0x8000_0000);
          expect(end).toBeLessThanOrEqual(0x8000_0000 + on.ram);
        });
      }),
    );
  });

  it.each<[string, BootFiles, RegExp]>([
    ['nothing', {}, /nothing to boot/],
    ['an empty kernel', { kernel: flat(0) }, /kernel is empty/],
    ['gzip', { kernel: Uint8Array.of(0x1f, 0x8b, 8, 0) }, /kernel is compressed by gzip/],
    ['a raw ELF file', { firmware: Uint8Array.of(0x7f, 0x45, 0x4c, 0x46) }, /firmware is an ELF file/],
    ['a kernel larger than RAM', { kernel: flat(257 * mebi) }, /kernel would lie at .* Give the board more RAM/],
    ['a kernel outside of RAM', { kernel: imageOf([0x13], 0x1000_0000) }, /kernel would lie at 0x10000000/],
    ['two at one place', { firmware: flat(9), kernel: imageOf([0x13], 0x8000_0000) }, /overwrite/],
    ['an initrd without room', { kernel: flat(9), initrd: flat(256 * mebi) }, /initrd/],
    ['a source for a tree', { kernel: flat(9), dtb: flat(40) }, /d0 0d fe ed/],
    ['an own tree and a command line', { kernel: flat(9), dtb: deviceTreeBlob(board), append: 'x' }, /bootargs/],
  ])('refuses %s, and says why', (_, files, message) => {
    expect(boot(board, files)).toMatchObject({ ok: false, message: expect.stringMatching(message) });
  });
});
