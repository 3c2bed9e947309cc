/** S-mode programs under the firmware, for tests: what every call gave is kept, and read when the run is over. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findSymbol, type Image } from '../../src/engine/image.ts';
import { boot } from '../../src/engine/machine/boot/boot.ts';
import { createMachine, defaultBoard } from '../../src/engine/machine/machine.ts';
import type { Machine, Stop } from '../../src/engine/machine/types.ts';
import { build } from '../../src/engine/toolchain/build.ts';
import { type FirmwareTexts, firmwareFiles, firmwareImage } from '../../src/labs/firmware.ts';

const folder = fileURLToPath(new URL('../../content/guests/firmware', import.meta.url));

export const firmwareTexts = Object.fromEntries(
  firmwareFiles.map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
) as FirmwareTexts;

export const ids = {
  legacyTimer: 0,
  legacyPutchar: 1,
  legacyGetchar: 2,
  legacyShutdown: 8,
  base: 0x10,
  time: 0x54494d45,
  ipi: 0x735049,
  rfence: 0x52464e43,
  hsm: 0x48534d,
  srst: 0x53525354,
  dbcn: 0x4442434e,
} as const;

export const errors = {
  failed: -1n,
  notSupported: -2n,
  invalidParam: -3n,
  invalidAddress: -5n,
  alreadyAvailable: -6n,
} as const;

/** `sbi` calls and keeps a0 and a1; `keep` keeps a register. `end` ends the run with a pass. */
const prelude = `
        .macro  keep register
        sd      \\register, 0(s11)
        addi    s11, s11, 8
        .endm
        .macro  sbi extension, function
        li      a7, \\extension
        li      a6, \\function
        ecall
        keep    a0
        keep    a1
        .endm
        .macro  end
        li      t0, 0x100000
        li      t1, 0x5555
        sw      t1, 0(t0)
        .endm
        .text
        .globl  _start
_start: la      s11, kept
`;
const postlude = `
1:      j       1b
        .bss
        .balign 8
        .globl  kept
kept:   .space  4096
`;

export interface Ran {
  readonly stop: Stop;
  readonly console: string;
  /** What was kept, in order, signed. */
  readonly kept: readonly bigint[];
  readonly machine: Machine;
  readonly image: Image;
}

const defaultRam = 16 * 2 ** 20;
const budget = 2_000_000;

export function program(body: string): Image {
  const built = build([{ name: 'program.S', text: `${prelude}${body}${postlude}` }], { origin: 0x8020_0000n });
  if (!built.ok) throw new Error(built.diagnostics.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  return built.image;
}

/** Runs a program to its end; `input` is what the UART has received before, `ram` in bytes. */
export async function run(body: string, input = '', harts = 1, ram = defaultRam): Promise<Ran> {
  const kernel = program(body);
  const booted = boot({ harts, ram }, { firmware: firmwareImage(firmwareTexts), kernel });
  if (!booted.ok) throw new Error(booted.message);
  const machine = await createMachine({ ...defaultBoard, ram, harts });
  machine.load(booted.image);
  // The firmware resets the UART's queues: what is typed comes after that.
  machine.setBreakpoints([kernel.entry]);
  const entered = machine.run(budget);
  if (entered.kind !== 'breakpoint') return { stop: entered, console: '', kept: [], machine, image: kernel };
  machine.setBreakpoints([]);
  machine.input(new TextEncoder().encode(input));
  const stop = machine.run(budget);
  const console = new TextDecoder().decode(machine.output());
  return { stop, console, kept: keptBy(machine, kernel), machine, image: kernel };
}

function keptBy(machine: Machine, image: Image): bigint[] {
  const start = Number(findSymbol(image, 'kept')?.address ?? 0n);
  const end = Number(machine.state().harts[0]?.registers[27] ?? 0n);
  const bytes = machine.readMemory(start, Math.max(0, end - start)) ?? new Uint8Array();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / 8 }, (_, index) => view.getBigInt64(8 * index, true));
}
