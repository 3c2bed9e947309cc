/** Files that a machine is started with, read and made ready, with errors for people. */
import { closeSync, existsSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Image } from '../../engine/image.ts';
import { type BootFiles, boot } from '../../engine/machine/boot/boot.ts';
import type { Payload } from '../../engine/machine/boot/payload.ts';
import { build } from '../../engine/toolchain/build.ts';
import { type FirmwareTexts, firmwareFiles, firmwareImage } from '../../labs/firmware.ts';
import { guestLibrary } from '../../labs/guest-library.ts';
import { payloadOf } from '../../labs/payload.ts';
import { CannotRun } from '../cannot-run.ts';
import { readLibraryTexts } from '../library-texts.ts';
import type { RunOptions } from './options.ts';

const firmwareFolder = fileURLToPath(new URL('../../../content/guests/firmware', import.meta.url));
const mostBytes = 2 ** 31;
/** Where kernels are linked that follow firmware, and those that do not. */
const origins = { behindFirmware: 0x8020_0000n, alone: 0x8000_0000n } as const;

/** `what` names the file in a message. Throws a `CannotRun`. */
export function readBytes(what: string, path: string): Uint8Array {
  if (!existsSync(path)) throw new CannotRun(`There is no file \`${path}\` for the ${what}.`);
  const stats = statSync(path);
  if (!stats.isFile()) throw new CannotRun(`\`${path}\`, for the ${what}, is not a file.`);
  if (stats.size > mostBytes) throw new CannotRun(`\`${path}\` has ${stats.size} bytes: no ${what} is that large.`);
  try {
    return readFileSync(path);
  } catch (error) {
    throw new CannotRun(`\`${path}\` cannot be read: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

/** Writes blocks, by number, into a disk's file; the file keeps its size. */
export function writeDisk(path: string, blocks: ReadonlyMap<number, Uint8Array>): void {
  const { size } = statSync(path);
  const file = openSync(path, 'r+');
  try {
    for (const [block, bytes] of blocks) {
      const start = block * bytes.length;
      writeSync(file, bytes, 0, Math.max(0, Math.min(bytes.length, size - start)), start);
    }
  } finally {
    closeSync(file);
  }
}

export function readFirmwareTexts(): FirmwareTexts {
  const entries = firmwareFiles.map((name) => [name, readFileSync(join(firmwareFolder, name), 'utf8')]);
  return Object.fromEntries(entries) as FirmwareTexts;
}

/** C is laid out by the guest library's script, which names its start-up code; assembly brings its own. */
function built(path: string, alone: boolean): Image {
  const texts = readLibraryTexts();
  const source = { name: basename(path), text: new TextDecoder().decode(readBytes('kernel', path)) };
  const script = alone ? 'm-mode.ld' : 's-mode.ld';
  const layout = path.endsWith('.c') ? [{ name: script, text: texts[script] ?? '' }] : [];
  const origin = alone ? origins.alone : origins.behindFirmware;
  const result = build([source, ...layout], { origin, library: guestLibrary(texts) });
  if (result.ok) return result.image;
  const lines = result.diagnostics.map(
    ({ file, line, column, message, hint }) => `${file}:${line}:${column}: ${message}${hint ? ` (${hint})` : ''}`,
  );
  throw new CannotRun(lines.join('\n'));
}

function payload(what: string, path: string): Payload {
  const result = payloadOf(path, readBytes(what, path));
  if (!result.ok) throw new CannotRun(result.message);
  return result.payload;
}

function firmwareOf({ firmware }: RunOptions): Payload | undefined {
  if (firmware === 'none') return undefined;
  return firmware === undefined ? firmwareImage(readFirmwareTexts()) : payload('firmware', firmware);
}

function kernelOf({ kernel, firmware }: RunOptions): Payload | undefined {
  if (kernel === undefined) return undefined;
  return /\.(?:[sS]|c)$/.test(kernel) ? built(kernel, firmware === 'none') : payload('kernel', kernel);
}

/** What lies in memory when the machine is switched on. Throws a `CannotRun`. */
export function bootImage(options: RunOptions): Image {
  const { kernel, firmware, initrd, append, dtb } = options;
  if (kernel === undefined && (firmware === undefined || firmware === 'none')) {
    throw new CannotRun('`run` needs a kernel: an ELF file, a Linux Image, a flat binary, assembly (.S) or C (.c).');
  }
  const firmwarePayload = firmwareOf(options);
  const kernelPayload = kernelOf(options);
  const files: BootFiles = {
    ...(firmwarePayload && { firmware: firmwarePayload }),
    ...(kernelPayload && { kernel: kernelPayload }),
    ...(initrd !== undefined && { initrd: readBytes('initrd', initrd) }),
    ...(append !== undefined && { append }),
    ...(dtb !== undefined && { dtb: readBytes('device tree', dtb) }),
  };
  const result = boot({ harts: options.harts, ram: options.memory }, files);
  if (!result.ok) throw new CannotRun(result.message);
  return result.image;
}
