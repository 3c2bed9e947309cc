/** What lies where when the board is switched on, as QEMU's `virt` places it (`hw/riscv/boot.c`). */
import type { Image, Segment } from '../../image.ts';
import { ramBase } from '../memory-map.ts';
import { Random } from '../random.ts';
import { deviceTreeBlob } from './device-tree.ts';
import {
  isBytes,
  linuxHeader,
  megabytes2,
  type Payload,
  type Placed,
  refusal,
  roundDown,
  roundUp,
  segmentAt,
} from './payload.ts';
import { resetAddress, resetVector } from './reset-vector.ts';

export interface BootBoard {
  readonly harts: number;
  /** Bytes of RAM. */
  readonly ram: number;
  /** What the kernel's `rng-seed` is made from. */
  readonly seed?: number;
}

export interface BootFiles {
  /** Runs in M-mode, flat ones at the start of RAM. Without it the kernel is entered in M-mode. */
  readonly firmware?: Payload;
  readonly kernel?: Payload;
  readonly initrd?: Uint8Array;
  /** Kernel command line. */
  readonly append?: string;
  /** In place of the one that is made from the board. */
  readonly dtb?: Uint8Array;
}

/** A part of memory that was filled: `end` is the first address behind it. */
export interface Placement {
  readonly what: 'firmware' | 'kernel' | 'initrd' | 'device tree';
  readonly start: number;
  readonly end: number;
}

export type BootResult =
  | { readonly ok: true; readonly image: Image; readonly placements: readonly Placement[] }
  | { readonly ok: false; readonly message: string };

class BootError extends Error {}

const pageBytes = 4096;
/** Firmware and 32-bit kernels reach the device tree below this. */
const deviceTreeLimit = 3 * 2 ** 30;
const furthestInitrd = 128 * 2 ** 20;
const hex = (value: number): string => `0x${value.toString(16)}`;
const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;

/** Pure. The image's entry is the reset vector, whose code enters the firmware (or, without one, the kernel). */
export function boot(board: BootBoard, files: BootFiles): BootResult {
  try {
    return place(board, files);
  } catch (error) {
    if (error instanceof BootError) return { ok: false, message: error.message };
    throw error;
  }
}

function place(board: BootBoard, files: BootFiles): BootResult {
  const firmware = files.firmware === undefined ? undefined : placeFirmware(files.firmware);
  const kernel = files.kernel === undefined ? undefined : placeKernel(files.kernel, endOf(firmware));
  const first = firmware ?? kernel;
  if (first === undefined) throw new BootError('There is nothing to boot: give the board firmware or a kernel.');
  const initrd = files.initrd === undefined ? undefined : placeInitrd(board, files.initrd, kernel ?? first);
  const tree = placeTree(board, files, initrd, Math.max(endOf(firmware), endOf(kernel), initrd?.end ?? 0));
  const next = firmware !== undefined && kernel !== undefined ? kernel.entry : 0;
  const vector = resetVector({ entry: first.entry, deviceTree: tree.segment.physical, next });
  const placements: Placement[] = [
    ...spans('firmware', firmware?.segments),
    ...spans('kernel', kernel?.segments),
    ...spans('initrd', initrd && [initrd.segment]),
    ...spans('device tree', [tree.segment]),
  ];
  checkPlacements(board, placements);
  const segments = [
    segmentAt(resetAddress, vector),
    ...(firmware?.segments ?? []),
    ...(kernel?.segments ?? []),
    ...(initrd === undefined ? [] : [initrd.segment]),
    tree.segment,
  ];
  return { ok: true, image: withSymbols(segments, [files.firmware, files.kernel]), placements };
}

function withSymbols(segments: readonly Segment[], payloads: readonly (Payload | undefined)[]): Image {
  const images = payloads.flatMap((payload) => (payload === undefined || isBytes(payload) ? [] : [payload]));
  return {
    entry: BigInt(resetAddress),
    segments,
    symbols: images.flatMap(({ symbols }) => symbols),
    lines: images.flatMap(({ lines }) => lines).sort((a, b) => (a.address < b.address ? -1 : 1)),
  };
}

function placeFirmware(payload: Payload): Placed {
  if (!isBytes(payload)) return placeImage(payload);
  refuse('firmware', payload);
  return { entry: ramBase, segments: [segmentAt(ramBase, payload)] };
}

/** A flat kernel starts at the next 2 MiB behind the firmware; a Linux `Image` `text_offset` behind such a place. */
function placeKernel(payload: Payload, firmwareEnd: number): Placed {
  if (!isBytes(payload)) return placeImage(payload);
  refuse('kernel', payload);
  const header = linuxHeader(payload) ?? { textOffset: 0, imageSize: 0 };
  const free = Math.max(0, firmwareEnd - ramBase - header.textOffset);
  const entry = ramBase + roundUp(free, megabytes2) + header.textOffset;
  return { entry, segments: [segmentAt(entry, payload, Math.max(payload.length, header.imageSize))] };
}

const placeImage = (image: Image): Placed => ({ entry: Number(image.entry), segments: image.segments });

/** Far enough behind the kernel that it may unpack itself: half of RAM, at most 128 MiB; else right behind it. */
function placeInitrd(board: BootBoard, bytes: Uint8Array, kernel: Placed): { segment: Segment; end: number } {
  const behind = roundUp(endOf(kernel), pageBytes);
  const far = roundUp(kernel.entry + Math.min(board.ram / 2, furthestInitrd), pageBytes);
  const limit = roundDown(treeLimit(board) - 1, megabytes2);
  const start = far >= behind && far + bytes.length <= limit ? far : behind;
  return { segment: segmentAt(start, bytes), end: start + bytes.length };
}

/** As high as possible, on a border of 2 MiB, or of 4 KiB where RAM is too small for that. */
function placeTree(
  board: BootBoard,
  files: BootFiles,
  initrd: { segment: Segment; end: number } | undefined,
  behind: number,
): { segment: Segment } {
  const bytes = files.dtb ?? makeTree(board, files.append, initrd);
  if (files.dtb !== undefined) checkTree(files.dtb, files.append, initrd !== undefined);
  const highest = treeLimit(board) - bytes.length;
  const start = roundDown(highest, megabytes2);
  return { segment: segmentAt(start >= Math.max(behind, ramBase) ? start : roundDown(highest, pageBytes), bytes) };
}

const treeLimit = (board: BootBoard): number => Math.min(ramBase + board.ram, deviceTreeLimit);

function makeTree(
  board: BootBoard,
  append: string | undefined,
  initrd: { segment: Segment; end: number } | undefined,
): Uint8Array {
  const randomSeed = new Uint8Array(32);
  new Random(board.seed ?? 0).fill(randomSeed);
  return deviceTreeBlob({
    harts: board.harts,
    ram: board.ram,
    randomSeed,
    ...(append === undefined ? {} : { bootargs: append }),
    ...(initrd === undefined ? {} : { initrd: { start: initrd.segment.physical, end: initrd.end } }),
  });
}

function checkTree(dtb: Uint8Array, append: string | undefined, initrd: boolean): void {
  const [a, b, c, d] = dtb;
  if (a !== 0xd0 || b !== 0x0d || c !== 0xfe || d !== 0xed) {
    throw new BootError(
      'The device tree is not a flattened one: it does not begin with d0 0d fe ed. Compile it with dtc.',
    );
  }
  if (append !== undefined || initrd) {
    const what = append !== undefined ? 'a command line (bootargs)' : 'an initrd (linux,initrd-start)';
    throw new BootError(`A device tree that you bring has to name ${what} itself: nothing is written into it.`);
  }
}

function refuse(what: string, bytes: Uint8Array): void {
  const why = refusal(bytes);
  if (why !== undefined) throw new BootError(`The ${what} ${why}.`);
}

const endOf = (placed: Placed | undefined): number =>
  Math.max(ramBase, ...(placed?.segments ?? []).map(({ physical, size }) => physical + size));

const spans = (what: Placement['what'], segments: readonly Segment[] | undefined): Placement[] =>
  (segments ?? [])
    .filter(({ size }) => size > 0)
    .map(({ physical, size }) => ({ what, start: physical, end: physical + size }));

function checkPlacements(board: BootBoard, placements: readonly Placement[]): void {
  const ramEnd = ramBase + board.ram;
  for (const { what, start, end } of placements) {
    if (start >= ramBase && end <= ramEnd) continue;
    const ram = `RAM goes from ${hex(ramBase)} to ${hex(ramEnd - 1)} (${mebibytes(board.ram)})`;
    throw new BootError(
      `The ${what} would lie at ${hex(start)} to ${hex(end - 1)}, but ${ram}. Give the board more RAM.`,
    );
  }
  const inOrder = [...placements].sort((a, b) => a.start - b.start);
  inOrder.forEach((each, index) => {
    const before = inOrder[index - 1];
    if (before === undefined || before.end <= each.start) return;
    throw new BootError(
      `The ${each.what} at ${hex(each.start)} would overwrite the ${before.what}, which reaches to ${hex(before.end - 1)}. ` +
        'Link one of them elsewhere, or give the board more RAM.',
    );
  });
}
