/** Programs with the guest library, run on the machine: in M-mode alone, or in S-mode under the firmware. */
import { readLibraryTexts } from '../../src/cli/library-texts.ts';
import type { Image } from '../../src/engine/image.ts';
import { boot } from '../../src/engine/machine/boot/boot.ts';
import { createMachine, defaultBoard } from '../../src/engine/machine/machine.ts';
import { build } from '../../src/engine/toolchain/build.ts';
import { firmwareImage } from '../../src/labs/firmware.ts';
import { guestLibrary } from '../../src/labs/guest-library.ts';
import { firmwareTexts } from './supervisor.ts';

export const texts = readLibraryTexts();

export type Mode = 'm-mode' | 's-mode';

export interface Ran {
  /** Undefined if the program did not end by itself. */
  readonly exit: number | undefined;
  readonly console: string;
  readonly steps: number;
}

/** Throws the diagnostics, warnings among them, of what does not build. */
export function builtWithLibrary(text: string, mode: Mode = 'm-mode', optimize = true): Image {
  const sources = [
    { name: 'main.c', text },
    { name: `${mode}.ld`, text: texts[`${mode}.ld`] ?? '' },
  ];
  const result = build(sources, { library: guestLibrary(texts), optimize });
  const said = result.diagnostics.map(({ file, line, message }) => `${file}:${line}: ${message}`);
  if (!result.ok || said.length > 0) throw new Error(said.join('\n'));
  return result.image;
}

const ram = 16 << 20;

function started(image: Image, mode: Mode, harts: number): Image {
  if (mode === 'm-mode') return image;
  const booted = boot({ harts, ram }, { firmware: firmwareImage(firmwareTexts), kernel: image });
  if (!booted.ok) throw new Error(booted.message);
  return booted.image;
}

export interface RunOptions {
  readonly mode?: Mode;
  readonly harts?: number;
  readonly optimize?: boolean;
  readonly budget?: number;
}

export async function run(text: string, options: RunOptions = {}): Promise<Ran> {
  const { mode = 'm-mode', harts = 1, optimize = true, budget = 20_000_000 } = options;
  const image = started(builtWithLibrary(text, mode, optimize), mode, harts);
  const machine = await createMachine({ ...defaultBoard, harts, ram });
  machine.load(image);
  const stop = machine.run(budget);
  const console = new TextDecoder().decode(machine.output());
  return { exit: stop.kind === 'exit' ? stop.code : undefined, console, steps: machine.position };
}
