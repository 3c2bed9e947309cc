/** What a machine takes beside time to run: memory, and the time until a small program has run. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeElf } from '../../src/engine/toolchain/elf.ts';
import { Child } from './child.ts';
import { assembleGuest } from './guests.ts';
import type { MachineAnswer, MachineQuestion } from './machine-process.ts';
import { guestRam } from './qemu.ts';
import type { Result } from './result.ts';

export const footprintNames = { memory: 'memory of a 128 MiB guest', start: 'start of a small program' } as const;

const mib = 2 ** 20;
const repeats = 3;

/** In a process that has run nothing before. */
async function runAlone(program: string, folder: string): Promise<MachineAnswer> {
  const elf = join(folder, `${program}.elf`);
  writeFileSync(elf, writeElf(assembleGuest(program)));
  const child = new Child<MachineQuestion, MachineAnswer>('./machine-process.ts');
  try {
    return await child.ask({ elf, ram: guestRam });
  } finally {
    child.close();
  }
}

/** The most that the whole process took, whose guest has stored to all of its RAM. */
export async function measureMemory(folder: string): Promise<Result> {
  const { peakBytes } = await runAlone('touch.S', folder);
  const { memory } = footprintNames;
  return { name: memory, unit: 'MiB', ours: peakBytes / mib, goal: { kind: 'most', value: 300 } };
}

/** After the modules are loaded: making the machine, loading the program, and running it to its end. */
export async function measureStart(folder: string): Promise<Result> {
  const times: number[] = [];
  for (let round = 0; round < repeats; round++) times.push((await runAlone('hello.S', folder)).wholeSeconds);
  const { start } = footprintNames;
  return { name: start, unit: 'ms', ours: Math.min(...times) * 1000, goal: { kind: 'most', value: 30 } };
}
