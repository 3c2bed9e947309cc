/** C programs on the bare machine, stopped at a line that a comment marks, as a debugger finds them. */
import { type DebugInfo, type Frame, openDebug, type ReadMemory } from '../../src/engine/debug/debug.ts';
import type { Image } from '../../src/engine/image.ts';
import { createMachine, defaultBoard } from '../../src/engine/machine/machine.ts';
import type { Machine } from '../../src/engine/machine/types.ts';
import { build } from '../../src/engine/toolchain/build.ts';

const start = `
.globl _start
_start:
  .cfi_startproc
  .cfi_undefined ra
  la sp, stack_top
  li t0, 0x6000
  csrs mstatus, t0
  call main
1: j 1b
  .cfi_endproc
.globl memset
memset:
  mv t0, a0
1: beqz a2, 2f
  sb a1, 0(t0)
  addi t0, t0, 1
  addi a2, a2, -1
  j 1b
2: ret
.bss
.balign 16
.space 16384
stack_top:
`;

export interface Program {
  readonly image: Image;
  readonly debug: DebugInfo;
}

export function programOf(text: string, optimize = true): Program {
  const sources = [
    { name: 'start.s', text: start },
    { name: 'main.c', text },
  ];
  const built = build(sources, { optimize });
  if (!built.ok)
    throw new Error(built.diagnostics.map(({ file, line, message }) => `${file}:${line} ${message}`).join('\n'));
  return { image: built.image, debug: openDebug(built.image) };
}

const registersOf = (machine: Machine): { readonly pc: bigint; readonly registers: readonly bigint[] } => {
  const [hart] = machine.state().harts;
  if (hart === undefined) throw new Error('there is no hart');
  const unsigned = (value: bigint): bigint => BigInt.asUintN(64, value);
  return { pc: unsigned(hart.pc), registers: [...hart.registers, ...hart.floats].map(unsigned) };
};

export interface Stopped extends Program {
  readonly machine: Machine;
  readonly read: ReadMemory;
  /** As the stack is now. */
  frames(): readonly Frame[];
  pc(): bigint;
}

export async function begin(program: Program): Promise<Stopped> {
  const ram = 1 << 20;
  const machine = await createMachine({ ...defaultBoard, ram });
  machine.load(program.image);
  const read: ReadMemory = (address, size) => {
    const inside = address >= 0x8000_0000n && address + BigInt(size) <= 0x8000_0000n + BigInt(ram);
    return inside ? machine.readMemory(Number(address), size) : undefined;
  };
  const frames = (): readonly Frame[] => {
    const { pc, registers } = registersOf(machine);
    return program.debug.unwind(pc, registers, read);
  };
  return { ...program, machine, read, frames, pc: () => registersOf(machine).pc };
}

/** At the line that ends in `// here`, when it is reached for the `times`th time. */
export async function stopped(text: string, optimize = true, times = 1): Promise<Stopped> {
  const at = await begin(programOf(text, optimize));
  const line = text.split('\n').findIndex((each) => each.includes('// here')) + 1;
  at.machine.setBreakpoints(at.debug.addressesOf('main.c', line));
  for (let time = 0; time < times; time++) {
    const stop = at.machine.run(1_000_000);
    if (stop.kind !== 'breakpoint') throw new Error(`line ${line} is not reached: ${stop.kind}`);
  }
  return at;
}

/** Variables of the innermost frame, or one further out, by name. */
export function variablesOf({ debug, read, frames }: Stopped, level = 0): Record<string, string> {
  const frame = frames()[level];
  if (frame === undefined) return {};
  const target = { registers: frame.registers, read };
  return Object.fromEntries(debug.variables(frame, read).map(({ name, value }) => [name, debug.format(value, target)]));
}

/** What an expression is worth in the innermost frame, or what is wrong with it. */
export function evaluated({ debug, read, frames }: Stopped, text: string): string {
  const [frame] = frames();
  const result = debug.evaluate(text, frame, read);
  return result.ok ? debug.format(result.value, { registers: frame?.registers ?? [], read }) : result.message;
}
