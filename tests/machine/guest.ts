/** Guest programs for tests, in assembly: built, run to their end, and looked at by symbol. */
import { findSymbol, type Image } from '../../src/engine/image.ts';
import { createMachine, defaultBoard } from '../../src/engine/machine/machine.ts';
import type { BoardConfig, Machine, Stop } from '../../src/engine/machine/types.ts';
import { build } from '../../src/engine/toolchain/build.ts';

export interface Guest {
  readonly machine: Machine;
  readonly image: Image;
  readonly stop: Stop;
  /** The 64-bit word at a symbol, or `index` words behind it. */
  word(symbol: string, index?: number): bigint;
  csr(name: string): bigint;
}

export function assembled(text: string): Image {
  const built = build([{ name: 'guest.S', text }]);
  if (!built.ok) throw new Error(built.diagnostics.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  return built.image;
}

export async function runGuest(
  text: string,
  steps = 20_000,
  config: Partial<BoardConfig> = {},
  prepare: (machine: Machine) => void = () => {},
): Promise<Guest> {
  const image = assembled(text);
  const machine = await createMachine({ ...defaultBoard, ram: 2 ** 20, ...config });
  machine.load(image);
  prepare(machine);
  const stop = machine.run(steps);
  const word = (symbol: string, index = 0): bigint => {
    const bytes = machine.readMemory(Number(findSymbol(image, symbol)?.address ?? 0n) + 8 * index, 8);
    if (bytes === undefined) throw new Error(`'${symbol}' does not lie in RAM`);
    return new DataView(bytes.buffer).getBigUint64(0, true);
  };
  return { machine, image, stop, word, csr: (name) => machine.state().harts[0]?.csrs[name] ?? 0n };
}

export type GuestMode = 'U' | 'S' | 'VU' | 'VS';

/**
 * A program that opens memory to all modes, does `before` in M-mode, and enters `mode` at `body`. The first trap into
 * M-mode ends it: its CSRs stay to be looked at.
 */
export const inMode = (mode: GuestMode, body: string, before = ''): string => `
        .globl _start
_start: la      t0, ended
        csrw    mtvec, t0
        li      t0, -1
        csrw    pmpaddr0, t0
        li      t0, 0x1f
        csrw    pmpcfg0, t0
        ${before}
        li      t0, ${mode.startsWith('V') ? 1 : 0} << 39 | ${mode.endsWith('S') ? 1 : 0} << 11
        csrs    mstatus, t0
        la      t0, body
        csrw    mepc, t0
        li      t0, 0
        mret
        .balign 4
body:   ${body}
spin:   j       spin
        .balign 4
ended:  li      t5, 0x100000
        li      t6, 0x5555
        sw      t6, 0(t5)
        j       ended
        .balign 8
result: .dword  0, 0, 0, 0
`;
