/** What a lab's machine is switched on with: the built program alone, or placed by the firmware's side as boards do. */
import type { Image } from '../engine/image.ts';
import { type BootFiles, boot } from '../engine/machine/boot/boot.ts';
import type { Payload } from '../engine/machine/boot/payload.ts';
import type { BuildResult } from '../engine/toolchain/build.ts';
import { type FirmwareTexts, firmwareImage, inFirmwareFolder } from './firmware.ts';
import type { Lesson } from './lesson.ts';
import { payloadOf } from './payload.ts';

/** Where a program is linked that follows the firmware. */
const behindFirmware = 0x8020_0000n;

export const originOf = ({ machine }: Lesson): { readonly origin?: bigint } =>
  machine.boot === 'firmware' ? { origin: behindFirmware } : {};

/** An attachment, or a text of the lesson as it was given. */
export function attachedBytes(lesson: Lesson, name: string): Uint8Array | undefined {
  const attached = lesson.attachments?.find((each) => each.name === name)?.bytes;
  const text = lesson.files.find((each) => each.name === name)?.text;
  return attached ?? (text === undefined ? undefined : new TextEncoder().encode(text));
}

const failed = (file: string, message: string): BuildResult => ({
  ok: false,
  diagnostics: [{ severity: 'error', file, line: 1, column: 1, endColumn: 1, message }],
});

/** `built`: what the lesson's files became; undefined where an attachment is booted in their place. */
export function bootProgram(lesson: Lesson, built: Extract<BuildResult, { ok: true }> | undefined): BuildResult {
  if (built !== undefined && lesson.machine.boot === 'bare') return built;
  const kernel = built?.image ?? attachedKernel(lesson);
  if (typeof kernel === 'string') return failed(lesson.kernel ?? '', kernel);
  const { harts, ram, boot: kind } = lesson.machine;
  const initrd = lesson.initrd === undefined ? undefined : attachedBytes(lesson, lesson.initrd);
  const files: BootFiles = {
    kernel,
    ...(kind === 'firmware' && { firmware: firmwareOf(lesson.firmware) }),
    ...(initrd !== undefined && { initrd }),
    ...(lesson.append && { append: lesson.append }),
  };
  const placed = boot({ harts, ram }, files);
  if (!placed.ok) return failed(lesson.kernel ?? '', placed.message);
  return { ok: true, image: programFirst(placed.image, kernel), diagnostics: built?.diagnostics ?? [] };
}

/** Or why there is none. */
function attachedKernel(lesson: Lesson): Payload | string {
  const name = lesson.kernel ?? '';
  const bytes = attachedBytes(lesson, name);
  if (bytes === undefined) return `There is no file \`${name}\` to boot.`;
  const read = payloadOf(name, bytes);
  return read.ok ? read.payload : read.message;
}

const named = new WeakMap<FirmwareTexts, Image>();

function firmwareOf(texts: FirmwareTexts | undefined): Image {
  if (texts === undefined) throw new Error('a lesson that boots with firmware came without its texts');
  const known = named.get(texts);
  if (known !== undefined) return known;
  const image = firmwareImage(texts);
  const result = {
    ...image,
    symbols: image.symbols.map((each) =>
      each.file === undefined ? each : { ...each, file: inFirmwareFolder(each.file) },
    ),
    lines: image.lines.map((each) => ({ ...each, file: inFirmwareFolder(each.file) })),
  };
  named.set(texts, result);
  return result;
}

/** What else is known of the program stays known; a name that both have is the program's, as checks and views ask about that. */
function programFirst({ entry, segments, lines, symbols }: Image, kernel: Payload): Image {
  if (kernel instanceof Uint8Array) return { entry, segments, lines, symbols };
  const own = new Set(kernel.symbols);
  return {
    ...kernel,
    entry,
    segments,
    lines,
    symbols: [...kernel.symbols, ...symbols.filter((each) => !own.has(each))],
  };
}
