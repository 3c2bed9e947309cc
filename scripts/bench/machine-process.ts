/** Runs programs on our machine, in a process of its own: `Child` starts it. */
import { readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { createMachine, defaultBoard } from '../../src/engine/machine/machine.ts';
import type { Machine } from '../../src/engine/machine/types.ts';
import { readElf } from '../../src/engine/toolchain/elf.ts';
import { answerQuestions } from './child.ts';

export interface MachineQuestion {
  /** Path of an ELF file. */
  readonly elf: string;
  /** Bytes. */
  readonly ram: number;
}

export interface MachineAnswer {
  /** Wall-clock time of the run, and of making the machine, loading and running. */
  readonly seconds: number;
  readonly wholeSeconds: number;
  readonly steps: number;
  readonly output: string;
  /** The most memory that the process has taken so far. */
  readonly peakBytes: number;
}

/** Some milliseconds: the process listens between two slices, also for what is compiled in the background. */
const slice = 5_000_000;

async function runToEnd(machine: Machine): Promise<void> {
  for (;;) {
    const stop = machine.run(slice);
    if (stop.kind === 'exit' && stop.code === 0) return;
    if (stop.kind === 'exit') throw new Error(`the program ended with ${stop.code}`);
    if (stop.kind !== 'limit') throw new Error(`the machine stopped (${stop.kind})`);
    await setImmediate();
  }
}

async function runProgram({ elf, ram }: MachineQuestion): Promise<MachineAnswer> {
  const read = readElf(readFileSync(elf));
  if (!read.ok) throw new Error(read.message);
  const made = performance.now();
  const machine = await createMachine({ ...defaultBoard, ram });
  machine.load(read.image);
  const start = performance.now();
  await runToEnd(machine);
  const end = performance.now();
  return {
    seconds: (end - start) / 1000,
    wholeSeconds: (end - made) / 1000,
    steps: machine.position,
    output: new TextDecoder().decode(machine.output()).trim(),
    peakBytes: process.resourceUsage().maxRSS * 1024,
  };
}

answerQuestions(runProgram);
