/**
 * What compilers make of the programs in C: the instructions that the machine executes for a unit of work. They are the
 * same in every run, so that two runs are enough; what starting takes cancels out.
 */
import { setImmediate } from 'node:timers/promises';
import type { Image } from '../../src/engine/image.ts';
import { createMachine, defaultBoard } from '../../src/engine/machine/machine.ts';
import { compileGuest, type GuestCompiler, missingGuestCompiler, withAmount } from './guests.ts';
import type { ProgramLine } from './lines.ts';
import { guestRam } from './qemu.ts';

export interface CodeResult {
  readonly name: string;
  /** What the instructions are for. */
  readonly of: string;
  readonly instructions: ReadonlyMap<GuestCompiler, number>;
}

const compilers: readonly GuestCompiler[] = ['ours', 'gcc -O0', 'gcc -O1', 'gcc -O2'];
const amounts = { small: 2, large: 5 } as const;
const mostSteps = 2e9;
const slice = 5_000_000;

interface Count {
  readonly steps: number;
  readonly output: string;
}

async function count(image: Image, amount: number): Promise<Count> {
  const machine = await createMachine({ ...defaultBoard, ram: guestRam });
  machine.load(withAmount(image, amount));
  while (machine.position < mostSteps) {
    const stop = machine.run(slice);
    if (stop.kind === 'exit' && stop.code === 0) {
      return { steps: machine.position, output: new TextDecoder().decode(machine.output()).trim() };
    }
    if (stop.kind !== 'limit') throw new Error(`the machine stopped (${stop.kind})`);
    await setImmediate();
  }
  throw new Error('the program does not end');
}

/** `scratch`: where compilers may write. Throws an `Error` if not all come to the same result. */
export async function measureCode(line: ProgramLine, scratch: string): Promise<CodeResult> {
  const { name, of, each, program, defines = {} } = line;
  const available = compilers.filter((compiler) => compiler === 'ours' || missingGuestCompiler() === undefined);
  const instructions = new Map<GuestCompiler, number>();
  const outputs = new Set<string>();
  for (const compiler of available) {
    const image = compileGuest(program, defines, scratch, compiler);
    const small = await count(image, amounts.small);
    const large = await count(image, amounts.large);
    instructions.set(compiler, (large.steps - small.steps) / (amounts.large - amounts.small) / each);
    outputs.add(large.output);
  }
  if (outputs.size > 1) throw new Error(`the results differ: ${[...outputs].join(', ')}.`);
  return { name, of, instructions };
}
